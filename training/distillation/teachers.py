"""The convolutional networks that are learnt from: MobileNetV2 and EfficientNet-Lite2, trained on ImageNet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol, cast

import torch
from safetensors import safe_open
from torch import Tensor, nn
from torch.nn import functional

from core.compute_device import multiplies_bfloat16
from core.errors import ConfigError, ModelFileError
from core.files.efficientnet_names import is_of_efficientnet_package, timm_names
from core.files.tensor_file import read_safetensors
from core.model.timm_import import import_timm


class Teacher(Protocol):
    """What is asked of a network to be learnt from: its classes are linear in the mean of its feature map."""

    def __call__(self, pixels: Tensor) -> Tensor:
        """pixels: [B, 3, S, S], from 0 to 255. Returns the last feature map, [B, C, S / 32, S / 32]."""
        ...

    def classifier(self) -> tuple[Tensor, Tensor]:
        """Weight [K, C] and bias [K] that make class scores of the mean of a feature map."""
        ...

    def to(self, *args: Any, **kwargs: Any) -> Teacher:
        """nn.Module's."""
        ...


class MobileNetV2(nn.Module):
    """MobileNetV2 1.0, from a file of folded convolutions (w7, b7, ...) whose metadata lists them in order.

    The list, under "program": ["conv", source, target, stride, depthwise, relu6], ["add", one, other, target] and
    ["mean", source, target]; 0 is the photo.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        try:
            with safe_open(path, "pt") as file:
                self.program: list[list[Any]] = json.loads(file.metadata()["program"])
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise ModelFileError(f"{path} is no MobileNetV2 ({error}).") from error
        for name, tensor in read_safetensors(path).items():
            self.register_buffer(name, tensor.float())

    def forward(self, pixels: Tensor) -> Tensor:
        """The map before it is averaged: [B, 1280, S / 32, S / 32], from 0 to 6."""
        values: dict[int, Tensor] = {0: pixels / 127.5 - 1}
        for operation in self.program:
            if operation[0] == "conv":
                values[operation[2]] = self._convolve(values[operation[1]], operation)
            elif operation[0] == "add":
                values[operation[3]] = values[operation[1]] + values[operation[2]]
            else:
                return values[operation[1]]
        raise ModelFileError("The MobileNetV2 file has no averaging before its classes.")

    def _convolve(self, values: Tensor, operation: list[Any]) -> Tensor:
        _, _, target, stride, depthwise, relu6 = operation
        weight, bias = cast(Tensor, getattr(self, f"w{target}")), cast(Tensor, getattr(self, f"b{target}"))
        if weight.shape[-1] == 3:  # TensorFlow pads the far side only where it halves
            values = functional.pad(values, (0, 1, 0, 1) if stride == 2 else (1, 1, 1, 1))
        out = functional.conv2d(values, weight, bias, stride=stride, groups=len(weight) if depthwise else 1)
        return out.clamp(0, 6) if relu6 else out

    def classifier(self) -> tuple[Tensor, Tensor]:
        """Weight [1001, 1280] and bias [1001]; class 0 is "background"."""
        last = self.program[-1][2]
        return cast(Tensor, getattr(self, f"w{last}")).flatten(1), cast(Tensor, getattr(self, f"b{last}"))


class EfficientNetLite2(nn.Module):
    """EfficientNet-Lite2, with tensors named as by timm or as by its PyTorch package."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.net: Any = import_timm().create_model("tf_efficientnet_lite2", pretrained=False)
        weights = read_safetensors(path)
        try:
            self.net.load_state_dict(timm_names(weights, self.net) if is_of_efficientnet_package(weights) else weights)
        except (RuntimeError, KeyError, IndexError) as error:
            raise ModelFileError(f"{path} is no EfficientNet-Lite2.") from error

    def forward(self, pixels: Tensor) -> Tensor:
        """The map before it is averaged: [B, 1280, S / 32, S / 32], from 0 to 6."""
        return self.net.forward_features((pixels - 127) / 128)

    def classifier(self) -> tuple[Tensor, Tensor]:
        """Weight [1000, 1280] and bias [1000]."""
        return self.net.classifier.weight.detach(), self.net.classifier.bias.detach()


KINDS = {"mobilenet_v2": MobileNetV2, "efficientnet_lite2": EfficientNetLite2}


def load_teacher(kind: str, path: Path, *, device: torch.device) -> Teacher:
    """A network that only judges. Raises ConfigError and ModelFileError."""
    if kind not in KINDS:
        raise ConfigError(f"There is no teacher {kind!r}; there are {', '.join(KINDS)}.")
    teacher = KINDS[kind](path).eval().requires_grad_(False)
    return teacher.to(device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]


@torch.inference_mode()
def judge(teacher: Teacher, pixels: Tensor, *, side: int) -> Tensor:
    """The teacher's map of photos shown at `side` pixels.

    pixels: [B, 3, S, S], from 0 to 255. Returns float32 [B, C, side / 32, side / 32].
    """
    if pixels.shape[-1] != side:
        pixels = functional.interpolate(pixels, size=side, mode="bicubic", antialias=True).clamp(0, 255)
    with torch.autocast(pixels.device.type, torch.bfloat16, enabled=multiplies_bfloat16(pixels.device)):
        return teacher(pixels.contiguous(memory_format=torch.channels_last)).float()
