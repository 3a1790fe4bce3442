"""The numbers were made with pycocoevalcap's Bleu, Rouge and Cider classes on the same words."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DataError
from training.evaluation.metrics.caption_metrics import bleu_score, caption_scores
from training.evaluation.metrics.cider import cider_d
from training.evaluation.metrics.rouge import rouge_l
from training.evaluation.metrics.text_tokens import caption_words

PINNED = json.loads((Path(__file__).parent / "pinned_captions.json").read_text(encoding="utf-8"))


def _references(name: str) -> list[list[str]]:
    return [caption_words(reference) for reference in PINNED["references"][name]]


@pytest.mark.parametrize("case", PINNED["cases"], ids=lambda case: case["name"])
def test_scores_agree_with_the_coco_caption_code(case: dict[str, dict[str, str]]) -> None:
    scores = caption_scores(case["candidates"], PINNED["references"]).to_dict()
    expected = case["scores"]
    for name, value in expected.items():
        assert scores[name] == pytest.approx(value, abs=1e-3), name


@pytest.mark.parametrize("case", PINNED["cases"], ids=lambda case: case["name"])
def test_scores_agree_where_there_is_one_reference_only(case: dict[str, dict[str, str]]) -> None:
    first = {name: references[:1] for name, references in PINNED["references"].items()}
    scores = caption_scores(case["candidates"], first).to_dict()
    for name, value in case["scores_with_one_reference"].items():
        assert scores[name] == pytest.approx(value, abs=1e-3), name


@pytest.mark.parametrize("number", [number for number, case in enumerate(PINNED["cases"]) if "cider_of_each" in case])
def test_cider_of_each_caption_agrees(number: int) -> None:
    case = PINNED["cases"][number]
    names = sorted(case["candidates"])
    found = cider_d([caption_words(case["candidates"][name]) for name in names], [_references(name) for name in names])
    assert found == pytest.approx(case["cider_of_each"], abs=1e-5)


def test_rouge_of_each_caption_agrees() -> None:
    case = next(case for case in PINNED["cases"] if "rouge_of_each" in case)
    names = sorted(case["candidates"])
    found = [rouge_l(caption_words(case["candidates"][name]), _references(name)) for name in names]
    assert found == pytest.approx(case["rouge_of_each"], abs=1e-5)


def test_rarity_of_words_comes_from_the_whole_split() -> None:
    case = PINNED["cases"][0]
    one = {"p03": case["candidates"]["p03"]}
    scores = caption_scores(one, PINNED["references"])
    assert scores.cider_d == pytest.approx(100 * case["cider_of_each"][2], abs=1e-3)
    alone = caption_scores(one, {"p03": PINNED["references"]["p03"]})
    assert alone.cider_d == 0.0  # in a split of one photo no word is rare


def test_short_captions_are_punished_whatever_the_number_of_references() -> None:
    wanted = [[["a", "dog", "runs"]], [["two", "girls", "on", "a", "bench"], ["girls", "sit", "on", "a", "long", "bench"]]]
    # 3 words against 3 + 5, all of them right: exp(1 - 8 / 3)
    assert bleu_score([["a", "dog"], ["bench"]], wanted, longest=1) == pytest.approx(100 * math.exp(1 - 8 / 3))


def test_mean_words_are_counted_without_punctuation() -> None:
    scores = caption_scores({"a": "a dog runs .", "b": ""}, {"a": ["a dog"], "b": ["a cat"]})
    assert scores.mean_words == 1.5


@pytest.mark.parametrize(
    ("caption", "words"),
    [
        ("A man's dog , running .", ["a", "man", "'s", "dog", "running"]),
        ("It doesn't \"fly\" -- really!", ["it", "does", "n't", "fly", "really"]),
        ("A t-shirt; 2 girls & a boy", ["a", "t-shirt", "2", "girls", "&", "a", "boy"]),
        ("...", []),
    ],
)
def test_words_are_the_coco_tokenizers(caption: str, words: list[str]) -> None:
    assert caption_words(caption) == words


@given(st.text())
def test_any_caption_has_words(caption: str) -> None:
    assert all(word and word == word.lower() for word in caption_words(caption.lower()))


def test_rouge_takes_the_best_precision_and_the_best_recall() -> None:
    assert rouge_l("a b c d".split(), ["a b c d".split()]) == pytest.approx(1.0)
    assert rouge_l("a b".split(), ["a x".split(), "b y z".split()]) == pytest.approx(0.5)
    assert rouge_l([], ["a".split()]) == rouge_l("a".split(), ["b".split()]) == 0.0


def test_a_caption_without_reference_is_refused() -> None:
    with pytest.raises(DataError, match="reference"):
        caption_scores({"a": "a dog"}, {"a": []})
    with pytest.raises(DataError):
        caption_scores({}, {})
