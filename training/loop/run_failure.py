"""What a run says when it fails."""

from __future__ import annotations

import errno
from pathlib import Path

from core.errors import SpinVlmError, TrainingError
from training.machine.distributed import another_process_ended
from training.machine.memory import memory_ran_out


def sentence_of(error: Exception, path: Path) -> SpinVlmError | None:
    """The error in words that help its user; None for one that no user can fix. path: the run's folder."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return TrainingError(f"The disk of {path} is full; free some space, and --resume. The last checkpoint is intact.")
    if memory_ran_out(error):
        return TrainingError("Memory ran out; the last checkpoint is intact. Close other programs, or choose a smaller model.")
    if another_process_ended(error):
        return TrainingError("Another process of this training ended; the last checkpoint is intact: --resume goes on.")
    return error if isinstance(error, SpinVlmError) else None


def unexpected(error: Exception) -> str:
    """Of an error that sentence_of doesn't know."""
    first_line = next(iter(str(error).strip().split("\n")))
    return f"Training stopped on an unexpected error ({type(error).__name__}: {first_line})."
