"""Class questions on disk: a safetensors file each, whose metadata is all but the numbers that answer it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from core.certainty import CertaintyCurve
from core.classes.class_question import ClassHead, ClassQuestion
from core.classes.class_summary import FORMAT, VERSION, read_summary
from core.errors import ConfigError, ModelFileError
from core.files.atomic_file import write_bytes
from core.files.model_info import read_header

_ARRAYS = ("mean", "weights", "bias", "directions")


def write_class_question(path: Path, learnt: ClassQuestion) -> None:
    """Atomically. Raises OSError; a file that was there is as it was then."""
    head, curve = learnt.head, learnt.head.curve
    numbers = {
        "temperature": head.temperature, "least_fit": head.least_fit if np.isfinite(head.least_fit) else None,
        "curve": None if curve is None else curve.to_dict(),
    }
    metadata = {
        "format": FORMAT, "format_version": str(VERSION), "summary": json.dumps(learnt.summary.to_dict(), ensure_ascii=False),
        "head": json.dumps(numbers),
    }
    arrays = {name: np.ascontiguousarray(getattr(head, name), dtype=np.float32) for name in _ARRAYS}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, safetensors.numpy.save(arrays, metadata))


def read_class_question(path: Path) -> ClassQuestion:
    """Raises ModelFileError, which names the file and what is wrong with it."""
    summary = read_summary(path)
    try:
        numbers: dict[str, Any] = json.loads(read_header(path)["head"])
        arrays = safetensors.numpy.load_file(path)
        curve, least = numbers["curve"], numbers["least_fit"]
        head = ClassHead(
            **{name: arrays[name].astype(np.float32) for name in _ARRAYS}, temperature=float(numbers["temperature"]),
            least_fit=-np.inf if least is None else float(least),
            curve=None if curve is None else CertaintyCurve.from_dict(curve),
        )
        return ClassQuestion(summary, head)
    except (ConfigError, safetensors.SafetensorError, OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelFileError(f"The class question {path} is damaged.") from error
