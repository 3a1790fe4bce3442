from __future__ import annotations

import pytest

from training.evaluation.caption_metrics import caption_scores
from training.evaluation.report import EvaluationReport, report_markdown
from training.evaluation.vqa_metrics import answer_accuracy, normalised_answer, token_f1


@pytest.mark.parametrize(
    ("answer", "kind", "normalised"),
    [
        ("A red shirt.", "wearing", "red shirt"),
        ("Two", "count", "2"),
        ("2", "count", "2"),
        ("Yes, there is a dog.", "presence", "yes"),
        ("no", "presence", "no"),
        ("maybe", "presence", "maybe"),
        ("yes man", "who", "yes man"),
        ("t-shirt", "wearing", "t-shirt"),
        ("", "who", ""),
    ],
)
def test_answers_are_compared_after_normalisation(answer: str, kind: str, normalised: str) -> None:
    assert normalised_answer(answer, kind=kind) == normalised


def test_f1_counts_shared_words() -> None:
    assert token_f1(["red", "shirt"], ["red", "coat"]) == pytest.approx(0.5)
    assert token_f1(["a"], []) == 0.0
    assert token_f1([], []) == 1.0


def test_each_kind_is_scored_by_itself() -> None:
    kinds = ["presence"] * 4 + ["colour", "where"]
    expected = ["yes", "no", "no", "yes", "red", "on the beach"]
    predicted = ["Yes.", "yes", "no", "a dog", "blue", "on a beach"]
    scores = answer_accuracy(kinds, expected, predicted)
    presence = scores["presence"]
    assert (presence.count, presence.exact, presence.yes_rate, presence.invalid) == (4, 50.0, 50.0, 1)
    assert (scores["colour"].exact, scores["where"].exact) == (0.0, 100.0)
    assert scores["colour"].yes_rate is None


def test_a_report_survives_json_and_names_every_condition() -> None:
    captions = {"a": "a dog runs on the grass", "b": "a man sits on a red bench"}
    references = {name: (caption, "something else entirely in this photo") for name, caption in captions.items()}
    report = EvaluationReport(
        photos=2, pairs=1, seconds=1.5, captions={"SPIN off, greedy": caption_scores(captions, references)},
        answers={
            "SPIN off": answer_accuracy(["presence"], ["yes"], ["yes"]),
            "blind": answer_accuracy(["colour"], ["red"], ["blue"]),
        },
    )
    assert EvaluationReport.from_dict(report.to_dict()).to_dict() == report.to_dict()
    table = report_markdown(report)
    for part in ("SPIN off, greedy", "BLEU-4", "blind", "colour (1)", "presence (1)", "100.0"):
        assert part in table
    lines = [line for line in table.splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in lines[:3]}) == 1
