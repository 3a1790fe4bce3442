"""Names of an EfficientNet's tensors: as its best-known PyTorch package (efficientnet-pytorch) has them -> timm's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from torch import Tensor

_OUTER = {"_conv_stem": "conv_stem", "_bn0": "bn1", "_conv_head": "conv_head", "_bn1": "bn2", "_fc": "classifier"}
_EXPANDING = {
    "_expand_conv": "conv_pw", "_bn0": "bn1", "_depthwise_conv": "conv_dw", "_bn1": "bn2", "_project_conv": "conv_pwl",
    "_bn2": "bn3",
}
_PLAIN = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"}


def is_of_efficientnet_package(weights: Mapping[str, Tensor]) -> bool:
    """Whether tensors have the package's names, all of which begin with an underscore."""
    return bool(weights) and all(name.startswith("_") for name in weights)


def timm_names(weights: Mapping[str, Tensor], net: Any) -> dict[str, Tensor]:
    """The tensors with the names of timm's network `net`. Raises KeyError or IndexError where they are of another one."""
    places = [(i, j) for i, stage in enumerate(net.blocks) for j in range(len(stage))]

    def renamed(name: str) -> str:
        match = re.fullmatch(r"_blocks\.(\d+)\.(\w+)\.(\w+)", name)
        if match is None:
            layer, _, kind = name.partition(".")
            return f"{_OUTER[layer]}.{kind}"
        i, j = places[int(match[1])]
        layers = _EXPANDING if hasattr(net.blocks[i][j], "conv_pwl") else _PLAIN
        return f"blocks.{i}.{j}.{layers[match[2]]}.{match[3]}"

    return {renamed(name): tensor for name, tensor in weights.items()}
