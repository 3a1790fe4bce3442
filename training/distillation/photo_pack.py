"""Photos and their captions as one small file, which can be carried to another computer, and in memory as pixels."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from core.errors import DataError
from core.files.atomic_file import atomic_write
from core.images.image_input import find_images, load_image


@dataclass(frozen=True)
class PhotoSet:
    """Photos in memory."""

    names: tuple[str, ...]
    captions: tuple[tuple[str, ...], ...]
    """Of each photo; empty where it has none."""
    pixels: Tensor
    """uint8 [N, 3, S, S]."""

    def __len__(self) -> int:
        return len(self.names)


def read_list(path: Path) -> frozenset[str]:
    """The photo names in a list file, one a line. Raises DataError."""
    try:
        return frozenset(path.read_text(encoding="utf-8").split())
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"The list {path} can't be read ({error}).") from error


def read_captions(paths: Iterable[Path]) -> dict[str, list[str]]:
    """Captions by photo name, from CSV files with the columns `image` and `caption`. Raises DataError."""
    captions: defaultdict[str, list[str]] = defaultdict(list)
    for path in paths:
        try:
            with path.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    captions[row["image"]].append(row["caption"])
        except (OSError, KeyError, UnicodeDecodeError) as error:
            raise DataError(f"{path} has no captions in the columns `image` and `caption` ({error}).") from error
    return captions


def pack_photos(
    folders: Sequence[Path],
    out: Path,
    *,
    size: int,
    quality: int,
    captions: dict[str, list[str]],
    only: frozenset[str] | None = None,
    leave_out: frozenset[str] = frozenset(),
) -> int:
    """Write the folders' photos as squashed WebP images of `size` pixels into one file; returns how many there are."""
    paths = sorted(
        path
        for folder in folders
        for path in find_images(folder)
        if path.name not in leave_out and (only is None or path.name in only)
    )
    if not paths:
        raise DataError("There are no photos to pack.")
    blobs = [_encoded(path, size=size, quality=quality) for path in paths]
    with atomic_write(out) as file:
        np.savez(
            file,
            images=np.frombuffer(b"".join(blobs), np.uint8),
            lengths=np.array([len(blob) for blob in blobs], np.int64),
            names=np.array([path.name for path in paths]),
            captions=np.array(["\n".join(captions.get(path.name, [])) for path in paths]),
        )
    return len(paths)


def _encoded(path: Path, *, size: int, quality: int) -> bytes:
    image = load_image(path)
    if image.size != (size, size):
        image = image.resize((size, size), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=quality)
    return buffer.getvalue()


def load_photos(path: Path, *, size: int = 224) -> PhotoSet:
    """Unpack a file of photos, at `size` pixels. Raises DataError."""
    try:
        with np.load(path) as stored:
            data, lengths = stored["images"], stored["lengths"]
            names, captions = stored["names"].tolist(), stored["captions"].tolist()
    except (OSError, KeyError, ValueError) as error:
        raise DataError(f"{path} is no pack of photos ({error}).") from error
    pixels = np.empty((len(names), size, size, 3), np.uint8)
    for number, (end, length) in enumerate(zip(np.cumsum(lengths), lengths, strict=True)):
        image = Image.open(io.BytesIO(data[end - length : end].tobytes())).convert("RGB")
        if image.size != (size, size):
            image = image.resize((size, size), Image.Resampling.BICUBIC)
        pixels[number] = np.asarray(image)
    return PhotoSet(
        names=tuple(names),
        captions=tuple(tuple(text.split("\n")) if text else () for text in captions),
        pixels=torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous(),
    )
