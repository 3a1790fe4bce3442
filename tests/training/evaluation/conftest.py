"""A model that answers in a moment, and says something else of every photo and under every setting of its heads."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from core.config import ModelConfig
from core.files.checkpoint import save_model
from core.model.vision_encoder import VisionEncoder
from core.model.vlm import VisionLanguageModel
from core.text.tokenizer import Tokenizer
from core.text.tokenizer_backend import SPECIAL_TOKENS
from tests.distinct_heads import make_heads_differ

WORDS = (
    "a", "an", "and", "ball", "blue", "boat", "box", "child", "dog", "floor", "in", "is", "man", "no", "on", "red", "the",
    "there", "two", "with", "woman", "yes", "?", ".",
)


@pytest.fixture(scope="session")
def talker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As many layers and heads as the starter model, random weights that are large enough for heads and photos to differ,
    answers of a few words that name things."""
    tokenizer = Tokenizer(kind="word", vocabulary=[*SPECIAL_TOKENS, *WORDS])
    with torch.random.fork_rng(devices=[]):
        torch.random.manual_seed(2)
        encoder = VisionEncoder("test_vit", image_size=32)
        model = VisionLanguageModel(ModelConfig(
            vocabulary_size=tokenizer.vocabulary_size, encoder_name="test_vit", image_size=32, encoder_width=encoder.width,
            patch_size=encoder.patch_size, width=32, layers=4, heads=8, feed_forward_width=64, max_answer_tokens=10,
        )).requires_grad_(False)
    make_heads_differ(model)
    path = tmp_path_factory.mktemp("talker") / "talker.safetensors"
    save_model(path, model.eval(), tokenizer, metrics={}, recipe={})
    return path
