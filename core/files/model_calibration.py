"""Writes what was measured of a model's settings and certainty into its file, and changes nothing else of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import IO, Any

from core.calibrated_spin import SPIN
from core.certainty import CERTAINTY
from core.errors import ModelFileError, reason_of
from core.files.atomic_file import atomic_write
from core.files.checkpoint import read_model_info
from core.files.model_info import ZIP_START, first_bytes, parse_metadata, read_header
from core.files.tensor_file import read_torch_file, write_torch_file

_ALIGNMENT = 8
"""Bytes; where a safetensors file's tensors begin is a multiple of it."""


def write_calibration(path: Path, calibration: dict[str, Any]) -> None:
    """Replace what the model file says of its calibration: `spin` is the best setting as a dict, or None where off is best.

    Weights and all other metadata stay bit for bit, and the file is either the old one or the new one. Raises
    ModelFileError for what is no model file or can't be written.
    """
    text = json.dumps(calibration)
    try:
        if first_bytes(path).startswith(ZIP_START):
            _rewrite_torch_file(path, text)
        else:
            parse_metadata(path, read_header(path))
            _rewrite_safetensors(path, text)
    except OSError as error:
        raise ModelFileError(f"The calibration can't be written into {path}: {reason_of(error)}.") from error


def update_calibration(path: Path, measured: dict[str, Any]) -> None:
    """The same, but what was measured earlier and isn't now stays: the best setting of SPIN, or the certainty."""
    before = read_model_info(path).calibration or {}
    certainty = {name: value for name, value in before.items() if name == CERTAINTY}
    spin = {name: value for name, value in before.items() if name != CERTAINTY}
    write_calibration(path, {**(certainty if SPIN in measured else {**spin, **certainty}), **measured})


def _rewrite_safetensors(path: Path, text: str) -> None:
    """Source of the layout: the safetensors format, https://huggingface.co/docs/safetensors."""
    with path.open("rb") as old:
        header: dict[str, Any] = json.loads(old.read(int.from_bytes(old.read(8), "little")))
        header["__metadata__"]["calibration"] = text
        content = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
        content += b" " * (-len(content) % _ALIGNMENT)
        with atomic_write(path) as new:
            new.write(len(content).to_bytes(8, "little") + content)
            _copy_rest(old, new)
            old.close()  # Windows replaces no file that is open


def _copy_rest(old: IO[bytes], new: IO[bytes]) -> None:
    shutil.copyfileobj(old, new, 2**20)


def _rewrite_torch_file(path: Path, text: str) -> None:
    content = read_torch_file(path)
    if not isinstance(content, dict) or not isinstance(content.get("metadata"), dict):
        raise ModelFileError(f"{path} is not a model of SpinVLM.")
    parse_metadata(path, content["metadata"])
    metadata = {**content["metadata"], "calibration": text}
    weights = {name: tensor.clone() for name, tensor in content["weights"].items()}
    del content  # it still lies in the file, which Windows then wouldn't replace
    with atomic_write(path) as file:
        write_torch_file({"metadata": metadata, "weights": weights}, file)
