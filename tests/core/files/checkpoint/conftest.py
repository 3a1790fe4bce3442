"""A small model with its tokenizer, and the files it was saved in."""

from __future__ import annotations

import pytest
import torch

from core.config import ModelConfig
from core.files.checkpoint import save_model
from core.model.vlm import VisionLanguageModel
from core.text.tokenizer import Tokenizer
from tests.core.files.checkpoint.model_files import CALIBRATION, METRICS, RECIPE, SUFFIXES, Content, Saved


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    return Tokenizer.train_bpe(["a dog runs on the beach", "a dog and a child"], vocabulary_size=270)


@pytest.fixture(scope="session")
def small(tokenizer: Tokenizer) -> VisionLanguageModel:
    """Shared by all tests: none may change it."""
    config = ModelConfig(
        vocabulary_size=tokenizer.vocabulary_size, encoder_name="test_vit", encoder_width=64, image_size=32, width=16,
        layers=2, heads=2, feed_forward_width=32, max_question_tokens=8, max_answer_tokens=8,
    )
    with torch.random.fork_rng(devices=[]):
        torch.random.manual_seed(3)
        model = VisionLanguageModel(config)
    return model.requires_grad_(False).eval()


@pytest.fixture(scope="session")
def saved(small: VisionLanguageModel, tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Saved:
    saved = Saved(tmp_path_factory.mktemp("models"))
    for suffix in SUFFIXES:
        save_model(
            saved.path(suffix), small, tokenizer, metrics=METRICS, recipe=RECIPE, calibration=CALIBRATION,
        )
    return saved


@pytest.fixture(scope="session")
def content(saved: Saved) -> Content:
    """Metadata and weights of the saved file, to be changed in copies."""
    whole = torch.load(saved.path("pth"), weights_only=True)
    return whole["metadata"], whole["weights"]
