from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from core.errors import ConfigError
from training.evaluation.metrics.bootstrap import Interval
from training.evaluation.metrics.caption_metrics import caption_scores
from training.evaluation.metrics.vqa_metrics import answer_accuracy
from training.evaluation.people_record import PeopleRecord, PeopleRow
from training.evaluation.report.run_report import RunReport, report_markdown


@pytest.fixture
def report() -> RunReport:
    captions = {"a": "a dog runs on the grass", "b": "a man sits on a red bench"}
    references = {name: (caption, "something else entirely in this photo") for name, caption in captions.items()}
    return RunReport(
        photos=2, pairs=1, seconds=1.5, captions={"SPIN off, greedy": caption_scores(captions, references)},
        answers={
            "SPIN off": answer_accuracy(["presence", "who"], ["yes", "an old man"], ["yes", "old woman"]),
            "blind": answer_accuracy(["colour"], ["red"], ["blue"]),
        },
    )


def test_a_report_survives_json(report: RunReport) -> None:
    read = RunReport.from_dict(json.loads(report.to_json()))
    assert read.to_dict() == report.to_dict()
    assert RunReport.from_dict(json.loads(read.to_json())) == read
    assert (read.photos, read.pairs, read.seconds) == (2, 1, 1.5)
    assert read.captions["SPIN off, greedy"].mean_words == 6.5
    assert read.answers["SPIN off"]["presence"].yes_rate == 100.0
    assert read.answers["blind"]["colour"].invalid is None


def test_the_tables_name_every_condition_and_kind(report: RunReport) -> None:
    captions, right, shared = [_rows(part) for part in report_markdown(report).split(":\n\n")[1:]]
    assert captions[0][1:] == ["BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L", "CIDEr-D", "words"]
    assert captions[2][0] == "SPIN off, greedy"
    assert right[0][1:] == ["colour (1)", "presence (1)", "who (1)", "yes-rate", "neither yes nor no"]
    assert right[2:] == [["SPIN off", "", "100.0", "0.0", "100.0", "0"], ["blind", "0.0", "", "", "", ""]]
    assert shared[0][1:] == ["who (1)"]  # the only open kind
    assert shared[2:] == [["SPIN off", "50.0"], ["blind", ""]]
    for table in (captions, right, shared):
        assert len({len(row) for row in table}) == 1


def test_of_many_kinds_the_rarest_are_one_column(report: RunReport) -> None:
    kinds = ["presence", *(f"type {number:02}" for number in range(20) for _ in range(20 - number))]
    answers = ["yes", *("red" for _ in kinds[1:])]
    said = ["yes", *("red" if int(kind[-2:]) % 2 else "blue" for kind in kinds[1:])]
    many = replace(report, answers={"SPIN off": answer_accuracy(kinds, answers, said)})
    text = report_markdown(many)
    (titles, _, cells) = _rows(text[text.index("Right answers"):].split("\n\n")[1])
    assert titles[1:3] == ["presence (1)", "type 00 (20)"]
    assert titles[9:11] == ["type 07 (13)", "other kinds (78)"]
    assert len(titles) == 13
    assert cells[10] == f"{100 * (11 + 9 + 7 + 5 + 3 + 1) / 78:.1f}"
    assert RunReport.from_dict(many.to_dict()).answers["SPIN off"]["type 19"].count == 1, "the JSON has each"


def test_answers_in_other_words_have_a_table_where_they_were_judged(report: RunReport) -> None:
    scores = answer_accuracy(["who", "who"], ["an old man", "a girl"], ["old woman", "a girl"], alike=[0.5, 1.0])
    assert scores["who"].alike == 75
    text = report_markdown(replace(report, answers={"SPIN off": scores, "chance": report.answers["blind"]}))
    table = _rows(text[text.index("Right in other words"):])
    assert table[2:] == [["SPIN off", "75.0"], ["chance", ""]]


def test_what_people_asked_stands_in_card_and_json(report: RunReport) -> None:
    about = {"right": 61.5, "another_photo": 48.25, "question_alone": 40.0, "gain": 13.25, "alike": 66.0}
    row = PeopleRow("all", 274, **{name: Interval(value, value - 2, value + 3, 0.95) for name, value in about.items()})
    asked = replace(report, people=PeopleRecord(("walks",), 187, 274, 9, 4, (row,)))
    assert RunReport.from_dict(json.loads(asked.to_json())).people == asked.people
    text = report_markdown(asked)
    assert "274 questions that people asked about 187 photos" in text
    assert _rows(text)[-1] == ["all", "274", "61.5 (59.5-64.5)", "48.2", "40.0", "+13.2 (+11.2 to +16.2)", "66.0"]


def test_without_open_kinds_no_words_are_shared(report: RunReport) -> None:
    closed = RunReport(photos=1, pairs=1, seconds=0.0, captions={}, answers={"blind": report.answers["blind"]})
    assert "F1" not in report_markdown(closed)


def _rows(table: str) -> list[list[str]]:
    lines = [line for line in table.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize(
    "change",
    [
        {"photos": None}, {"captions": []}, {"captions": {"x": {"bleu_1": 1.0}}}, {"answers": {"x": []}},
        {"answers": {"x": {"who": {"count": 1, "exact": "all", "token_f1": 1.0}}}},
        {"answers": {"x": {"who": {"count": 1, "exact": None, "token_f1": 1.0}}}},
        {"answers": {"x": {"who": {"count": 1, "exact": 1.0, "token_f1": 1.0, "other": 1.0}}}},
    ],
    ids=str,
)
def test_what_is_no_report_is_reported(report: RunReport, change: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        RunReport.from_dict({**report.to_dict(), **change})
    with pytest.raises(ConfigError, match="photos"):
        RunReport.from_dict({})


def test_a_report_can_be_made_and_read_without_torch() -> None:
    code = (
        "import sys; from training.evaluation.metrics import answer_baselines, bootstrap, caption_metrics\n"
        "import training.evaluation.report.run_report\n"
        "caption_metrics.caption_scores({'a': 'a dog'}, {'a': ['a dog']})\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
