"""Files that torch saved, read without running what may be pickled in them."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import torch

from core.errors import ModelFileError

_TORCH_STARTS = (b"PK\x03\x04", b"\x80")
"""A ZIP archive, or the pickle that torch wrote before version 1.6."""


def load_plain(path: Path) -> Any:
    """Tensors, numbers, texts and their collections from a torch file, on the CPU.

    Raises ModelFileError where the file is damaged, or holds anything else: such a file could run code.
    """
    try:
        # An open file: torch would judge a path by its suffix.
        with path.open("rb") as file:
            start = file.read(4)
            file.seek(0)
            if not start.startswith(_TORCH_STARTS):
                raise ModelFileError(f"{path} is no file that torch saved.")
            return torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ModelFileError(f"{path} holds more than weights; it was not opened, because such a file can run code.") from error
    except ModelFileError:
        raise
    except Exception as error:  # torch raises many kinds on a damaged file
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise ModelFileError(f"The file {path} is damaged ({reason}).") from error
