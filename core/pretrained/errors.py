"""What goes wrong with pretrained models, as sentences. Imports no torch."""

from __future__ import annotations

from core.errors import ModelFileError


class PretrainedModelError(ModelFileError):
    """A pretrained model can't be used: its folder is incomplete, its kind is unknown, or it doesn't fit in here."""
