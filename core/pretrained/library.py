"""The transformers library, loaded when it is first needed and kept from the network.

It costs seconds to import, imports torchvision (whose compiled part may not fit this torch), and asks the hub for optional
files even of a local folder unless it is told to be offline.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from core.model import timm_import
from core.pretrained.errors import PretrainedModelError
from core.pretrained.left_out_models import give_empty_modules

ADVICE = "install it with `pip install spinvlm-desktop[pretrained]`"


def is_installed() -> bool:
    """Whether pretrained models can be used here at all. Imports nothing."""
    return importlib.util.find_spec("transformers") is not None


@functools.cache
def transformers() -> ModuleType:
    """The library. Raises PretrainedModelError where it isn't installed or can't be imported."""
    if not is_installed():
        raise PretrainedModelError(f"Pretrained models need the transformers library: {ADVICE}.")
    try:
        with warnings.catch_warnings(), _importing_offline():
            warnings.simplefilter("ignore")
            if importlib.util.find_spec("torchvision") is not None:
                timm_import.import_torchvision()
            library = importlib.import_module("transformers")
            if getattr(sys, "frozen", False):
                give_empty_modules()
    except Exception as error:  # whatever the many modules behind it raise at import
        raise PretrainedModelError(f"The transformers library can't be loaded here ({type(error).__name__}: {error}).") from error
    library.utils.logging.set_verbosity_error()
    library.utils.logging.disable_progress_bar()
    return library


@contextmanager
def _importing_offline() -> Iterator[None]:
    """The hub's client, imported inside, starts offline; the environment says afterwards what the user wanted."""
    before = os.environ.get("HF_HUB_OFFLINE")
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["HF_HUB_OFFLINE"]
        else:
            os.environ["HF_HUB_OFFLINE"] = before


def library_class(name: str) -> Any:
    """A class of the library by its name. Raises PretrainedModelError where this version has none."""
    found = getattr(transformers(), name, None)
    if found is None:
        version = transformers().__version__
        raise PretrainedModelError(f"The installed transformers library ({version}) doesn't know {name}: install a newer one.")
    return found


@contextmanager
def quiet_library() -> Iterator[None]:
    """Keeps the library's warnings about its own versions from the user's terminal."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def hub_client(*, offline: bool) -> Iterator[None]:
    """Whether the hub's client may use the network inside, whatever it was imported with."""
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = offline
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before
