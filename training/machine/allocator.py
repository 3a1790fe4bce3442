"""Keeps freed memory in the process, which makes training on a CPU markedly faster with glibc.

A training step frees and asks again for the same large blocks. glibc by default hands each back to the system and takes
page faults on the way in; tests/benchmarks compares both.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4  # malloc.h


def keep_freed_memory() -> bool:
    """Tell glibc to reuse large blocks. Returns whether this system's allocator took it; elsewhere it does nothing."""
    mallopt = _function("mallopt")
    return mallopt is not None and bool(mallopt(_M_MMAP_MAX, 0) and mallopt(_M_TRIM_THRESHOLD, 2**31 - 1))


def return_freed_memory() -> None:
    """Hand what is free back to the system after all: when memory has run out, what isn't allocated by malloc needs some too,
    such as the code that oneDNN generates."""
    if (trim := _function("malloc_trim")) is not None:
        trim(0)


def _function(name: str) -> Callable[..., int] | None:
    """One of glibc's functions, where there is glibc."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        return getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError):
        return None
