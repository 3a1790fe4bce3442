"""What can go wrong with the history, as one sentence."""

from __future__ import annotations

from core.errors import SpinVlmError


class HistoryError(SpinVlmError):
    """The history, or a file that was exported from one, can't be read or written."""
