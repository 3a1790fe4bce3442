"""Which colors a description may name, on the starter model's own tokens."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from core.config import GenerationConfig
from core.decoding.doubtful_colours import DoubtfulColours
from core.decoding.token_choice import AnswerAlphabet, LogitFilter
from core.files.bundled_models import starter_model_path
from core.files.checkpoint import load_model
from core.text.prompt import encode_answer
from core.text.tokenizer import Tokenizer


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return load_model(starter_model_path()).tokenizer


def after_a(tokenizer: Tokenizer, word: str) -> int:
    """The token that says the word after "a"."""
    return encode_answer(tokenizer, f"a {word}", max_tokens=9)[1]


def likely(tokenizer: Tokenizer, **shares: float) -> Tensor:
    """Logits [1, V] of a next token: these words have these probabilities, all else next to nothing."""
    logits = torch.full((1, tokenizer.vocabulary_size), -30.0)
    for word, share in shares.items():
        logits[0, after_a(tokenizer, word)] = torch.tensor(share).log()
    return logits


@pytest.mark.parametrize(("shares", "left"), [
    ({"red": 0.24, "brown": 0.2, "gray": 0.16, "shirt": 0.4}, {"shirt"}),
    ({"red": 0.24, "brown": 0.1, "gray": 0.1, "shirt": 0.56}, {"red", "brown", "gray", "shirt"}),
    ({"blonde": 0.3, "brown": 0.3, "dog": 0.4}, {"dog"}),
    ({"red": 0.04, "brown": 0.01, "dog": 0.95}, {"red", "brown", "dog"}),
])
def test_a_color_is_named_only_where_it_is_likelier_than_all_others(
    tokenizer: Tokenizer, shares: dict[str, float], left: set[str]
) -> None:
    logits = likely(tokenizer, **shares)
    DoubtfulColours(tokenizer).forbid(logits)
    assert {word for word in shares if logits[0, after_a(tokenizer, word)].isfinite()} == left


def test_each_sequence_is_judged_alone(tokenizer: Tokenizer) -> None:
    doubtful, sure = likely(tokenizer, red=0.3, blue=0.3, hat=0.4), likely(tokenizer, red=0.6, blue=0.1, hat=0.3)
    both = torch.cat([doubtful, sure])
    DoubtfulColours(tokenizer).forbid(both)
    red = after_a(tokenizer, "red")
    assert both[:, red].isfinite().tolist() == [False, True]


def test_what_a_forbidden_color_had_goes_to_the_other_words(tokenizer: Tokenizer) -> None:
    choose = LogitFilter(
        GenerationConfig(), alphabet=AnswerAlphabet.of(tokenizer), vocabulary_size=tokenizer.vocabulary_size,
        device=torch.device("cpu"), colours=DoubtfulColours(tokenizer),
    )
    found = choose.log_probabilities(likely(tokenizer, red=0.3, blue=0.3, hat=0.4), [[]])
    assert float(found[0, after_a(tokenizer, "hat")].exp()) == pytest.approx(1.0, abs=1e-4)


def test_a_vocabulary_without_colors_is_left_alone(tokenizer: Tokenizer) -> None:
    words = [tokenizer.token(token) for token in range(tokenizer.vocabulary_size) if tokenizer.is_special(token)]
    small = Tokenizer(kind="word", vocabulary=[*words, "a", "dog"])
    logits = torch.zeros(1, small.vocabulary_size)
    DoubtfulColours(small).forbid(logits)
    assert (logits == 0).all()
