"""Files that torch.save wrote, read without running what is in them."""

from __future__ import annotations

import argparse
import pickle
import zipfile
from pathlib import Path
from typing import Any

import torch

from core.errors import ModelFileError


def read_torch_file(path: Path) -> Any:
    """Content of a .pth file: tensors, numbers, text, lists and dicts. The tensors stay in the file until they are used.

    Raises ModelFileError for a file that isn't torch's, is damaged, or holds anything else.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ModelFileError(f"The file {path} is damaged or cut off.") from error
    if not any(name.endswith("/data.pkl") for name in names):
        raise ModelFileError(f"{path} is a ZIP archive without a model in it.")
    try:
        # timm's trainer puts its command line's options beside the weights.
        with torch.serialization.safe_globals([argparse.Namespace]):
            return torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except pickle.UnpicklingError as error:
        if "GLOBAL" not in str(error):
            raise ModelFileError(f"The file {path} is damaged.") from error
        raise ModelFileError(
            f"{path} holds more than weights; it was not opened, because such a file can run code."
        ) from error
    except Exception as error:  # a damaged file can make torch's reader raise anything
        raise ModelFileError(f"The file {path} is damaged.") from error
