"""When memory runs out, and how much a process takes."""

from __future__ import annotations

import time

import psutil
import torch

_WORDS = (
    "out of memory", "not enough memory", "can't allocate memory", "cannot allocate memory", "could not create a primitive",
    "could not create a memory",
)
"""The last two are oneDNN's, which doesn't say why it got no memory."""
MEASURE_SECONDS = 1.0


def memory_ran_out(error: BaseException) -> bool:
    """Whether an error says so; on a CPU torch raises a plain RuntimeError."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _WORDS)


class MemoryMeter:
    """The process's resident memory, looked up at most once a second."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._looked = float("-inf")
        self._value = 0

    def mebibytes(self) -> int:
        now = time.monotonic()
        if now - self._looked >= MEASURE_SECONDS:
            self._looked, self._value = now, self._process.memory_info().rss // 2**20
        return self._value
