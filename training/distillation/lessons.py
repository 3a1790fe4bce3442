"""What the teachers see in parts of the photos: judged once, kept in a folder, learnt from many times.

A lesson is a box of a photo and the teachers' shortened maps of it. Which box lesson i has follows from the seed and i
alone, so lessons are judged as they come to be needed, also by several runs after another, and are always the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save
from torch import Tensor

from core.errors import DataError
from core.files.atomic_file import write_bytes, write_text
from core.files.tensor_file import read_safetensors
from training.distillation.photo_pack import PhotoSet
from training.distillation.principal_components import STEPS, Components, find_components
from training.distillation.teachers import Teacher, judge
from training.distillation.views import WHOLE, cut_out, random_boxes

CHUNK = 64
"""Lessons that are judged at a time."""
SMALLEST_PART = 0.3
"""Of a photo's area, that the teachers are shown."""
SAMPLE = 512
"""Photos from which the principal components are found."""
VECTORS_PER_PHOTO = 48


@dataclass(frozen=True)
class LessonSettings:
    """What the content of the lessons follows from, besides photos and teachers."""

    teachers: tuple[str, ...]
    photos: int
    capacity: int
    """Lessons at most; the first ones are whole photos, one of each."""
    side: int = 320
    """Pixels of a photo, or a part of one, as the teachers see it; a map has a 32nd of it."""
    components: int = 192
    """Of each teacher's features."""
    seed: int = 0


class LessonBook:
    """The lessons of a folder; their maps lie in one file that is mapped into memory."""

    def __init__(self, folder: Path, settings: LessonSettings, photos: PhotoSet, teachers: dict[str, Teacher],
                 *, device: torch.device) -> None:
        """Opens the folder's lessons, or begins them. Raises DataError where they were made with other settings."""
        if len(photos) != settings.photos or tuple(teachers) != settings.teachers:
            raise DataError("The lessons' settings don't belong to these photos and teachers.")
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._settings, self._photos, self._teachers = folder, settings, photos, teachers
        self._device = device
        written = folder / "settings.json"
        if written.exists() and json.loads(written.read_text(encoding="utf-8")) != _plain(settings):
            raise DataError(f"The lessons in {folder} were made with other settings; use another folder.")
        self.components = self._load_components() if written.exists() else self._find_components()
        grid = settings.side // 32
        self._maps: Any = np.memmap(
            folder / "maps.int8", np.int8, "r+" if written.exists() else "w+",
            shape=(settings.capacity, settings.components * len(teachers), grid, grid),
        )
        write_text(written, json.dumps(_plain(settings), indent=2))
        self.boxes = torch.tensor([self._box(number) for number in range(settings.capacity)])
        """[capacity, 4]: the part of its photo that each lesson is about."""
        self.photo_of = torch.from_numpy(
            np.concatenate([np.random.default_rng((settings.seed, turn)).permutation(settings.photos)
                            for turn in range(-(-settings.capacity // settings.photos))])[: settings.capacity]
        )
        """[capacity]: each lesson's photo. Every photo has its turn before one comes again."""

    def __len__(self) -> int:
        """Lessons that have been judged."""
        try:
            return json.loads((self._folder / "judged.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return 0

    @property
    def capacity(self) -> int:
        return self._settings.capacity

    def maps(self, numbers: Tensor) -> Tensor:
        """The maps of lessons [B] as whitened components: float32 [B, teachers * P, g, g], teacher after teacher."""
        kept = torch.from_numpy(self._maps[numbers.numpy()])
        return kept.to(self._device).float() / STEPS

    def judge_until(self, count: int, *, report: Callable[[int], None] | None = None) -> None:
        """Judge lessons until there are `count`, or as many as the folder holds at most."""
        start, count = len(self), min(count, self.capacity)
        for first in range(start, count, CHUNK):
            numbers = torch.arange(first, min(first + CHUNK, self.capacity))
            pixels = self._photos.pixels[self.photo_of[numbers]].to(self._device).float()
            seen = cut_out(pixels, self.boxes[numbers], self._settings.side)
            maps = torch.cat(
                [self.components[name].shorten(judge(teacher, seen, side=self._settings.side))
                 for name, teacher in self._teachers.items()], 1,
            )
            self._maps[first : first + len(numbers)] = (maps * STEPS).round().clamp(-127, 127).to(torch.int8).cpu().numpy()
            write_text(self._folder / "judged.json", str(first + len(numbers)))
            if report:
                report(first + len(numbers))

    def flush(self) -> None:
        """Have the maps outlast a crash of the computer; a crash of the program they outlast by themselves."""
        self._maps.flush()

    def _box(self, number: int) -> tuple[float, ...]:
        if number < self._settings.photos:
            return WHOLE
        generator = torch.Generator().manual_seed(self._settings.seed * self.capacity + number)
        return tuple(random_boxes(1, smallest=SMALLEST_PART, mirror=False, generator=generator)[0].tolist())

    def _find_components(self) -> dict[str, Components]:
        rng = np.random.default_rng(self._settings.seed)
        chosen = torch.from_numpy(rng.permutation(len(self._photos))[:SAMPLE])
        found: dict[str, Components] = {}
        for name, teacher in self._teachers.items():
            vectors: list[Tensor] = []
            for numbers in chosen.split(CHUNK // 2):
                pixels = self._photos.pixels[numbers].to(self._device).float()
                seen = judge(teacher, pixels, side=self._settings.side).flatten(2).cpu()  # [B, C, g * g]
                places = torch.from_numpy(rng.permutation(seen.shape[2])[:VECTORS_PER_PHOTO])
                vectors.append(seen[:, :, places].transpose(1, 2).flatten(0, 1))
            found[name] = find_components(torch.cat(vectors), self._settings.components)
        tensors = {f"{name}.{part}": getattr(it, part) for name, it in found.items() for part in _PARTS}
        write_bytes(self._folder / "components.safetensors", save(tensors))
        return found

    def _load_components(self) -> dict[str, Components]:
        tensors = read_safetensors(self._folder / "components.safetensors")
        return {
            name: Components(**{part: tensors[f"{name}.{part}"].clone() for part in _PARTS})
            for name in self._settings.teachers
        }


_PARTS = ("mean", "axes", "deviations")


def _plain(settings: LessonSettings) -> dict[str, Any]:
    """As JSON has it."""
    return {**asdict(settings), "teachers": list(settings.teachers)}
