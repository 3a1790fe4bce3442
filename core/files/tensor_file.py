"""Files of tensors, read without running what is in them: safetensors, and what torch.save wrote."""

from __future__ import annotations

import argparse
import pickle
import warnings
import zipfile
from pathlib import Path
from typing import IO, Any

import safetensors
import torch
from torch import Tensor

from core.errors import ModelFileError
from core.files.model_info import ZIP_START, first_bytes, read_header


def read_safetensors(path: Path) -> dict[str, Tensor]:
    """Tensors that still lie in the file: each is read when it is copied. Raises ModelFileError."""
    read_header(path)  # its errors say what is wrong with the file
    try:
        with safetensors.safe_open(path, "pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # no dict
    except (safetensors.SafetensorError, OSError, ValueError, TypeError, RuntimeError) as error:
        raise ModelFileError(f"The file {path} is damaged ({error}).") from error


def read_torch_file(path: Path) -> Any:
    """Content of a .pth file: tensors, numbers, text, lists and dicts.

    The tensors stay in the file until they are copied, where torch can leave them there.
    Raises ModelFileError for a file that isn't torch's, is damaged, or holds anything else.
    """
    archive = first_bytes(path).startswith(ZIP_START)
    if archive and not any(name.endswith("/data.pkl") for name in archive_names(path)):
        raise ModelFileError(f"{path} is a ZIP archive without a model in it.")
    # Given a path, torch goes by its suffix; given an open file it doesn't, but reads all of it.
    mapped = archive and path.suffix.lower() != ".safetensors"
    try:
        # timm's trainer puts its command line's options beside the weights.
        with torch.serialization.safe_globals([argparse.Namespace]), path.open("rb") as file, warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Detected pickle protocol")  # of no concern to who reads it
            return torch.load(path if mapped else file, map_location="cpu", weights_only=True, mmap=mapped)
    except pickle.UnpicklingError as error:
        # GLOBAL is torch's word for what is looked up by name.
        why = "it holds more than weights" if "GLOBAL" in str(error) else "it is damaged or holds more than weights"
        raise ModelFileError(f"{path} was not opened: {why}, and such a file can run code.") from error
    except Exception as error:  # a damaged file can make torch's reader raise anything
        raise ModelFileError(f"The file {path} is damaged.") from error


def write_torch_file(content: object, file: IO[bytes]) -> None:
    """torch.save, but the OSError of a full disk is raised as such: torch hides it behind another error."""
    try:
        torch.save(content, file)
    except RuntimeError as error:
        if isinstance(error.__context__, OSError):
            raise error.__context__ from None
        raise


def archive_names(path: Path) -> list[str]:
    """Names in a ZIP archive. Raises ModelFileError."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ModelFileError(f"The file {path} is damaged or cut off.") from error


def all_finite(tensor: Tensor) -> bool:
    """Whether no value is infinite or not a number; in one pass without a mask of the tensor's size."""
    if not tensor.numel():
        return True
    smallest, largest = torch.aminmax(tensor)
    return bool(torch.isfinite(smallest) and torch.isfinite(largest))
