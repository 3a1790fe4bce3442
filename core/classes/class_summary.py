"""What a class question's file says of itself, read without its numbers and without torch."""

from __future__ import annotations

import json
from pathlib import Path

from core.classes.class_question import ClassSummary
from core.errors import ConfigError, ModelFileError
from core.files.model_info import read_header

FORMAT, VERSION = "spinvlm-classes", 1
SUFFIX = ".classes.safetensors"
"""Ending of the files."""


def read_summary(path: Path) -> ClassSummary:
    """Raises ModelFileError, which names the file and what is wrong with it."""
    metadata = read_header(path)
    if metadata.get("format") != FORMAT:
        raise ModelFileError(f"{path} is not a class question of SpinVLM.")
    try:
        newer = int(metadata["format_version"]) > VERSION
        summary = None if newer else ClassSummary.from_dict(json.loads(metadata["summary"]))
    except (ConfigError, KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ModelFileError(f"The class question {path} is damaged.") from error
    if summary is None:
        raise ModelFileError(f"{path} was made by a newer version of SpinVLM; please update.")
    return summary
