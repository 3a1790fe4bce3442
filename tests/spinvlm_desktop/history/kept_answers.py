"""Answers to keep, and whether what was found again is the same."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.answers import Answer, Comparison, Divergence, PatchToken
from core.config import GenerationConfig, SpinConfig
from spinvlm_desktop.history.records import Conversation
from spinvlm_desktop.history.store import HistoryStore

SPIN = SpinConfig(keep=0.5, alpha=0.25)
GENERATION = GenerationConfig(method="sampling", seed=7)


def make_answer(text: str = "a dog on the beach", *, question: str = "What is this?", seed: int = 0) -> Answer:
    """An answer of one token a word; 2 layers, 3 heads, 4 x 4 patches."""
    random = np.random.default_rng(seed)
    tokens = tuple(
        PatchToken(
            index=index, token_id=10 + index, text=(" " if index else "") + word, probability=float(random.random()),
            image_mass=random.random((2, 3), dtype=np.float32), head_gate=random.integers(0, 2, (2, 3)).astype(np.float32),
            class_attention=random.random((2, 3), dtype=np.float32),
            patch_attention=random.random((2, 3, 4, 4), dtype=np.float32),
        )
        for index, word in enumerate(text.split())
    )
    return Answer(question=question, text=text, tokens=tokens, finish="end", log_probability=-1.5, seconds=0.25)


def make_comparison() -> Comparison:
    return Comparison(make_answer("a dog runs"), make_answer("a cat runs", seed=1), Divergence(1, " dog", 0.5, " cat", 0.25))


def assert_same(found: Answer | None, expected: Answer) -> None:
    """As far as it is kept: patches have 11 significant bits, numbers of exported files 6 digits after the point."""
    assert found is not None
    assert replace(found, tokens=()) == replace(expected, tokens=())
    assert [token.text for token in found.tokens] == [token.text for token in expected.tokens]
    for token, other in zip(found.tokens, expected.tokens, strict=True):
        assert (token.index, token.token_id) == (other.index, other.token_id)
        np.testing.assert_allclose(token.probability, other.probability, rtol=1e-5)
        for name in ("image_mass", "head_gate", "class_attention"):
            np.testing.assert_allclose(getattr(token, name), getattr(other, name), rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(token.patch_attention, other.patch_attention, rtol=1e-3)


def start(store: HistoryStore, photo: Path, title: str = "What is this?") -> Conversation:
    content_hash = hashlib.sha256(photo.read_bytes()).hexdigest()
    return store.add_conversation(photo, photo.name, content_hash=content_hash, title=title)


def add(store: HistoryStore, conversation: Conversation, question: str = "What is this?") -> int:
    return store.add_question(
        conversation.id, question, spin=SPIN, generation=GENERATION, model="starter", ablated=frozenset({(1, 2)})
    )
