"""Models of which only the shapes are wanted, since a file has their values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from core.model.compiler import without_compiler

_INITIAL = frozenset(("normal_", "uniform_", "trunc_normal_", "erfinv_", "clamp_"))
"""What initial values are drawn by, and what timm makes of its draws."""


@contextmanager
def without_values() -> Iterator[None]:
    """Modules that are built within lie on the meta device, and no initial values are drawn.

    Without values torch would still work out, in Python, of which type and shape they would be: as long as reading the file.
    """
    with torch.device("meta"), without_compiler(), _NothingDrawn():
        yield


class _NothingDrawn(TorchFunctionMode):
    def __torch_function__(
        self, func: Callable[..., Any], types: Sequence[type], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        if getattr(func, "__name__", "") in _INITIAL:
            tensor = args[0] if args else (kwargs or {})["tensor"]
            if tensor.is_meta:
                return tensor
        return func(*args, **(kwargs or {}))
