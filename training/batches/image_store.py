"""Decoded photos and encoder features, cached on disk once and read as memory maps.

Each array is a .npy file beside a marker with the fingerprint of what it was made from. The marker is written last, so a
killed run leaves an array that is made again rather than a half-filled one that is used.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.decoding.image_contrast import distort
from core.errors import DataError, ImageError, TrainingError
from core.files.atomic_file import write_text
from core.images.image_input import load_image, squash
from core.model.interventions import ImageContrast
from core.model.vision_encoder import VisionEncoder
from training.data.captions import CaptionedImage

Progress = Callable[[int, int], None]
log = logging.getLogger(__name__)

DISK_RESERVE = 200 * 2**20
"""Bytes that stay free beside the caches, for checkpoints and the model."""


def usable_images(images: Sequence[CaptionedImage]) -> list[CaptionedImage]:
    """Photos that something is said of and whose file exists; what else is wrong with a file shows when it is decoded."""
    return [image for image in images if image.teaches and image.path.is_file()]


def read_photo(image: CaptionedImage, size: int) -> NDArray[np.uint8]:
    """The photo squashed to size x size: uint8 [size, size, 3]. Raises ImageError."""
    return squash(load_image(image.path, at_least=2 * size), size)


def store_pixels(
    images: Sequence[CaptionedImage], folder: Path, *, name: str, size: int, progress: Progress
) -> NDArray[np.uint8]:
    """All photos squashed to size x size: uint8 [N, size, size, 3], a read-only memory map.

    A photo that can't be decoded becomes grey and is logged; the data check names it in advance. Raises DataError where one is
    no longer there, or none can be decoded.
    """
    digest = hashlib.sha256(str(size).encode())
    for image in images:
        status = image.path.stat()
        digest.update(f"{image.path}|{status.st_size}|{status.st_mtime_ns}\n".encode())

    def fill(array: NDArray[Any]) -> None:
        damaged: list[ImageError] = []
        for index, image in enumerate(images):
            try:
                array[index] = read_photo(image, size)
            except ImageError as error:
                if not image.path.is_file():
                    raise DataError(f"The photo {image.path} is no longer there; connect its disk again, and resume.") from error
                log.warning("%s", error)
                damaged.append(error)
                array[index] = 127
            if index % 50 == 0:
                progress(index, len(images))
        progress(len(images), len(images))
        if damaged and len(damaged) == len(images):
            raise DataError(f"None of the photos can be read. The first: {damaged[0]}")

    return _cached_array(folder / f"{name}.npy", (len(images), size, size, 3), "uint8", digest.hexdigest(), fill)


def store_features(
    pixels: NDArray[np.uint8],
    encoder: VisionEncoder,
    folder: Path,
    *,
    name: str,
    mirrored: bool,
    device: torch.device,
    autocast: bool,
    progress: Progress,
    batch: int = 32,
) -> NDArray[np.float16]:
    """Encoder features of all photos: float16 [N, I, encoder width], a read-only memory map.

    mirrored: of the photos' mirror images instead.
    """
    digest = hashlib.sha256(f"{pixels.shape}{mirrored}{autocast}".encode())
    for key, value in encoder.state_dict().items():
        digest.update(key.encode() + value.detach().cpu().numpy().tobytes())
    digest.update(_fingerprint_of(Path(str(getattr(pixels, "filename", "")))).encode())
    tokens = 1 + (pixels.shape[1] // encoder.patch_size) ** 2

    def fill(array: NDArray[Any]) -> None:
        batches = encode_photos(
            encoder, pixels, mirrored=mirrored, device=device, autocast=autocast, progress=progress, batch=batch
        )
        for start, features in batches:
            array[start : start + batch] = features.float().cpu().numpy()

    return _cached_array(folder / f"{name}.npy", (len(pixels), tokens, encoder.width), "float16", digest.hexdigest(), fill)


@torch.inference_mode()
def encode_photos(
    encoder: VisionEncoder, pixels: NDArray[np.uint8], *, device: torch.device, autocast: bool, progress: Progress,
    mirrored: bool = False, distortion: ImageContrast | None = None, batch: int = 32,
) -> Iterator[tuple[int, Tensor]]:
    """Features of photos (uint8 [N, S, S, 3]) batch by batch: number of the first photo, and [B, I, encoder width].

    mirrored: of the photos' mirror images; distortion: of the photos under noise.
    """
    encoder.eval()
    for start in range(0, len(pixels), batch):
        rows = to_tensor(pixels[start : start + batch]).to(device)
        rows = rows.flip(2) if mirrored else rows
        seen = encoder.normalise(rows)
        seen = seen if distortion is None else distort(seen, distortion)
        with torch.autocast(device.type, torch.bfloat16, enabled=autocast):
            features = encoder(seen)
        yield start, features
        progress(min(start + batch, len(pixels)), len(pixels))


def to_tensor(rows: NDArray[Any]) -> Tensor:
    """A tensor of its own from rows of a read-only memory map."""
    return torch.from_numpy(np.array(rows))


def check_disk(folder: Path, needed: int) -> None:
    """Raises TrainingError unless `needed` bytes, and a reserve, are free where the folder lies."""
    free = shutil.disk_usage(folder).free
    if free < needed + DISK_RESERVE:
        raise TrainingError(
            f"The disk of {folder} has {free / 2**30:.1f} GB free and this run needs "
            f"{(needed + DISK_RESERVE) / 2**30:.1f} GB; free some space or choose another folder."
        )


def _marker(path: Path) -> Path:
    return path.with_suffix(".json")


def _fingerprint_of(path: Path) -> str:
    marker = _marker(path)
    if not marker.is_file():
        return ""
    try:
        return str(json.loads(marker.read_text(encoding="utf-8"))["fingerprint"])
    except (ValueError, KeyError):
        return ""


def _cached_array(
    path: Path, shape: tuple[int, ...], dtype: str, fingerprint: str, fill: Callable[[NDArray[Any]], None]
) -> NDArray[Any]:
    if not path.is_file() or _fingerprint_of(path) != fingerprint:
        path.parent.mkdir(parents=True, exist_ok=True)
        _marker(path).unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        check_disk(path.parent, int(np.prod(shape)) * np.dtype(dtype).itemsize)
        array = np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=shape)
        fill(array)
        array.flush()
        del array
        write_text(_marker(path), json.dumps({"fingerprint": fingerprint}))
    return np.load(path, mmap_mode="r")
