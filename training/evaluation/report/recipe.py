"""How a measurement was made: enough to make it again, and to know that two were made alike."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import torch

from core.config import GREEDY
from core.errors import DataError, reason_of
from core.model.interventions import Intervention
from training.data.captions import CaptionedImage
from training.evaluation.sweep.subject import PretrainedSubject, Subject
from training.questions.vqa_pairs import CAPTION_QUESTION

ANSWERS_DEPEND_ON = ("model", "photos", "data_sha256", "generation", "device", "precision", "torch", "timm")


def make_recipe(
    file: Subject, images: Sequence[CaptionedImage], settings: Mapping[str, Intervention | None], *, data: Path, split: str,
    seed: int, measures: Sequence[str], device: torch.device, precision: Mapping[str, str],
) -> dict[str, Any]:
    """Everything that the figures follow from, for JSON. Raises DataError where a photo can't be read.

    "model" is the SHA-256 of the model itself and not of its file: it stays the same when a calibration is written into it.
    Of a pretrained model it is the hub's commit.
    precision: see dev_set.used_precision; where heads are nearly tied, it decides which SPIN keeps.
    """
    sizes = file.shape if isinstance(file, PretrainedSubject) else file.config
    lexicon = files("training.language").joinpath("lexicon/objects.txt").read_bytes()
    return {
        "data": str(data.resolve()), "split": split, "seed": seed, "photos": [image.name for image in images],
        "data_sha256": data_hash(images), "model_file": str(file.path.resolve()), "model": file.content_hash,
        "layers": sizes.layers, "heads": sizes.heads,
        "measures": list(measures), "question": CAPTION_QUESTION, "generation": GREEDY.to_dict(),
        "settings": {name: None if applied is None else applied.to_dict() for name, applied in settings.items()},
        "lexicon_sha256": hashlib.sha256(lexicon).hexdigest(), "device": str(device), "precision": dict(precision),
        "program": _version("spinvlm-desktop"), "torch": str(torch.__version__), "timm": _version("timm"),
    }


def answers_depend_on(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a recipe that a model's answers follow from, whatever they are then measured by.

    A folder whose commit isn't known is told from others by its path.
    """
    names = ANSWERS_DEPEND_ON if recipe["model"] else (*ANSWERS_DEPEND_ON, "model_file")
    return {name: recipe[name] for name in names}


def data_hash(images: Sequence[CaptionedImage]) -> str:
    """Of the photos' bytes and captions, in order."""
    digest = hashlib.sha256()
    for image in images:
        digest.update(json.dumps([image.name, image.captions]).encode())
        try:
            digest.update(hashlib.sha256(image.path.read_bytes()).digest())
        except OSError as error:
            raise DataError(f"{image.path} can't be read: {reason_of(error)}.") from error
    return digest.hexdigest()


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""
