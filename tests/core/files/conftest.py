"""An encoder, and the weights of another."""

from __future__ import annotations

import pytest
from torch import Tensor

from core.model.vision_encoder import VisionEncoder
from tests.core.files.encoder_files import new_encoder


@pytest.fixture
def encoder() -> VisionEncoder:
    return new_encoder(1)


@pytest.fixture(scope="module")
def weights() -> dict[str, Tensor]:
    """Of another encoder, with timm's names."""
    return dict(new_encoder(2).vit.state_dict())
