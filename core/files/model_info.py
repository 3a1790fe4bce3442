"""What a model file says of itself, read without its weights and without torch."""

from __future__ import annotations

import json
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from core.config import ModelConfig
from core.errors import ConfigError, ModelFileError

FORMAT_NAME = "spinvlm"
FORMAT_VERSION = 1
RUN_STEMS, RUN_SETTINGS = ("best", "vlm_spin_best_model"), "config.json"
"""Names of a run's model without their ending, and of a file that is in the folder of every run."""
PrecisionName = Literal["float16", "float32"]
ZIP_START = b"PK\x03\x04"
"""torch saves ZIP archives."""
_LONGEST_HEADER = 100_000_000
"""Bytes; the limit of the safetensors library."""


@dataclass(frozen=True)
class ModelInfo:
    """What a model file says of itself."""

    path: Path
    config: ModelConfig
    metrics: dict[str, Any]
    """Measured on the dev split after training."""
    recipe: dict[str, Any]
    """How it was trained."""
    calibration: dict[str, Any] | None
    """The SPIN setting that was best on held-out data, where it was measured."""
    created: str
    """UTC time in ISO 8601."""
    program_version: str
    """Of the program that wrote the file; empty where it didn't say."""
    tokenizer_json: str = field(repr=False)

    @property
    def name(self) -> str:
        """What the model is called."""
        return model_name(self.path)


def model_name(path: Path) -> str:
    """As its file is called; the model of a training run, which every run calls alike, as the run."""
    whole = path.absolute()
    return whole.parent.name if path.stem in RUN_STEMS and whole.with_name(RUN_SETTINGS).is_file() else path.stem


def first_bytes(path: Path) -> bytes:
    """The first eight bytes, which show what kind of file it is. Raises ModelFileError where there are none."""
    try:
        # Before it is opened: to open a pipe would wait for someone who writes.
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise ModelFileError(f"{path} is a folder, not a model file.")
        if not stat.S_ISREG(mode):
            raise ModelFileError(f"{path} is not a file.")
        with path.open("rb") as file:
            start = file.read(8)
    except FileNotFoundError:
        raise ModelFileError(f"There is no file {path}.") from None
    except OSError as error:
        raise ModelFileError(f"{path} can't be read: {error.strerror}.") from error
    except ValueError as error:  # a zero byte in the name
        raise ModelFileError(f"{str(path)!r} is not a file name.") from error
    if not start:
        raise ModelFileError(f"The file {path} is empty.")
    return start


def read_header(path: Path) -> dict[str, Any]:
    """Metadata of a safetensors file, {} where it has none. Only the header is read.

    Raises ModelFileError for any other file, and for one that doesn't have the length that its header states.
    """
    length = int.from_bytes(first_bytes(path), "little")
    try:
        size = path.stat().st_size
        if size < 10 or length > _LONGEST_HEADER:
            raise ValueError("no header")
        with path.open("rb") as file:
            file.seek(8)
            text = file.read(length)
        if not text.startswith(b"{"):
            raise ValueError("no header")
        if len(text) < length:
            raise ModelFileError(f"The file {path} is cut off: its end is missing.")
        tensors: dict[str, Any] = json.loads(text)
        metadata = tensors.pop("__metadata__", {})
        whole = 8 + length + max((int(tensor["data_offsets"][1]) for tensor in tensors.values()), default=0)
    except OSError as error:
        raise ModelFileError(f"{path} can't be read: {error.strerror}.") from error
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise ModelFileError(f"{path} is not a model file.") from error
    if size != whole:
        what = "cut off: its end is missing" if size < whole else "damaged: it goes on after its end"
        raise ModelFileError(f"The file {path} is {what}.")
    return cast(dict[str, Any], metadata) if isinstance(metadata, dict) else {}


def parse_metadata(path: Path, metadata: dict[str, Any]) -> ModelInfo:
    """What the metadata of a model file means. Raises ModelFileError, which names the file and what is wrong."""
    if metadata.get("format") != FORMAT_NAME:
        raise ModelFileError(f"{path} is not a model of SpinVLM.")
    if not all(isinstance(value, str) for value in metadata.values()):
        raise ModelFileError(f"The model file {path} is damaged: its description is not text.")
    if _version(path, metadata) > FORMAT_VERSION:
        raise ModelFileError(f"{path} was made by a newer version of SpinVLM; please update.")
    for name in ("config", "tokenizer"):
        if name not in metadata:
            raise ModelFileError(f"The model file {path} is damaged: it holds no {name}.")
    try:
        config = ModelConfig.from_dict(_json(path, metadata, "config") or {})
    except ConfigError as error:
        raise ModelFileError(f"The model file {path} is damaged: {error}.") from error
    return ModelInfo(
        path=path,
        config=config,
        metrics=_json(path, metadata, "metrics") or {},
        recipe=_json(path, metadata, "recipe") or {},
        calibration=_json(path, metadata, "calibration"),
        created=metadata.get("created", ""),
        program_version=metadata.get("program_version", ""),
        tokenizer_json=metadata["tokenizer"],
    )


def _version(path: Path, metadata: dict[str, Any]) -> int:
    try:
        return int(metadata["format_version"])
    except (KeyError, ValueError):
        raise ModelFileError(f"The model file {path} is damaged: it doesn't state its format's version.") from None


def _json(path: Path, metadata: dict[str, Any], name: str) -> dict[str, Any] | None:
    """A JSON object of the metadata; None where it is missing or null."""
    try:
        value = json.loads(metadata.get(name, "null"))
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"The model file {path} is damaged: its {name} is not JSON.") from error
    if value is not None and not isinstance(value, dict):
        raise ModelFileError(f"The model file {path} is damaged: its {name} is not a JSON object.")
    return cast(dict[str, Any] | None, value)
