"""One answer of 12 tokens: what caching, head suppression and attention paths cost."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture
from torch import Tensor

from core.config import GenerationConfig, SpinConfig
from core.decoding.generation import AnswerSettings, prepare_memory, stream_tokens
from core.decoding.token_choice import AnswerAlphabet
from core.model.attention import MemoryKeysValues
from core.model.head_settings import HeadSettings, LayerHeads
from core.model.vlm import VisionLanguageModel

TOKENS = 12
ALPHABET = AnswerAlphabet(start_id=3, end_id=1, pad_id=0, forbidden_ids=(0, 2, 3, 4))
"""With an end that the model never says, so that all answers are of one length."""
SPIN = SpinConfig(keep=4, alpha=0.08)


def photo_for(model: VisionLanguageModel) -> Tensor:
    return torch.randn(1, 3, model.config.image_size, model.config.image_size)


@pytest.fixture(scope="module")
def memory(model: VisionLanguageModel) -> Sequence[MemoryKeysValues]:
    with torch.inference_mode():
        features = model.encode_image(photo_for(model))
        return prepare_memory(model, features, [[list(range(5, 19))]], pad_id=0)


def answer(
    model: VisionLanguageModel, memory: Sequence[MemoryKeysValues], *, spin: SpinConfig | None, record: bool
) -> int:
    settings = AnswerSettings(ALPHABET, GenerationConfig(max_tokens=TOKENS), HeadSettings(spin, record=record))
    return len(list(stream_tokens(model, memory, settings)))


@pytest.mark.benchmark(group="encode one photo")
def test_encode(benchmark: BenchmarkFixture, model: VisionLanguageModel) -> None:
    pixels, config = photo_for(model), model.config
    with torch.inference_mode():
        assert benchmark(model.encode_image, pixels).shape == (1, config.image_tokens, config.encoder_width)


@pytest.mark.benchmark(group="answer of 12 tokens")
@pytest.mark.parametrize(
    ("spin", "record"),
    [(None, False), (None, True), (SPIN, False), (SPIN, True)],
    ids=["SPIN off", "SPIN off, records", "SPIN on", "SPIN on, records"],
)
def test_answer_with_cache(
    benchmark: BenchmarkFixture, model: VisionLanguageModel, memory: Sequence[MemoryKeysValues], spin: SpinConfig | None,
    record: bool,
) -> None:
    assert benchmark(answer, model, memory, spin=spin, record=record) == TOKENS


@pytest.mark.benchmark(group="answer of 12 tokens")
def test_answer_without_cache(
    benchmark: BenchmarkFixture, model: VisionLanguageModel, memory: Sequence[MemoryKeysValues]
) -> None:
    """Everything is computed again for every token, the memory's keys and values aside."""

    def recompute() -> int:
        ids = [ALPHABET.start_id]
        for _ in range(TOKENS):
            hidden = model.decode(torch.tensor([[ids]]), memory).hidden
            ids.append(int(model.logits(hidden[:, :, -1])[..., 5:].argmax()) + 5)
        return len(ids) - 1

    with torch.inference_mode():
        assert benchmark(recompute) == TOKENS


@pytest.mark.benchmark(group="one token's decoder step")
@pytest.mark.parametrize("fused", [False, True], ids=["explicit attention", "fused attention"])
def test_attention_path_of_one_token(
    benchmark: BenchmarkFixture, model: VisionLanguageModel, memory: Sequence[MemoryKeysValues], fused: bool
) -> None:
    tokens, heads = torch.tensor([[[ALPHABET.start_id]]]), LayerHeads(fused=fused)
    with torch.inference_mode():
        assert benchmark(model.decode, tokens, memory, heads=heads).hidden.shape == (1, 1, 1, model.config.width)
