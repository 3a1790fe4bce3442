"""Which words an answer must not say next, on the starter model's own tokens."""

from __future__ import annotations

import pytest

from core.decoding.repeated_runs import RepeatedRuns
from core.files.bundled_models import starter_model_path
from core.files.checkpoint import load_model
from core.text.prompt import encode_answer
from core.text.tokenizer import Tokenizer


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return load_model(starter_model_path()).tokenizer


@pytest.fixture(scope="module")
def runs(tokenizer: Tokenizer) -> RepeatedRuns:
    return RepeatedRuns(tokenizer)


def says(tokenizer: Tokenizer, runs: RepeatedRuns, text: str) -> bool:
    """Whether all of the text can be said, token by token."""
    tokens = encode_answer(tokenizer, text, max_tokens=60)
    return all(token not in runs.endings(tokens[:place]) for place, token in enumerate(tokens))


@pytest.mark.parametrize("text", [
    "a yellow sun sun", "a red and red and red sled", "a white and white dog", "dog and dog", "a man and a man", "a dog or a dog",
    "in the grass in the grass", "a red shirt and a red shirt", "red, red shirt",
])
def test_words_are_not_said_again_straight_after_themselves(tokenizer: Tokenizer, runs: RepeatedRuns, text: str) -> None:
    assert not says(tokenizer, runs, text)


@pytest.mark.parametrize("text", [
    "a man in a hat and a boy in a cap", "a black and white dog and a brown dog", "two people stand side by side",
    "a man and a woman and a child", "a red shirt and a red hat", "a bananana", "a boy and another boy",
    "a dog runs over a rock",
])
def test_words_may_come_again_later(tokenizer: Tokenizer, runs: RepeatedRuns, text: str) -> None:
    assert says(tokenizer, runs, text)


def test_nothing_is_forbidden_at_the_start(runs: RepeatedRuns) -> None:
    assert runs.endings([]) == []


def test_a_vocabulary_of_words_is_understood_too(tokenizer: Tokenizer) -> None:
    words = [tokenizer.token(token) for token in range(tokenizer.vocabulary_size) if tokenizer.is_special(token)]
    small = Tokenizer(kind="word", vocabulary=[*words, "a", "red", "and", "dog"])
    runs = RepeatedRuns(small)
    a, red, both, dog = (small.encode(word)[0] for word in ("a", "red", "and", "dog"))
    assert red in runs.endings([a, red])
    assert red in runs.endings([a, red, both])
    assert dog in runs.endings([a, dog, both, a])
    assert dog not in runs.endings([a, dog, both, red])
