"""timm, also where torchvision's compiled operators don't fit this torch.

timm imports torchvision, which at its own import describes its compiled operators to torch. Where torchvision's binary is
built for another torch (a CPU torch beside a CUDA torchvision, say) the operators aren't there and the import dies with
"operator torchvision::nms does not exist". Nothing of those operators is used here, so their schemas are enough.
"""

from __future__ import annotations

import functools
import importlib
import sys
from types import ModuleType
from typing import Any

_OPERATORS = ("nms", "qnms")


@functools.cache
def import_timm() -> ModuleType:
    """The timm package. Raises whatever importing it raises, other than the mismatch above."""
    try:
        return importlib.import_module("timm")
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
    _forget("torchvision", "timm")
    _define_operators()
    return importlib.import_module("timm")


def _forget(*packages: str) -> None:
    """Drop half-imported packages, so that they can be imported afresh."""
    for name in [name for name in sys.modules if name.split(".")[0] in packages]:
        del sys.modules[name]


@functools.cache
def _define_operators() -> Any:
    """The schemas of torchvision's missing operators; they last as long as the returned library, so it is kept."""
    import torch

    library = torch.library.Library("torchvision", "DEF")
    for name in _OPERATORS:
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return library
