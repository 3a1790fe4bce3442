"""Questions about photos as a part of a larger measurement: photos that are already looked at aren't looked at again."""

from __future__ import annotations

from collections.abc import Callable, Collection

import torch

from core.files.checkpoint import ModelFile
from training.batches.image_store import Progress
from training.evaluation.certainty.asked_photos import AskedPhotos
from training.evaluation.certainty.measuring import asking
from training.evaluation.people.asking import ASKING, people_questions
from training.evaluation.people_record import OTHER_PHOTOS
from training.evaluation.sweep.dev_set import DevSet, photo_features, read_photos
from training.evaluation.sweep.work_plan import LOOKING_MORE, READING_MORE, QuestionsWork
from training.run.training_config import PrecisionName


def questions_work(asked: AskedPhotos, measures: Collection[str]) -> QuestionsWork:
    """What it takes, for the plan of a measurement. measures: certainty, people or both are among them."""
    steps: list[tuple[str, int]] = []
    if "certainty" in measures:
        steps += [(asking(name), len(asked.questions)) for name in ("SPIN off", "SPIN on")]
    if "people" in measures:
        steps.append((ASKING, (OTHER_PHOTOS + 2) * len(people_questions(asked.images))))
    return QuestionsWork(len(asked.more_images), tuple(steps))


def asked_features(
    file: ModelFile, dev: DevSet, asked: AskedPhotos, *, precision: PrecisionName, device: torch.device,
    progress: Callable[[str], Progress],
) -> torch.Tensor:
    """What the encoder sees of all photos of `asked`: [N, I, encoder width]. dev: those that are looked at, the first of them."""
    if not asked.more_images:
        return dev.features
    pixels = read_photos(asked.more_images, file.config.image_size, progress=progress(READING_MORE))
    more = photo_features(file, pixels, precision=precision, device=device, progress=progress(LOOKING_MORE))
    return torch.cat([dev.features, more])
