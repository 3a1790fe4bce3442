"""Models of the library that a packaged program leaves out, as empty modules.

To find a tokenizer's class by its name the library looks through the modules of all models that have one of that name, and
the first of them may be one that isn't there.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType

_MODELS = "transformers.models."


class _LeftOut(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Asked last, so that what is there comes from where it is."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        name = fullname.removeprefix(_MODELS)
        if name == fullname or "." in name:
            return None
        return importlib.machinery.ModuleSpec(fullname, self)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing in it."""


def give_empty_modules() -> None:
    """From now on. Once is enough."""
    if not any(isinstance(finder, _LeftOut) for finder in sys.meta_path):
        sys.meta_path.append(_LeftOut())
