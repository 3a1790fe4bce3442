"""The page of a measurement that says how people's questions are answered."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.errors import ConfigError
from spinvlm_desktop.measure.measurement import MeasurementSettings
from spinvlm_desktop.measure.measures_page import MeasuresPage
from spinvlm_desktop.measure.results.people_view import PeopleView
from spinvlm_desktop.measure.results.report_file import ReportFolder
from spinvlm_desktop.measure.results.shown_reports import ShownReport
from training.evaluation.metrics.bootstrap import Interval
from training.evaluation.people_record import ALL, OTHER, PeopleRecord, PeopleRow
from training.evaluation.report_schema import Report

WIDTH = 740
"""Pixels that the page has in a window of 1024."""


def about(value: float) -> Interval:
    return Interval(value, value - 4.5, value + 5.5, 0.95)


def shown(folder: Path, name: str, *, questions: PeopleRecord | None) -> ShownReport:
    report = Report({"photos": ["a.jpg"], "question": "Describe.", "model": "0"}, "It sees.", questions=questions)
    return ShownReport(name, MeasurementSettings(str(folder)), ReportFolder(folder), report)


def record(right: float) -> PeopleRecord:
    rows = [
        PeopleRow(name, 274, about(right), about(37.25), about(33.0), about(-12.5), about(41))
        for name in (ALL, OTHER, "doing")
    ]
    return PeopleRecord(("walks",), 187, 274, 9, 4, tuple(rows))


def texts(view: PeopleView, column: int) -> list[str]:
    return [item.text() for row in range(view.table.rowCount()) if (item := view.table.item(row, column)) is not None]


def test_all_figures_can_be_read_in_a_small_window(qtbot: QtBot, tmp_path: Path) -> None:
    view = PeopleView()
    qtbot.addWidget(view)
    view.resize(WIDTH, 700)
    view.show_reports([shown(tmp_path, "one", questions=record(38.5))])
    view.show()
    table = view.table
    assert table.horizontalHeader().length() <= table.viewport().width()
    for name in texts(view, 0):
        assert table.fontMetrics().horizontalAdvance(name) < table.horizontalHeader().sectionSize(0), name
    assert texts(view, 0) == ["all", "answers: others", "kind: doing"]
    assert texts(view, 2)[0] == "38 (34-44)"
    assert texts(view, 5)[0] == "-12 (-17 to -7)"


def test_only_measurements_with_such_questions_are_shown_each_by_its_name(qtbot: QtBot, tmp_path: Path) -> None:
    view = PeopleView()
    qtbot.addWidget(view)
    found = {"one": record(31), "two": None, "three": record(52)}
    reports = [shown(tmp_path, name, questions=questions) for name, questions in found.items()]
    view.show_reports(reports)
    assert texts(view, 0)[::3] == ["one: all", "three: all"]
    assert [text.split()[0] for text in texts(view, 2)[::3]] == ["31", "52"]


def test_the_command_line_is_told_where_questions_are(qtbot: QtBot, tmp_path: Path) -> None:
    page = MeasuresPage("3. What is measured")
    qtbot.addWidget(page)
    assert page.questions.isHidden()
    page.people.setChecked(True)
    page.questions.setText(f" {tmp_path} ")
    settings = page.applied(MeasurementSettings("photos"))
    arguments = settings.arguments(tmp_path / "out", tmp_path / "log")
    assert arguments[arguments.index("--questions") + 1] == str(tmp_path)
    assert "people" in arguments[arguments.index("--measure") + 1].split(",")
    of_pretrained = settings.of_model(tmp_path / "org--model")
    assert (of_pretrained.people, of_pretrained.questions) == (True, str(tmp_path)), "pretrained models are asked too"
    page.questions.setText(str(tmp_path / "gone"))
    with pytest.raises(ConfigError, match="no folder"):
        page.applied(MeasurementSettings("photos"))
