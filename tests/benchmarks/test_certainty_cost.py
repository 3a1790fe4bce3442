"""What answering as the program does costs beside a plain answer: the starter model on photos that it hasn't seen, with the
records of all heads, as window and `ask` have it.

    python run.py test tests/benchmarks/test_certainty_cost.py -n 0 --benchmark-enable --benchmark-only --benchmark-group-by group
"""

from __future__ import annotations

import io
import itertools

import numpy as np
import pytest
from PIL import Image
from pytest_benchmark.fixture import BenchmarkFixture

from core.answers import Answer, AnswerRequest
from core.config import GREEDY, GenerationConfig
from core.session import ModelSession

NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def session() -> ModelSession:
    return ModelSession.load(device="cpu", threads=1, cache_images=1)


def new_photo() -> bytes:
    """Smooth blots, another one each time: the bytes of a JPEG of 500 x 375 pixels."""
    noise = np.random.default_rng(next(NUMBERS)).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).resize((500, 375), Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def timed(
    benchmark: BenchmarkFixture, session: ModelSession, question: str, generation: GenerationConfig, *, plain: bool
) -> Answer:
    def fresh() -> tuple[tuple[AnswerRequest], dict[str, object]]:
        return (AnswerRequest(new_photo(), question, generation=generation, free_form=plain),), {}

    return benchmark.pedantic(session.answer, setup=fresh, rounds=20, warmup_rounds=2)


@pytest.mark.parametrize(
    ("generation", "plain"), [(GREEDY, True), (GenerationConfig(), False), (GenerationConfig("beam"), True)],
    ids=["greedy", "as in the chat", "beam 4"],
)
@pytest.mark.benchmark(group="a description of a new photo")
def test_describe(benchmark: BenchmarkFixture, session: ModelSession, generation: GenerationConfig, plain: bool) -> None:
    answer = timed(benchmark, session, "Describe the image.", generation, plain=plain)
    assert (answer.certainty is None) == plain


@pytest.mark.parametrize("plain", [True, False], ids=["greedy, as typed", "as in the chat"])
@pytest.mark.parametrize("question", ["Is there a dog?", "How many people are there?", "What is the man doing?"])
@pytest.mark.benchmark(group="a short answer about a new photo")
def test_short_answer(benchmark: BenchmarkFixture, session: ModelSession, question: str, plain: bool) -> None:
    answer = timed(benchmark, session, question, GREEDY if plain else GenerationConfig(), plain=plain)
    assert (answer.certainty is None) == plain
