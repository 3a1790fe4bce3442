"""Answers as exported files and the database hold them: what older versions wrote is still read."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.answers import Answer, CellToken, Comparison, Declining, Divergence, FinishReason, ModelOrigin, PatchToken
from core.photo_layout import tiled
from spinvlm_desktop.answers.answer_bytes import result_from_bytes, result_to_bytes
from spinvlm_desktop.answers.answer_codec import (
    answer_from_dict,
    answer_to_dict,
    comparison_from_dict,
    comparison_to_dict,
)
from spinvlm_desktop.answers.answer_fields import AnswerRecordError, heads_from_json

STORED = base64.b64decode(
    "U1ZBMXgBvZLbTsJAEIYn8QX03otN44FDT1SKh0TpW3hBCCl0hY3NFmlVDCHZR+EpvG7ii/AozpQtAkLilU0nzXy7/8z03z05ApgZoUzf+SQ17lhnZry88j"
    "QTicTMeByFGRMpE1nbMJmR8WlGOGTR1+eQyJOQIh0Ri7kcZiNicTLsjSdJP+yLWGQfuGg1bO+q6beub25xPeWDREbUzbUbBafSyTOXegIhIz6l5ZL3RIRp"
    "s8jLEajTdhfX9ucmmxmlvLEjL3ItX//AbgnPn3dRl47CMceeHRR5q7dbFP+TO4Mw2zaHy+iAM57tU7sNSzwC/22HnniPG5uOohOryfSBFLl2dN95NFo7z2"
    "FvyfRIvPHJkMsBOb99jv0w5bGQvFdewfUBrld+z07GjoX80ei/LODu9tVNxBs6nwOoewB4wC/GAmOJAe0VCzTLNTtuwymcq4qqBWZgBXbgAIMLqEJdmcpS"
    "tnIASKMwSLPEQA0wDGILzag+MReDWI5BjPYSC9pgwKWqqnpu5lZu5w6cQQVqYIIFNjjgbk/B3G90RQvv"
)
"""COMPARISON as the history database has it since its first version."""
TEXTS = st.text(max_size=8)
NUMBERS = st.floats(-1e6, 1e6)


def token(index: int, text: str, start: int) -> PatchToken:
    """All of its arrays and numbers differ: two layers' worth of heads would be mixed up by none of them."""
    mass, gate, of_class = (np.arange(first, first + 2, dtype=np.float32).reshape(1, 2) / 16 for first in
                            (start, start + 3, start + 6))
    patches = np.arange(8, dtype=np.float32).reshape(1, 2, 2, 2) / 64 + start / 256
    return PatchToken(index, 40 + index, text, 0.5 / (index + 1), mass, gate, patches, of_class)


BASELINE = Answer("What is it?", "a dög", (token(0, "a", 1), token(1, " dög", 2)), "length", -1.23456789, 0.123456)
SPIN = Answer(
    "What is it?", "a cat", (token(0, "a", 3), token(1, " cat", 4), token(2, "", 5)), "end", -2.5, 0.25
)
COMPARISON = Comparison(BASELINE, SPIN, Divergence(1, " dög", 0.25, " cat", 0.123456789))
LAYOUT = tiled(width=60, height=44, tile_rows=1, tile_columns=2, side=2, covered=0.9)
ORIGIN = ModelOrigin("transformers 5.24.0", "org/model", "0123456789abcdef", "bfloat16")


def of_pretrained(*texts: str, start: int = 1, heads: int = 5) -> Answer:
    """An answer of three layers, whose numbers all differ."""
    tokens = tuple(
        CellToken(
            index, 7 + index, text, 0.75 / (index + 1),
            np.arange(start, start + 3 * heads, dtype=np.float32).reshape(3, heads) / (64 + index),
            np.arange(start, start + 3 * heads, dtype=np.float32).reshape(3, heads) / (32 + index),
            (np.arange(36, dtype=np.float16).reshape(3, 12) + start + index) / 64,
        )
        for index, text in enumerate(texts)
    )
    return Answer(
        "What is it?", "".join(texts), tokens, "end", -2.25, 3.5, layout=LAYOUT, forgotten_turns=2, origin=ORIGIN, finer=True
    )


def same_cells(one: Answer, other: Answer, *, digits: int | None = None) -> None:
    for name in ("question", "text", "finish", "layout", "origin", "forgotten_turns", "finer"):
        assert getattr(one, name) == getattr(other, name)
    assert len(one.tokens) == len(other.tokens)
    for found, expected in zip(one.tokens, other.tokens, strict=True):
        assert isinstance(found, CellToken)
        assert isinstance(expected, CellToken)
        assert (found.index, found.token_id, found.text) == (expected.index, expected.token_id, expected.text)
        assert found.cell_attention.dtype == np.float16
        for name in ("image_mass", "head_gate", "cell_attention"):
            np.testing.assert_allclose(getattr(found, name), getattr(expected, name), atol=0 if digits is None else 10**-digits)


def same(one: Answer, other: Answer, *, digits: int | None = None) -> None:
    for name in ("question", "text", "finish"):
        assert getattr(one, name) == getattr(other, name)
    for name in ("log_probability", "seconds"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), abs=0 if digits is None else 10**-digits, rel=0)
    assert len(one.tokens) == len(other.tokens)
    for found, expected in zip(one.tokens, other.tokens, strict=True):
        assert (found.index, found.token_id, found.text) == (expected.index, expected.token_id, expected.text)
        for name in ("image_mass", "head_gate", "class_attention", "patch_attention"):
            assert getattr(found, name).dtype == np.float32
            np.testing.assert_allclose(getattr(found, name), getattr(expected, name), atol=1e-6)


def test_what_the_first_version_stored_is_read() -> None:
    found = result_from_bytes(STORED)
    assert isinstance(found, Comparison)
    same(found.baseline, BASELINE)
    same(found.spin, SPIN)
    assert found.divergence == COMPARISON.divergence


def test_an_exported_answer_has_the_names_that_readers_of_the_file_know() -> None:
    written = answer_to_dict(BASELINE, image=Path("p.jpg"))
    assert list(written) == [
        "image", "question", "answer", "finish", "log_probability", "seconds", "asked", "certainty", "is_sentence",
        "declined", "suggestions", "tokens",
    ]
    assert (written["answer"], written["log_probability"], written["seconds"]) == ("a dög", -1.234568, 0.1235)
    assert written["tokens"][1] == {
        "index": 1, "token_id": 41, "text": " dög", "probability": 0.25, "image_mass": [[0.125, 0.1875]],
        "head_gate": [[0.3125, 0.375]], "class_attention": [[0.5, 0.5625]],
        "patch_attention": [[[[0.007812, 0.023438], [0.039062, 0.054688]], [[0.070312, 0.085938], [0.101562, 0.117188]]]],
    }
    assert comparison_to_dict(COMPARISON)["divergence"] == {
        "index": 1, "baseline_text": " dög", "baseline_probability": 0.25, "spin_text": " cat", "spin_probability": 0.123457,
    }


def test_exported_answers_are_read_back_with_the_digits_that_were_written() -> None:
    through = json.loads(json.dumps(comparison_to_dict(COMPARISON)))
    found = comparison_from_dict(through)
    same(found.baseline, BASELINE, digits=4)
    same(found.spin, SPIN, digits=4)
    assert found.divergence is not None
    assert (found.divergence.index, found.divergence.spin_text) == (1, " cat")
    same(answer_from_dict(through["spin"]), SPIN, digits=4)


@given(TEXTS, TEXTS, st.sampled_from(["end", "length", "stopped"]), NUMBERS, NUMBERS)
def test_an_answer_without_tokens_survives_both_ways(
    question: str, text: str, finish: FinishReason, log_probability: float, seconds: float
) -> None:
    answer = Answer(question, text, (), finish, log_probability, seconds)
    assert result_from_bytes(result_to_bytes(answer)) == answer
    found = answer_from_dict(answer_to_dict(answer))
    assert (found.question, found.text, found.finish) == (question, text, finish)


def test_a_declined_answer_and_its_suggestions_survive_both_ways() -> None:
    declined = Declining("text", "I can't read.", ("What is in the photo?", "Who is there?"))
    answer = Answer("What does it say?", declined.sentence, (), "end", 0.0, 0.0, declined=declined)
    certain = replace(BASELINE, asked="What is this?", certainty=0.25, is_sentence=True)
    assert answer_to_dict(answer)["declined"] == "text"
    assert answer_to_dict(certain)["declined"] == ""
    for kept in (answer, certain):
        exported = json.loads(json.dumps(answer_to_dict(kept)))
        for found in (result_from_bytes(result_to_bytes(kept)), answer_from_dict(exported)):
            assert isinstance(found, Answer)
            assert (found.declined, found.certainty, found.asked) == (kept.declined, kept.certainty, kept.asked)
            assert found.is_sentence == kept.is_sentence


def test_what_an_earlier_version_exported_is_read() -> None:
    written = answer_to_dict(BASELINE)
    earlier = {name: written[name] for name in ("question", "answer", "finish", "log_probability", "seconds", "tokens")}
    found = answer_from_dict(earlier)
    same(found, BASELINE, digits=4)
    assert (found.declined, found.certainty, found.asked) == (None, None, "")


@pytest.mark.parametrize("wrong", [
    {"is_sentence": "no"}, {"certainty": 2}, {"certainty": "high"}, {"declined": 3}, {"declined": "text", "suggestions": [1]},
    {"declined": "text", "suggestions": None},
])
def test_a_damaged_record_of_certainty_or_declining_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(AnswerRecordError, match="damaged"):
        answer_from_dict({**answer_to_dict(BASELINE), **wrong})


def test_answers_that_part_nowhere_are_a_comparison_too() -> None:
    alike = Comparison(BASELINE, BASELINE, None)
    found = result_from_bytes(result_to_bytes(alike))
    assert isinstance(found, Comparison)
    assert found.divergence is None
    assert comparison_from_dict(comparison_to_dict(alike)).divergence is None


@pytest.mark.parametrize("content", [b"", b"SVA1", b"SVA2" + STORED[4:], STORED[:-9], STORED[:60]])
def test_damaged_bytes_are_refused_in_one_sentence(content: bytes) -> None:
    with pytest.raises(AnswerRecordError, match="damaged"):
        result_from_bytes(content)


@pytest.mark.parametrize(
    ("name", "value"),
    [("finish", "tired"), ("question", 3), ("log_probability", "nan"), ("seconds", None), ("tokens", [{}])],
)
def test_a_damaged_dict_is_refused_in_one_sentence(name: str, value: object) -> None:
    with pytest.raises(AnswerRecordError, match="damaged"):
        answer_from_dict({**answer_to_dict(BASELINE), name: value})


def test_tokens_whose_arrays_do_not_fit_each_other_are_refused() -> None:
    for name in ("image_mass", "head_gate", "class_attention", "patch_attention"):
        values = answer_to_dict(BASELINE)
        values["tokens"][0][name] = values["tokens"][0][name] * 2
        with pytest.raises(AnswerRecordError):
            answer_from_dict(values)


def test_heads_are_pairs_of_layer_and_head() -> None:
    assert heads_from_json([[0, 3], [2, 1], [0, 3]]) == frozenset({(0, 3), (2, 1)})
    for wrong in ([[1]], [[1, 2, 3]], ["x"], 5):
        with pytest.raises((ValueError, TypeError)):
            heads_from_json(wrong)


def test_a_pretrained_models_answer_keeps_its_maps_its_layout_and_its_origin_both_ways() -> None:
    answer = of_pretrained("A", " red", " bus")
    kept = result_from_bytes(result_to_bytes(answer))
    assert isinstance(kept, Answer)
    same_cells(kept, answer)
    same_cells(answer_from_dict(json.loads(json.dumps(answer_to_dict(answer)))), answer, digits=6)


def test_a_comparison_of_a_pretrained_models_answers_survives_both_ways() -> None:
    compared = Comparison(of_pretrained("A", " bus"), of_pretrained("A", " red", " bus", start=40), Divergence(
        1, " bus", 0.5, " red", 0.25,
    ))
    for found in (result_from_bytes(result_to_bytes(compared)), comparison_from_dict(comparison_to_dict(compared))):
        assert isinstance(found, Comparison)
        same_cells(found.baseline, compared.baseline, digits=6)
        same_cells(found.spin, compared.spin, digits=6)
        assert found.divergence == compared.divergence


def test_an_answer_that_was_stopped_before_the_photo_was_read_survives_both_ways() -> None:
    nowhere = replace(of_pretrained(), finish="stopped", layout=replace(LAYOUT, grids=(), width=0, height=0, image_tokens=0))
    same_cells(result_from_bytes(result_to_bytes(nowhere)), nowhere)  # type: ignore[arg-type]
    same_cells(answer_from_dict(answer_to_dict(nowhere)), nowhere)


@pytest.mark.parametrize("name", ["image_mass", "head_gate", "cell_attention"])
def test_cells_that_do_not_fit_the_layout_are_refused(name: str) -> None:
    values = answer_to_dict(of_pretrained("A", " bus"))
    values["tokens"][1][name] = [row[:-1] for row in values["tokens"][1][name]]
    with pytest.raises(AnswerRecordError, match="damaged"):
        answer_from_dict(values)


@pytest.mark.parametrize("wrong", [{"layout": 3}, {"layout": {}}, {"origin": "org/model"}, {"origin": {"engine": 3}}])
def test_a_damaged_layout_or_origin_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(AnswerRecordError, match="damaged"):
        answer_from_dict({**answer_to_dict(of_pretrained("A")), **wrong})
