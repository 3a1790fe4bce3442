"""The certainty as a part of a larger measurement: photos that are already looked at aren't looked at again."""

from __future__ import annotations

from collections.abc import Callable

import torch

from core.config import SpinConfig
from core.files.checkpoint import ModelFile
from training.batches.image_store import Progress
from training.evaluation.certainty.asked_photos import AskedPhotos
from training.evaluation.certainty.measuring import CertaintyOutcome, asking, measure_certainty
from training.evaluation.sweep.dev_set import DevSet, photo_features, read_photos
from training.evaluation.sweep.work_plan import LOOKING_MORE, READING_MORE, CertaintyWork
from training.run.training_config import PrecisionName


def certainty_work(asked: AskedPhotos) -> CertaintyWork:
    """What it takes, for the plan of a measurement."""
    return CertaintyWork(len(asked.more_images), len(asked.questions), (asking("SPIN off"), asking("SPIN on")))


def certainty_of(
    file: ModelFile, dev: DevSet, asked: AskedPhotos, *, spin: SpinConfig | None, seed: int, precision: PrecisionName,
    device: torch.device, progress: Callable[[str], Progress],
) -> CertaintyOutcome | None:
    """dev: the photos that are looked at, with which those of `asked` begin; spin: the setting that the model answers with."""
    features = dev.features
    if asked.more_images:
        pixels = read_photos(asked.more_images, file.config.image_size, progress=progress(READING_MORE))
        more = photo_features(file, pixels, precision=precision, device=device, progress=progress(LOOKING_MORE))
        features = torch.cat([features, more])
    return measure_certainty(
        file, features, asked.questions, data=asked.data, spin=spin, seed=seed, progress=progress
    )

