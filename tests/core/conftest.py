"""A tiny seeded model whose heads differ clearly, and features of three photos."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from core.config import ModelConfig
from core.decoding.token_choice import AnswerAlphabet
from core.model.vlm import VisionLanguageModel
from tests.distinct_heads import make_heads_differ

PAD, UNKNOWN, IMAGE, START, END = range(5)


@pytest.fixture(scope="session")
def alphabet() -> AnswerAlphabet:
    """Ids 0 to 4 of the tiny model's vocabulary are <pad>, <unk>, <image>, <start> and <end>."""
    return AnswerAlphabet(START, END, PAD, (PAD, UNKNOWN, IMAGE, START))


@pytest.fixture(scope="session")
def model() -> VisionLanguageModel:
    """Vocabulary 40, width 32, 3 layers, 4 heads, 5 image tokens. Shared by all tests: none may change it."""
    config = ModelConfig(
        vocabulary_size=40, image_size=32, width=32, layers=3, heads=4, feed_forward_width=64, max_question_tokens=12,
        max_answer_tokens=16,
    )
    with torch.random.fork_rng(devices=[]):
        torch.random.manual_seed(0)
        model = VisionLanguageModel(config).requires_grad_(False).eval()
    make_heads_differ(model)
    model.decoder.position.mul_(20)
    return model


@pytest.fixture(scope="session")
def features(model: VisionLanguageModel) -> Tensor:
    """Features of three different photos, [3, 5, 192]."""
    generator = torch.Generator()
    generator.manual_seed(7)
    pixels = torch.rand(3, 3, 32, 32, generator=generator) * 4 - 2
    with torch.inference_mode():
        return model.encode_image(pixels)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Tensors this small only lose by threads, most of all on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
