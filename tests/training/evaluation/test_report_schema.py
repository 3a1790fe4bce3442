"""What is written of a measurement is what is read of it, in reports of this version and of earlier ones."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.config import SpinConfig
from core.errors import ConfigError
from training.evaluation.certainty_record import ALL, CertaintyRecord, CertaintyRow, DecliningFigures
from training.evaluation.judged_captions import Invented, JudgedCaption, ListedPhoto
from training.evaluation.metrics.bootstrap import Interval
from training.evaluation.people_record import PeopleRecord, PeopleRow
from training.evaluation.report_schema import SCORES, Pointing, ProbeRow, Probes, Report, SettingRow


def intervals(first: float) -> dict[str, Interval]:
    """No two scores are alike."""
    return {name: Interval(first + place, first + place - 0.5, first + place + 0.25, 0.95) for place, name in enumerate(SCORES)}


def setting(name: str, first: float, **changes: Any) -> SettingRow:
    values: dict[str, Any] = {
        "spin": None, "method": None, "captions": {"bleu_1": first / 2, "mean_words": first / 4}, "chair": {"f1": first * 3},
        "intervals": intervals(first),
    }
    return SettingRow(name, **{**values, **changes})


@pytest.fixture
def report() -> Report:
    probes = [ProbeRow(name, {"all": {"f1": f1}, "random": {"f1": f1 + 1}}, {"f1": Interval(f1, f1 - 2, f1 + 3, 0.9)})
              for name, f1 in (("SPIN off", 60.0), ("K=2", 62.5), ("another photo", 41.0))]
    pointing = Pointing(
        7, 2, {"hit": 20.0, "mass": 21.0}, {"kept": {"hit": Interval(40, 30, 50, 0.95), "mass": Interval(35, 31, 42, 0.95)}},
        (({"hit": 1.0, "mass": 2.0}, {"hit": 3.0, "mass": 4.0}), ({"hit": 5.0, "mass": 6.0}, {"hit": 7.0, "mass": 8.0})),
    )
    def about(first: float) -> Interval:
        return Interval(first, first - 2, first + 1, 0.95)

    rows = [
        CertaintyRow(ALL, 90, about(60), about(4), 1.5, about(22), 0.75, 20.0, about(91), 12.0, 30.0),
        CertaintyRow("count", 31, about(40), about(6), None, about(44), 0.7, 0.0, None, 0.0, None),
    ]
    certainty = CertaintyRecord(
        ("dogs", "walks"), 3, 95, 4, tuple(rows), {ALL: [(95.0, 20.0, 91.0), (10.0, 100.0, 60.0)]}, "K=2",
        {"ece": Interval(0.5, -1, 2, 0.95)}, DecliningFigures(40, about(8), about(90), 60, about(3)),
    )
    return Report(
        {"photos": ["a.jpg", "b.jpg", "c.jpg"], "question": "Describe.", "model": "abc", "layers": 2, "heads": 4}, "It sees.",
        (setting("SPIN off", 20.0), setting("K=2", 30.0, spin=SpinConfig(keep=2), ms_per_token=1.5),
         setting("random", 40.0, method={"kind": "RandomHeads", "keep": 3})),
        {"chair_i": 1.5, "recall": 80.0}, {"chair_i": 50.0, "recall": 12.0}, "K=2", {"goal": "chair", "tried": "K=2"},
        Probes(tuple(probes[:2]), probes[2]), pointing, certainty,
        PeopleRecord(("walks",), 2, 31, 3, 4, (PeopleRow("all", 31, *map(about, (38, 30, 29, 8, 41))),)),
    )


def test_a_report_is_read_as_it_was_written(report: Report) -> None:
    read = Report.from_dict(json.loads(json.dumps(report.to_dict())))
    assert read == report
    assert (read.photos, read.question, read.model_hash, read.layers, read.heads) == (3, "Describe.", "abc", 2, 4)
    assert [row.name for row in read.probe_rows] == ["SPIN off", "K=2", "another photo"]
    assert [row.usable_in_chat for row in read.rows] == [True, True, False]
    assert read.rows[0].words == 5.0


def test_a_report_of_an_earlier_version_is_read_without_what_it_lacks(report: Report) -> None:
    written = report.to_dict()
    del written["recipe"]["layers"], written["recipe"]["heads"], written["calibration"], written["pointing"]["keep"]
    for row in written["rows"]:
        for ends in row["intervals"].values():
            del ends["confidence"]
        row["chair"] = {}
    del written["probes"]["rows"][0]["intervals"], written["probes"]["blind"]
    read = Report.from_dict(written)
    assert (read.layers, read.heads, read.calibration) == (0, 0, None)
    assert read.rows[1].intervals == report.rows[1].intervals
    assert [row.name for row in read.probe_rows] == ["SPIN off", "K=2"]
    assert read.pointing is not None
    assert read.pointing.keep is None
    assert read.pointing.heads == (report.pointing.heads if report.pointing else ())


def test_a_setting_of_a_later_version_is_shown_but_not_for_the_chat(report: Report) -> None:
    written = report.to_dict()
    written["rows"][1]["spin"] = {"keep": 2, "from_a_later_version": True}
    read = Report.from_dict(written)
    assert read.rows[1].spin is None
    assert not read.rows[1].usable_in_chat
    assert read.rows[1].intervals == report.rows[1].intervals


@pytest.mark.parametrize("damage", [
    {"rows": [{"name": "SPIN off"}]}, {"recipe": {"photos": []}}, {"recipe": None}, {"verdict": None, "rows": 3},
])
def test_anything_else_is_no_report(report: Report, damage: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        Report.from_dict({**report.to_dict(), **damage})
    with pytest.raises(ConfigError):
        Report.from_dict({})


def test_damaged_parts_leave_the_rest(report: Report) -> None:
    read = Report.from_dict({**report.to_dict(), "probes": {"rows": 1}, "pointing": [2], "certainty": {"rows": [1]},
                             "questions": {"rows": {}}})
    assert (read.probes, read.pointing, read.certainty, read.questions, read.rows) == (None, None, None, None, report.rows)


def test_captions_and_photos_are_read_as_they_were_written(tmp_path: Path) -> None:
    caption = JudgedCaption("a.jpg", "a dog on a beach", (Invented(2, 5, "dog", "dog"),), ("beach",), ("man", "sea"))
    photo = ListedPhoto("a.jpg", tmp_path / "a.jpg", ("a man", "the sea"))
    assert JudgedCaption.from_dict(json.loads(json.dumps(caption.to_dict()))) == caption
    assert ListedPhoto.from_dict(json.loads(json.dumps(photo.to_dict()))) == photo
    for kind in (JudgedCaption, ListedPhoto):
        with pytest.raises(ConfigError):
            kind.from_dict({"photo": "a.jpg"})


def test_reading_a_report_needs_no_torch() -> None:
    source = "import sys, training.evaluation.report_schema; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", source], check=True, cwd=Path(__file__).parents[3])
