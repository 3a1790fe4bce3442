"""A folder with a pretrained model, looked at without loading it: is it one that can be used, and how large is it?

Reads JSON and the headers of safetensors files only. Pickles and program code are never touched.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import reason_of
from core.pretrained.errors import PretrainedModelError
from core.pretrained.photo.known_families import KINDS, REFUSED

DTYPE_BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}
USABLE_DTYPES = frozenset(["F64", "F32", "F16", "BF16"])
"""Weights of other kinds are quantised and need program code of their own."""
LARGEST_HEADER = 100_000_000
PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.msgpack", "*.h5")


@dataclass(frozen=True)
class ModelFolder:
    """What a model's folder says about it."""

    path: Path
    model_type: str
    config: dict[str, Any]
    parameters: int
    weight_bytes: int
    stored_dtype: str
    """As safetensors calls it, of most parameters: BF16, F16 or F32."""
    revision: str | None
    """The hub's commit, where the folder came from there and that was written down."""
    repository: str | None = None
    """The model's name on the hub, where it was downloaded by this program."""

    @property
    def name(self) -> str:
        """The model's name for people: `org/model` where it came from the hub, else the folder's."""
        if self.repository is not None:
            return self.repository
        for part in (self.path, *self.path.parents):
            if part.name.startswith("models--"):
                return part.name.removeprefix("models--").replace("--", "/")
        return self.path.name


def inspect_folder(path: Path) -> ModelFolder:
    """Raises PretrainedModelError, with one sentence, where the folder holds no model that can be used."""
    if not path.is_dir():
        raise PretrainedModelError(f"There is no folder {path}.")
    config = read_json(path / "config.json", what="the model's config.json")
    model_type = config.get("model_type")
    if not isinstance(model_type, str):
        raise PretrainedModelError(f"The config.json in {path} doesn't say what kind of model this is.")
    check_kind(model_type, config)
    files = _weight_files(path)
    for name in ("tokenizer.json",):
        if not (path / name).is_file():
            raise PretrainedModelError(f"The model in {path} is incomplete: {name} is missing.")
    sizes: dict[str, int] = {}
    for file in files:
        for dtype, count in read_header(file).items():
            sizes[dtype] = sizes.get(dtype, 0) + count
    strange = sorted(set(sizes) - USABLE_DTYPES - {"I64", "I32", "BOOL"})
    if strange or "quantization_config" in config:
        raise PretrainedModelError(f"The model in {path.name} is quantised, and only unquantised ones can be used.")
    return ModelFolder(
        path=path,
        model_type=model_type,
        config=config,
        parameters=sum(sizes.values()),
        weight_bytes=sum(count * DTYPE_BYTES[dtype] for dtype, count in sizes.items()),
        stored_dtype=max(sizes, key=sizes.__getitem__, default="F32"),
        revision=path.name if path.parent.name == "snapshots" else _recorded(path, "revision"),
        repository=_recorded(path, "repository"),
    )


def check_kind(model_type: str, config: dict[str, Any]) -> None:
    """Raises PretrainedModelError where models of this kind can't be used."""
    if model_type in KINDS:
        return
    if model_type in REFUSED:
        raise PretrainedModelError(f"This model can't be used: {REFUSED[model_type]}.")
    if "auto_map" in config:
        raise PretrainedModelError(
            f'Models of the kind "{model_type}" need program code of their own, and this program runs none that comes '
            "with a model."
        )
    raise PretrainedModelError(
        f'Models of the kind "{model_type}" can\'t be used: where their image tokens lie on the photo isn\'t known.'
    )


def read_json(path: Path, *, what: str) -> dict[str, Any]:
    """Raises PretrainedModelError where the file is missing or isn't a JSON object."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise PretrainedModelError(f"There is no model in {path.parent}: {path.name} is missing.") from error
    except OSError as error:
        raise PretrainedModelError(f"{what[0].upper()}{what[1:]} can't be read: {reason_of(error)}.") from error
    except ValueError as error:
        raise PretrainedModelError(f"{what[0].upper()}{what[1:]} is damaged.") from error
    if not isinstance(found, dict):
        raise PretrainedModelError(f"{what[0].upper()}{what[1:]} is damaged.")
    return found


def read_header(path: Path) -> dict[str, int]:
    """How many parameters of each type a safetensors file has, from its header.

    Raises PretrainedModelError where the file is damaged or shorter than its header says.
    """
    try:
        with path.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            if length > LARGEST_HEADER:
                raise ValueError("header too long")
            header = json.loads(stream.read(length))
        counts: dict[str, int] = {}
        end = 0
        for name, tensor in header.items():
            if name != "__metadata__":
                first, last = tensor["data_offsets"]
                end = max(end, last)
                dtype = tensor["dtype"]
                counts[dtype] = counts.get(dtype, 0) + (last - first) // DTYPE_BYTES.get(dtype, 1)
        if path.stat().st_size != 8 + length + end:
            raise ValueError("cut off")
    except OSError as error:
        raise PretrainedModelError(f"{path.name} can't be read: {reason_of(error)}.") from error
    except (ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise PretrainedModelError(f"{path.name} is damaged or incomplete: get the model again.") from error
    return counts


def _weight_files(path: Path) -> tuple[Path, ...]:
    index = path / "model.safetensors.index.json"
    if index.is_file():
        named = read_json(index, what=f"the list of weights {index.name}").get("weight_map", {})
        files = tuple(path / name for name in sorted(set(named.values())) if Path(name).name == name)
        missing = [file.name for file in files if not file.is_file()]
        if missing or not files:
            raise PretrainedModelError(f"The model in {path} is incomplete: {', '.join(missing) or 'its weights'} missing.")
        return files
    single = path / "model.safetensors"
    if single.is_file():
        return (single,)
    if any(next(path.glob(pattern), None) for pattern in PICKLES):
        raise PretrainedModelError(
            f"The model in {path} has its weights in files that could run a program when they are read (pickles); only "
            "safetensors files are used."
        )
    raise PretrainedModelError(f"There is no model in {path}: it has no safetensors file.")


def _recorded(path: Path, name: str) -> str | None:
    """What was written down beside a download of our own. A folder of the hub's cache is named for its commit instead."""
    try:
        found = json.loads((path / "download.json").read_text("utf-8")).get(name)
    except (OSError, ValueError, AttributeError):
        return None
    return found if isinstance(found, str) else None
