"""Tiny random models of each family, saved and loaded once for all tests."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from core.pretrained.library import is_installed, quiet_library, transformers

if TYPE_CHECKING:
    from core.pretrained.loading.load import CheckedModel
    from core.pretrained.session import PretrainedSession

if is_installed():
    transformers()  # before anything else imports it: with torchvision's operators described, and offline
else:
    collect_ignore_glob = ["test_*.py"]

Folders = Callable[[str], Path]
Loaded = Callable[[str], "CheckedModel"]
Sessions = Callable[[str], "PretrainedSession"]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    """The folder of a family's tiny model. No test may change it."""
    root = tmp_path_factory.mktemp("tiny models")

    @functools.cache
    def made(name: str) -> Path:
        from core.pretrained.tiny_models.families import TINY

        with quiet_library():
            return TINY[name]().save(root / name)

    return made


@pytest.fixture(scope="session")
def loaded(folder: Folders) -> Loaded:
    """A family's tiny model, loaded through the program's own door."""

    from core.pretrained.loading.load import load_pretrained

    @functools.cache
    def load(name: str) -> CheckedModel:
        return load_pretrained(folder(name), device="cpu", precision="float32", threads=1)

    return load


@pytest.fixture(scope="session")
def session(loaded: Loaded) -> Sessions:
    from core.pretrained.session import PretrainedSession

    return functools.cache(lambda name: PretrainedSession(loaded(name)))


@pytest.fixture(scope="session")
def own(folder: Folders) -> Callable[[str, str], Any]:
    """The same model as the library alone loads it, by family and attention implementation."""

    @functools.cache
    def load(name: str, attention: str) -> Any:
        model = transformers().AutoModelForImageTextToText.from_pretrained(folder(name), local_files_only=True)
        if attention != "default":
            model.set_attn_implementation({"text_config": attention})
        return model.eval()

    return load


@pytest.fixture(scope="session")
def png() -> bytes:
    """A photo of 60 x 44 pixels, as a file."""
    from core.pretrained.tiny_models.families import photo

    buffer = io.BytesIO()
    photo().save(buffer, "PNG")
    return buffer.getvalue()
