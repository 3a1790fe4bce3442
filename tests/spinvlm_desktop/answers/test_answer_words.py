from __future__ import annotations

import numpy as np
import pytest

from core.answers import PatchToken
from spinvlm_desktop.answers.answer_words import answer_words


def token(index: int, text: str, *, mass: float = 0.5, gate: float = 1.0, probability: float = 0.5) -> PatchToken:
    whole = np.full((2, 2), mass, np.float32)
    gates = np.array([[1, 1], [1, gate]], np.float32)
    patches, class_token = np.zeros((2, 2, 14, 14), np.float32), np.zeros((2, 2), np.float32)
    return PatchToken(index, index, text, probability, whole, gates, patches, class_token)


def test_pieces_make_words_and_repeated_words_are_two() -> None:
    tokens = [token(i, text) for i, text in enumerate(["a", " do", "g", " and", " a", " dog", ",", ""])]
    words = answer_words(tokens)
    assert [word.text for word in words] == ["a", "dog", "and", "a", "dog,"]
    assert [word.index for word in words] == [0, 1, 2, 3, 4]
    assert [[t.index for t in word.tokens] for word in words] == [[0], [1, 2], [3], [4], [5, 6]]


def test_a_word_of_its_own_after_a_space_token() -> None:
    assert [word.text for word in answer_words([token(0, "two"), token(1, " "), token(2, "dogs")])] == ["two", "dogs"]


def test_numbers_of_a_word() -> None:
    (word,) = answer_words([token(0, "do", mass=0.1), token(1, "g", mass=0.1)])
    assert word.probability == pytest.approx(0.25)
    assert word.image_mass == pytest.approx(0.1)
    assert word.weakly_grounded


def grounded(*masses: float) -> str:
    """w for weakly grounded words, else a dot."""
    words = answer_words([token(i, f" word{i}", mass=mass) for i, mass in enumerate(masses)])
    return "".join("w" if word.weakly_grounded else "." for word in words)


def test_a_word_is_weakly_grounded_beside_the_others_of_its_answer() -> None:
    assert grounded(0.72, 0.98, 0.97, 0.96) == "w..."
    assert grounded(0.72, 0.75, 0.8, 0.78) == "....", "so much is usual in this answer"
    assert grounded(0.92, 1.0, 1.0) == "...", "8 % on the question is nothing to speak of"
    assert grounded(0.4, 0.7, 0.7) == "w..", "more than half is weak in any company"
    assert grounded(0.4) == "w"
    assert grounded(0.72) == ".", "a single word has no other to be measured by"


def test_suppressed_heads_do_not_ground_a_word() -> None:
    mixed = token(0, "dog", gate=0.0)
    mixed.image_mass[1, 1] = 0.0
    (word,) = answer_words([mixed])
    assert word.image_mass == pytest.approx(0.5)


def test_no_tokens_no_words() -> None:
    assert answer_words([]) == []
    assert answer_words([token(0, "")]) == []
