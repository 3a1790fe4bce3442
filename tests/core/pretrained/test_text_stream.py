"""Streaming: whole characters only, and together exactly what the tokenizer makes of all tokens."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.pretrained.prompt.text_stream import TextStream
from core.pretrained.tiny_models.tokenizers import byte_level, sentence_piece, wrapped

TEXTS = [
    "A red bus stands in front of a house.",
    "Two  spaces, a\nnew line\n\nand a tab\t.",
    "Ein Café in Zürich, naïve façade — “quoted”…",
    "猫がテーブルの上にいます。",
    "一只狗 and a cat",
    "A dog 🐶🐕‍🦺 and a family 👨‍👩‍👧‍👦!",
    "Ends with an emoji 🎉",
    "العربية و עברית",
    "e\u0301 combining",
    "",
]
BYTE_LEVEL = wrapped(byte_level(["<pad>", "<|im_end|>"]), start=None, end="<|im_end|>", template=None)
SENTENCE_PIECE = wrapped(sentence_piece(["<unk>", "<s>", "</s>", "<pad>"]), start="<s>", end="</s>", template=None)


def streamed(tokenizer: Any, ids: list[int]) -> list[str]:
    stream = TextStream(tokenizer)
    return [*(stream.push(token) for token in ids), stream.finish()]


@pytest.mark.parametrize("tokenizer", [BYTE_LEVEL, SENTENCE_PIECE], ids=["byte-level", "SentencePiece"])
@pytest.mark.parametrize("text", TEXTS)
def test_the_pieces_are_whole_characters_and_add_up(tokenizer: Any, text: str) -> None:
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    assert tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False) == text, "the test's tokenizer"
    pieces = streamed(tokenizer, ids)
    assert "".join(pieces) == text
    assert not any("\ufffd" in piece for piece in pieces)
    with_end = streamed(tokenizer, [*ids, tokenizer.eos_token_id])
    assert "".join(with_end) == text


@pytest.mark.parametrize("tokenizer", [BYTE_LEVEL, SENTENCE_PIECE], ids=["byte-level", "SentencePiece"])
@given(text=st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffd▁"), max_size=30))
@settings(max_examples=60)
def test_any_text_adds_up(tokenizer: Any, text: str) -> None:
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    whole = tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
    assert "".join(streamed(tokenizer, ids)) == whole


@pytest.mark.parametrize("tokenizer", [BYTE_LEVEL, SENTENCE_PIECE], ids=["byte-level", "SentencePiece"])
def test_a_character_that_is_cut_off_is_left_out(tokenizer: Any) -> None:
    ids = tokenizer("ok 🎉", add_special_tokens=False)["input_ids"]
    text = "".join(streamed(tokenizer, ids[:-1]))
    assert text.rstrip() == "ok"
    assert "\ufffd" not in text


def test_words_come_as_soon_as_they_are_there() -> None:
    ids = SENTENCE_PIECE("A red bus stands", add_special_tokens=False)["input_ids"]
    assert all(streamed(SENTENCE_PIECE, ids)[1 : len(ids)]), "after the space that a sentence begins with"
