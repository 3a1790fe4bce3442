"""timm, also where torchvision's compiled operators don't fit this torch.

timm imports torchvision, which at its own import describes its compiled operators to torch. Where torchvision's binary
is built for another torch (a CPU torch beside a CUDA torchvision, say) the operators aren't there and the import dies
with "operator torchvision::nms does not exist". Nothing of those operators is used here, so their schemas are enough.
"""

from __future__ import annotations

import functools
import importlib
import sys
import warnings
from types import ModuleType
from typing import TYPE_CHECKING

from core.model.compiler import without_compiler

if TYPE_CHECKING:
    import torch

_OPERATORS = ("nms", "qnms")
"""Those that torchvision describes to torch without looking whether they are there."""


@functools.cache
def import_timm() -> ModuleType:
    """The timm package. Raises whatever importing it raises, other than the mismatch above."""
    with warnings.catch_warnings():
        # The same mismatch keeps torchvision's image reader from loading. Images are read with pillow here.
        warnings.filterwarnings("ignore", message="Failed to load image Python extension")
        import_torchvision()
        with without_compiler():
            return importlib.import_module("timm")


def import_torchvision() -> None:
    """Make torchvision importable for libraries that only name it. Raises what importing it raises, other than the mismatch."""
    with without_compiler():
        try:
            importlib.import_module("torchvision")
        except RuntimeError as error:
            if "torchvision::" not in str(error):
                raise
            _forget("torchvision")
            _define_operators()
            importlib.import_module("torchvision")


def _forget(package: str) -> None:
    """Drop a half-imported package, so that it can be imported afresh."""
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        del sys.modules[name]


@functools.cache
def _define_operators() -> torch.library.Library:
    """The schemas of torchvision's missing operators; they last as long as the returned library, so it is kept."""
    import torch

    library = torch.library.Library("torchvision", "DEF")
    for name in _OPERATORS:
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return library
