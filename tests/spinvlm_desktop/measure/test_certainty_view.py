"""The page of a measurement that says how far answers can be trusted."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from spinvlm_desktop.measure.measurement import MeasurementSettings
from spinvlm_desktop.measure.results.certainty_view import CertaintyView
from spinvlm_desktop.measure.results.report_file import ReportFolder
from spinvlm_desktop.measure.results.shown_reports import ShownReport
from spinvlm_desktop.widgets.theme import apply_theme
from training.evaluation.certainty_record import ALL, CAPTIONS, PEOPLE, CertaintyRecord, CertaintyRow, DecliningFigures
from training.evaluation.metrics.bootstrap import Interval
from training.evaluation.report_schema import Report

WIDTH = 740
"""Pixels that the page has in a window of 1024."""
PADDING = 20
"""Pixels of a cell that its text has not."""
KINDS = (ALL, PEOPLE, CAPTIONS, "yes_no", "either_or", "describe")


def about(value: float) -> Interval:
    return Interval(value, value - 4.5, value + 5.5, 0.95)


def shown(folder: Path, name: str, *, declining: DecliningFigures | None) -> ShownReport:
    rows = [CertaintyRow(kind, 5613, about(52), about(10.5), 6.5, about(24), 0.8, 17.0, about(94), 64.0, 26.0) for kind in KINDS]
    record = CertaintyRecord(
        ("dogs",), 3, 95, 4, tuple(rows), {kind: [(95.0, 10.0, 97.0), (20.0, 100.0, 52.0)] for kind in KINDS[:3]}, "K=2",
        {"ece": Interval(0.5, -1, 2, 0.95)}, declining,
    )
    report = Report({"photos": ["a.jpg"], "question": "Describe.", "model": "0"}, "It sees.", certainty=record)
    return ShownReport(name, MeasurementSettings(str(folder)), ReportFolder(folder), report)


@pytest.fixture
def view(qtbot: QtBot, qapp: QApplication) -> CertaintyView:
    apply_theme(qapp, "light", font_size=10)
    view = CertaintyView()
    qtbot.addWidget(view)
    view.resize(WIDTH, 700)
    return view


def test_names_and_figures_of_a_measurement_can_all_be_read(view: CertaintyView, tmp_path: Path) -> None:
    view.show_reports([shown(tmp_path, "one", declining=None)])
    view.show()
    table = view.table
    header = table.horizontalHeader()
    assert header.length() <= table.viewport().width()
    for row in range(table.rowCount()):
        item = table.item(row, 0)
        assert item is not None
        assert table.fontMetrics().horizontalAdvance(item.text()) + PADDING < header.sectionSize(0), item.text()
    names = [item.text() for row in range(table.rowCount()) if (item := table.item(row, 0)) is not None]
    assert names == ["all", "asked by people", "from captions", "yes/no", "either-or", "describe"]
    assert view.declining.isHidden()


def test_what_became_of_unanswerable_questions_is_said_for_each_measurement(view: CertaintyView, tmp_path: Path) -> None:
    figures = [DecliningFigures(40, about(value), about(90), 60, about(3)) for value in (8.0, 15.0)]
    view.show_reports([shown(tmp_path, name, declining=found) for name, found in zip(("one", "two"), figures, strict=True)])
    first, second = view.declining.text().split("\n")
    assert first.startswith("one: Of 40 questions that no photo answers, 8.0")
    assert second.startswith("two: Of 40 questions that no photo answers, 15.0")
    assert view.declining.accessibleName() == "Questions that can't be answered"
