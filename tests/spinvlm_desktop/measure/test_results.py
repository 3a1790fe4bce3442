"""What is shown of finished measurements, alone and side by side."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pyqtgraph as pg
import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QMessageBox, QToolButton
from pytestqt.qtbot import QtBot

from core.config import SpinConfig
from spinvlm_desktop.jobs.job_list import FOLDER_ROLE
from spinvlm_desktop.measure.measurement_view import shown_report
from spinvlm_desktop.measure.results.captions.caption_words import words_of
from spinvlm_desktop.measure.results.captions.captions_view import arranged, judgement
from spinvlm_desktop.measure.results.results_view import ResultsView
from spinvlm_desktop.startup.main_window import MainWindow
from spinvlm_desktop.system import paths
from tests.spinvlm_desktop.driving import visible_text
from tests.spinvlm_desktop.measure.measuring import (
    finished,
    shown_results,
)
from training.evaluation.judged_captions import Invented, JudgedCaption
from training.evaluation.metrics.pareto import pareto_front


def test_the_table_says_what_a_setting_does_on_the_model_that_was_measured(qtbot: QtBot, tmp_path: Path) -> None:
    folder = finished(tmp_path, name="one")
    report = json.loads(folder.report.read_text())
    report["rows"][1] |= {"name": "r=0.95, alpha 0.08", "spin": SpinConfig(keep=0.95, alpha=0.08).to_dict()}
    does = " for captions: 7 of 8 heads kept in every layer, the others × 0.08"
    for sizes, tip in (({}, ""), ({"layers": 4, "heads": 8}, does)):
        report["recipe"] |= sizes
        folder.report.write_text(json.dumps(report))
        shown, results = shown_results(qtbot, folder)
        assert shown.in_words().split(" · ")[1].startswith("1 photo of dev")
        name = results.table.item(1, 0)
        assert name.text() == "r=0.95, alpha 0.08 (authors')"
        assert tip in name.toolTip()
        assert bool(tip) == bool(name.toolTip()), "an older report doesn't say how many heads there are"


def test_one_sentence_says_what_follows_and_figures_are_folded(qtbot: QtBot, tmp_path: Path) -> None:
    folder = finished(tmp_path, name="one")
    shown, results = shown_results(qtbot, folder)
    assert "1 photo was measured, and at least 100 are needed" in shown.headline()
    text = visible_text(results)
    assert shown.headline() in text
    assert results.verdict() not in text
    (fold,) = [button for button in results.findChildren(QToolButton) if button.text() == "In figures"]
    fold.click()
    assert results.verdict() in visible_text(results)
    many = replace(shown, report=replace(shown.report, recipe={**shown.report.recipe, "photos": ["photo"] * 250}))
    assert many.headline() == "K=2, alpha 0 is best for this model, on 250 photos."
    off = replace(many, report=replace(many.report, calibrated=many.report.rows[0].name))
    assert off.headline() == "SPIN off is best for this model, on 250 photos."


def test_side_by_side_is_on_as_soon_as_two_are_finished(window: MainWindow) -> None:
    tab, home = window.measure.tab, paths.measurements_folder()
    finished(home, name="one")
    tab.refresh()
    assert not tab.compare_button.isEnabled()
    finished(home, name="two", invented=21.0)
    tab.refresh()
    assert tab.compare_button.isEnabled(), "none of them is chosen"
    tab.compare_button.click()
    page = tab.page()
    assert isinstance(page, ResultsView)
    assert "one: " in page.verdict()
    assert "two: " in page.verdict()


def test_several_measurements_are_shown_side_by_side(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = paths.measurements_folder()
    for number, name in enumerate(("one", "two")):
        finished(home, name=name, model=f"/models/{name}.safetensors", invented=20.0 + number)
    tab = window.measure.tab
    tab.refresh()
    tab.list.selectAll()
    assert tab.compare_button.isEnabled()
    tab.compare_button.click()
    results = tab.page()
    assert isinstance(results, ResultsView)
    assert results.table.rowCount() == 2 * 2 + 2 * 2
    assert {"one: SPIN off", "★ two: K=2, alpha 0"} <= {results.table.item(row, 0).text() for row in range(8)}
    assert "two: The verdict of two." in results.verdict()
    assert results.pointing.grid.rowCount() == 3
    reported: list[str] = []
    monkeypatch.setattr(QMessageBox, "warning", lambda *arguments: reported.append(arguments[2]))
    tab.rename(home / "one", "two")
    tab.rename(home / "one", "a/b")
    assert "already" in reported[0]
    assert "A name has" in reported[1]
    tab.rename(home / "one", "three")
    assert (home / "three" / "report.json").is_file()
    tab.delete(home / "three")
    assert not (home / "three").exists() or "couldn't be moved to the bin" in reported[-1], "not every system has a bin"


def test_the_picture_of_a_report_is_whole_whatever_size_the_window_has(qtbot: QtBot, tmp_path: Path) -> None:
    shown = shown_report(finished(tmp_path, name="one").path)
    assert shown is not None
    pictures: list[QImage] = []
    for width in (500, 1500):
        results = ResultsView()
        qtbot.addWidget(results)
        results.resize(width, 400)
        results.show_reports([shown])
        results.export(tmp_path / f"{width}.png")
        pictures.append(QImage(str(tmp_path / f"{width}.png")))
    narrow, wide = pictures
    assert narrow == wide
    edges = [QRect(0, 0, narrow.width(), 10), QRect(0, 0, 10, narrow.height()),
             QRect(narrow.width() - 10, 0, 10, narrow.height()), QRect(0, narrow.height() - 10, narrow.width(), 10)]
    for edge in edges:
        colours = {narrow.pixel(x, y) for x in range(edge.left(), edge.right()) for y in range(edge.top(), edge.bottom())}
        assert len(colours) == 1, "nothing runs over the edge"


def test_what_is_on_show_stays_marked_in_the_list(qtbot: QtBot, window: MainWindow) -> None:
    home = paths.measurements_folder()
    for name in ("one", "two", "three"):
        finished(home, name=name)
    tab = window.measure.tab

    def click_beside() -> None:
        qtbot.mouseClick(tab.list.viewport(), Qt.MouseButton.LeftButton, pos=tab.list.viewport().rect().bottomLeft())

    def marked() -> set[str]:
        return {item.text().splitlines()[0] for item in tab.list.selectedItems()}

    tab.show_job(home / "two")
    assert marked() == {"two"}
    click_beside()
    assert marked() == {"two"}
    for row in range(3):
        tab.list.item(row).setSelected(tab.list.item(row).data(FOLDER_ROLE).name != "two")
    tab.refresh()
    assert marked() == {"one", "three"}, "what was chosen for comparison stays chosen when the list is made again"
    tab.compare_button.click()
    click_beside()
    assert marked() == {"one", "three"}
    assert tab.compare_button.isEnabled()
    tab.show_setup()
    assert marked() == set()
    click_beside()
    assert marked() == set()


def test_the_front_leaves_out_what_another_one_beats_in_both() -> None:
    points = [(50.0, 20.0), (40.0, 25.0), (60.0, 30.0), (50.0, 20.0), (30.0, 10.0)]
    assert sorted(pareto_front(points), key=lambda place: points[place]) == [4, 0, 3, 2]


def test_captions_are_filtered() -> None:
    first = JudgedCaption("b", "a dog and a car", (Invented(2, 5, "dog", "dog"), Invented(12, 15, "car", "car")))
    second, third = JudgedCaption("a", "a man", (), found=("man",)), JudgedCaption("c", "a hat", (Invented(2, 5, "hat", "hat"),))
    items = [third, second, first]
    assert arranged(items, "invented") == [first, third, second]
    assert arranged(items, "only") == [third, first]
    assert arranged(items, "right") == [second]
    assert arranged(items, "all") == [second, first, third]
    assert judgement(first) == "Nobody mentions: dog, car."
    assert "People mention too: man." in judgement(second)
    assert [word.text for word in words_of("a dog, and a dog")] == ["a", "dog,", "and", "a", "dog"]


def test_a_damaged_report_is_reported(qtbot: QtBot, window: MainWindow) -> None:
    folder = finished(paths.measurements_folder(), name="damaged")
    folder.report.write_text('{"rows": [')
    tab = window.measure.tab
    tab.show_job(folder.path)
    assert tab.measurement is not None
    assert "can't be read" in tab.measurement.error()
    assert not tab.measurement.results.isVisible()


@pytest.mark.parametrize(
    ("chance", "labels"), [(1.5, ["people, chance"]), (1.9, ["people, chance"]), (50.0, ["people", "chance"])]
)
def test_lines_that_lie_together_share_a_name(qtbot: QtBot, tmp_path: Path, chance: float, labels: list[str]) -> None:
    folder = finished(tmp_path, name="one")
    report = json.loads(folder.report.read_text())
    report["chance"] = {**report["chance"], "chair_i": chance}
    folder.report.write_text(json.dumps(report))
    _, results = shown_results(qtbot, folder)
    for plot in (results.bars.plot, results.scatter.plot):
        found = [item for item in plot.items() if isinstance(item, pg.InfiniteLine)]
        lines = sorted(found, key=lambda line: (line.value(), not hasattr(line, "label")))
        assert [line.value() for line in lines] == [1.5, chance]
        assert [line.label.format for line in lines if hasattr(line, "label")] == labels
