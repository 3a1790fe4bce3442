"""Where a vision encoder's initial weights come from: timm's download, a file, a model of the program's own, or chance."""

from __future__ import annotations

import copy
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import torch
from torch import Tensor, nn

from core.errors import ModelFileError
from core.files.bundled_models import bundled_models
from core.files.checkpoint import read_model_info
from core.files.efficientnet_names import is_of_efficientnet_package, timm_names
from core.files.encoder_download import Counted, download_encoder
from core.files.model_info import ZIP_START, first_bytes
from core.files.tensor_file import all_finite, archive_names, read_safetensors, read_torch_file
from core.model.timm_import import import_timm
from core.model.vision_encoder import VisionEncoder

SourceKind = Literal["pretrained", "bundled", "random", "file"]

_WRAPPERS = ("state_dict_ema", "state_dict", "model_ema", "model", "weights")
"""Names under which trainers put the weights, and under which a .pth of this program has them; averaged weights are
the better ones."""
_PREFIXES = ("module.", "encoder.vit.")
"""What torch's data parallel wrapper and this program's own model files put before timm's names."""
_OLD_TORCH_START = b"\x80\x02"
"""torch wrote plain pickles before 1.6."""


@dataclass(frozen=True)
class EncoderSource:
    """Where an encoder's weights came from."""

    kind: SourceKind
    name: str
    """The encoder, or the file's name."""

    def __str__(self) -> str:
        return {
            "pretrained": f"timm's pretrained {self.name}",
            "bundled": f"the {self.name} that comes with the program",
            "random": f"random initial weights of {self.name}",
            "file": f"the file {self.name}",
        }[self.kind]


def load_encoder_weights(
    encoder: VisionEncoder, source: str, *, progress: Callable[[str], None] | None = None, counted: Counted | None = None
) -> EncoderSource:
    """Load initial weights into the encoder; says where they came from.

    source: `pretrained` (timm's, downloaded unless they were before), `bundled` (of a model that comes with the program),
    `random` (left as they are), or the path of a file: timm's .pth, .safetensors or .npz, or a model file of this program.
    progress: called with a sentence that says what is downloaded; counted: with its megabytes so far, and in all. Raises
    DownloadError or ModelFileError; the encoder is unchanged then.
    """
    if source == "random":
        return EncoderSource("random", encoder.name)
    if source == "pretrained":
        _load_file(encoder, download_encoder(encoder.name, progress=progress, counted=counted))
        return EncoderSource("pretrained", encoder.name)
    if source == "bundled":
        _load_bundled(encoder)
        return EncoderSource("bundled", encoder.name)
    path = Path(source).expanduser()
    if not path.exists():
        raise ModelFileError(f"There is no encoder file {path}; give a file, or one of bundled, pretrained, random.")
    _load_file(encoder, path)
    return EncoderSource("file", path.name)


def _load_bundled(encoder: VisionEncoder) -> None:
    there = {read_model_info(model.path).config.encoder_name: model.path for model in reversed(bundled_models())}
    if encoder.name not in there:
        raise ModelFileError(
            f"No encoder that comes with the program is a {encoder.name} (there are: {', '.join(there) or 'none'}); give a file "
            "or use pretrained."
        )
    _load_file(encoder, there[encoder.name])


def _load_file(encoder: VisionEncoder, path: Path) -> None:
    """By what the file holds, whatever its name ends with."""
    start = first_bytes(path)
    if not encoder.gives_map and start.startswith(ZIP_START) and any(name.endswith(".npy") for name in archive_names(path)):
        weights = _read_npz(encoder, path)
    elif start.startswith((ZIP_START, _OLD_TORCH_START)):
        weights = _unwrapped(path, read_torch_file(path))
    else:
        weights = _unwrapped(path, read_safetensors(path))
    weights = _fitted(encoder, path, weights)
    # Copied, so that the encoder no longer needs the file.
    encoder.vit.load_state_dict(weights)


def _unwrapped(path: Path, content: Any) -> dict[str, Tensor]:
    """A state dict with timm's names in float32, out of the wrappings that trainers put around it."""
    while isinstance(content, dict):
        inner = next((content[name] for name in _WRAPPERS if isinstance(content.get(name), dict)), None)
        if inner is None:
            break
        content = inner
    if not isinstance(content, dict) or not content:
        raise ModelFileError(f"{path} holds no weights of an encoder.")
    weights = cast(dict[Any, Any], content)
    for prefix in _PREFIXES:
        if any(str(name).startswith(prefix) for name in weights):
            weights = {name[len(prefix) :]: value for name, value in weights.items() if str(name).startswith(prefix)}
    for name, value in weights.items():
        if not isinstance(name, str) or not _is_plain(value):
            raise ModelFileError(f"{path} holds something other than weights: {name!s:.60}.")
    return {name: value.detach().float() for name, value in weights.items()}


def _is_plain(value: object) -> bool:
    if type(value) not in (Tensor, nn.Parameter):
        return False
    tensor = cast(Tensor, value)
    return tensor.layout == torch.strided and tensor.device.type == "cpu" and not tensor.is_quantized


def _read_npz(encoder: VisionEncoder, path: Path) -> dict[str, Tensor]:
    """The layout of the original authors' files, by timm's own reader."""
    vit = copy.deepcopy(encoder.vit)
    deeper = f"encoderblock_{len(vit.blocks)}/"
    if any(deeper in name for name in archive_names(path)):
        raise ModelFileError(f"{path} doesn't fit {encoder.name}: it has more than {len(vit.blocks)} blocks.")
    try:
        vit.load_pretrained(str(path))
    except Exception as error:  # NumPy and timm raise many kinds on a file of another layout
        with warnings.catch_warnings():
            # timm leaves the file open then; its frames hold it.
            warnings.simplefilter("ignore", ResourceWarning)
            traceback.clear_frames(error.__traceback__)
        raise ModelFileError(f"{path} holds no weights that fit {encoder.name} ({_first_line(error)}).") from error
    return cast(dict[str, Tensor], vit.state_dict())


def _fitted(encoder: VisionEncoder, path: Path, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Weights (of another image size, with a classifier) as the encoder takes them. Raises ModelFileError."""
    try:
        if not encoder.gives_map:
            weights = import_timm().models.vision_transformer.checkpoint_filter_fn(weights, encoder.vit)
        elif is_of_efficientnet_package(weights):
            weights = timm_names(weights, encoder.vit)
    except Exception as error:  # timm fails in many ways on tensors of another model
        raise ModelFileError(f"{path} holds no weights that fit {encoder.name} ({_first_line(error)}).") from error
    expected = cast(dict[str, Tensor], encoder.vit.state_dict())
    # How many batches a norm has seen serves training its statistics only, and is too large for a float16.
    weights |= {name: torch.zeros_like(tensor) for name, tensor in expected.items() if name.endswith("num_batches_tracked")}
    for name, tensor in expected.items():
        if name not in weights:
            raise ModelFileError(f"{path} holds no weights of {encoder.name}: the tensor {name} is missing.")
        if weights[name].shape != tensor.shape:
            raise ModelFileError(
                f"{path} doesn't fit {encoder.name}: the tensor {name} has shape {list(weights[name].shape)} instead of "
                f"{list(tensor.shape)}."
            )
        if not all_finite(weights[name]):
            raise ModelFileError(f"{path} is damaged: the tensor {name} holds values that are not numbers.")
    for name in weights:
        if name not in expected and name.startswith("blocks."):  # a classifier may be left out, a block may not
            raise ModelFileError(f"{path} doesn't fit {encoder.name}: it has a tensor {name} too many.")
    return {name: weights[name] for name in expected}


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__
