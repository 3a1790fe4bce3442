"""Where a vision encoder's initial weights come from: timm's download, a file, the starter model, or chance."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, cast

from safetensors.torch import load_file
from torch import Tensor

from core.checkpoint import load_model, starter_model_path
from core.errors import DownloadError, ModelFileError
from core.plain_torch_file import load_plain
from core.timm_import import import_timm
from core.vision_encoder import VisionEncoder

log = logging.getLogger(__name__)


def load_encoder_weights(encoder: VisionEncoder, source: str) -> str:
    """Load initial weights into the encoder. Returns a line that says where they came from.

    source: `pretrained` (timm's, downloaded), `bundled` (the starter model's encoder), `random` (left as they are), or the
    path of a timm .pth, .safetensors or .npz file. Raises DownloadError or ModelFileError; the encoder is unchanged then.
    """
    if source == "random":
        return "random initial weights"
    if source == "pretrained":
        _load(encoder, _download(encoder.name), "timm's pretrained weights")
        return f"timm's pretrained {encoder.name}"
    if source == "bundled":
        return _load_bundled(encoder)
    path = Path(source)
    if not path.is_file():
        raise ModelFileError(f"There is no encoder file {path}; give a file, or one of bundled, pretrained, random.")
    if path.suffix == ".npz":
        _load_npz(encoder, path)
    else:
        _load(encoder, _read(path), str(path))
    return f"the file {path.name}"


def _load_bundled(encoder: VisionEncoder) -> str:
    starter = load_model(starter_model_path()).model.encoder
    if starter.name != encoder.name:
        raise ModelFileError(f"The bundled encoder is a {starter.name}, not a {encoder.name}; give a file or use pretrained.")
    encoder.load_state_dict(starter.state_dict())
    return "the starter model's encoder"


def _download(name: str) -> dict[str, Tensor]:
    timm = import_timm()
    log.warning("downloading the pretrained weights of %s (once; timm keeps them)", name)
    try:
        return timm.create_model(name, pretrained=True, num_classes=0).state_dict()
    except Exception as error:  # huggingface_hub, httpx and urllib all raise kinds of their own
        raise DownloadError(
            f"The pretrained weights of {name} could not be downloaded ({type(error).__name__}). Check the connection, give a "
            "file with --encoder FILE, or use --encoder bundled."
        ) from error


def _read(path: Path) -> dict[str, Tensor]:
    """A state dict from a .safetensors or torch file, out of the wrappings that trainers put around it."""
    if path.suffix == ".safetensors":
        try:
            content: Any = load_file(path)
        except Exception as error:  # safetensors raises several kinds on a damaged file
            raise ModelFileError(f"The encoder file {path} is damaged: {str(error).splitlines()[0]}") from error
    else:
        content = load_plain(path)
    for wrapper in ("state_dict", "model"):
        if isinstance(content, dict) and isinstance(content.get(wrapper), dict):
            content = content[wrapper]
    if not isinstance(content, dict) or not content or not all(isinstance(value, Tensor) for value in content.values()):
        raise ModelFileError(f"{path} holds no weights of a vision transformer.")
    return cast(dict[str, Tensor], content)


def _load_npz(encoder: VisionEncoder, path: Path) -> None:
    before = {name: tensor.clone() for name, tensor in encoder.state_dict().items()}
    try:
        encoder.vit.load_pretrained(str(path))
    except Exception as error:  # NumPy and timm raise many kinds on a file of another layout
        encoder.load_state_dict(before)
        raise ModelFileError(f"{path} holds no weights that fit {encoder.name}: {str(error).splitlines()[0]}") from error


def _load(encoder: VisionEncoder, weights: dict[str, Tensor], where: str) -> None:
    """Fit weights (other image size, fp16, with classifier) to the encoder; it is unchanged where they don't fit."""
    filter_weights = import_timm().models.vision_transformer.checkpoint_filter_fn
    try:
        weights = filter_weights({name: tensor.float() for name, tensor in weights.items()}, encoder.vit)
    except Exception as error:  # timm fails in many ways on tensors of another model
        raise ModelFileError(f"{where} don't fit {encoder.name}: {str(error).splitlines()[0]}") from error
    expected = cast(dict[str, Tensor], encoder.vit.state_dict())
    for name, tensor in expected.items():
        if name not in weights:
            raise ModelFileError(f"{where} holds no weights of {encoder.name}: the tensor {name} is missing.")
        if weights[name].shape != tensor.shape:
            raise ModelFileError(
                f"{where} doesn't fit {encoder.name}: the tensor {name} has shape {list(weights[name].shape)} instead of "
                f"{list(tensor.shape)}."
            )
    encoder.vit.load_state_dict({name: weights[name] for name in expected})
