"""Folders of tiny pretrained models of the real classes, for the window and the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.pretrained.library import is_installed, quiet_library, transformers


def saved(family: str, factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny random model of this family; the test is skipped where the library isn't installed."""
    if not is_installed():
        pytest.skip("transformers isn't installed")
    transformers()  # before anything else imports it: with torchvision's operators described, and offline
    from core.pretrained.tiny_models.families import TINY

    with quiet_library():
        return TINY[family]().save(factory.mktemp("pretrained") / family)
