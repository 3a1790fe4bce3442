"""Loads torch's base library before Qt's on Windows, where torch can't initialise it afterwards.

From torch 2.9 on `import torch` fails there when Qt came first (pytorch issue 169429). Nothing of torch is imported here.
"""

from __future__ import annotations

import ctypes
import importlib.util
import logging
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)
NAME = "c10.dll"


def load_before_qt(platform: str, *, load: Callable[[str], object] = ctypes.CDLL) -> None:
    """Does nothing elsewhere, or where torch isn't found. platform: as sys.platform has it."""
    if platform != "win32":
        return
    found = importlib.util.find_spec("torch")
    for place in [] if found is None else found.submodule_search_locations or []:
        library = Path(place) / "lib" / NAME
        if library.is_file():
            try:
                load(str(library))
            except OSError as error:  # the import of torch will say what is wrong
                log.warning("%s can't be loaded: %s", library, error)
            return
