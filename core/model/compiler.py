"""torch's compiler isn't used here, and importing it takes as long as importing torch."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

_NAME = "torch._dynamo"


@contextmanager
def without_compiler() -> Iterator[None]:
    """For what would import it only to mark a function as none of its business: timm, torchvision, torch on the meta device.

    A stand-in takes its place, unless it is imported already; afterwards it can be imported as ever.
    """
    if _NAME in sys.modules:
        yield
        return
    importlib.import_module("torch")  # what torch itself imports is the real one
    compiler, utils = ModuleType(_NAME), ModuleType(f"{_NAME}.utils")
    vars(compiler).update(disable=_unmarked, allow_in_graph=_unmarked)
    vars(utils).update(is_compile_supported=lambda _device: False)
    sys.modules.update({_NAME: compiler, utils.__name__: utils})
    try:
        yield
    finally:
        for stand_in in (compiler, utils):
            sys.modules.pop(stand_in.__name__, None)


def _unmarked(function: object = None, *_: object, **__: object) -> object:
    """What it is given; as a decorator with arguments, the decorator."""
    return _unmarked if function is None else function
