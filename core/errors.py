"""Errors whose message a user can act on. Imports no torch."""

from __future__ import annotations


class SpinVlmError(Exception):
    """Base of every error that users see as one sentence, without a stack trace."""


class ConfigError(SpinVlmError, ValueError):
    """A setting has a value that it can't have."""


class ImageError(SpinVlmError):
    """An image can't be used: missing, damaged, too large or not an image."""


class QuestionError(SpinVlmError):
    """A question can't be asked: empty or too long."""


class ModelFileError(SpinVlmError):
    """A model, encoder or vocabulary file can't be used."""


class DownloadError(SpinVlmError):
    """Something that the user asked to download could not be fetched."""


class DataError(SpinVlmError):
    """Training data can't be used."""


class TrainingError(SpinVlmError):
    """A training run can't start or can't go on; its last good checkpoint is intact."""


def reason_of(error: OSError) -> str:
    """Why the system refused something, as the end of a sentence: `no space left on device`."""
    return (error.strerror or str(error)).lower()
