"""What tests of the tab that measures share: the form filled in, and finished measurements."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from core.config import SpinConfig
from spinvlm_desktop.measure.measure_job import MeasureJob
from spinvlm_desktop.measure.measurement import MeasurementSettings
from spinvlm_desktop.measure.measurement_view import shown_report
from spinvlm_desktop.measure.results.results_view import ResultsView
from spinvlm_desktop.measure.results.shown_reports import ShownReport
from spinvlm_desktop.startup.main_window import MainWindow
from spinvlm_desktop.system import paths

TIMEOUT = 150_000
WORDS = ["horse", "car", "snow", "ball", "bicycle", "guitar", "boat", "tree"]
"""None of them is in the drawn photos."""


def wait_for(qtbot: QtBot, condition: Callable[[], bool]) -> None:
    qtbot.waitUntil(condition, timeout=TIMEOUT)


def start(window: MainWindow, model: Path, data: Path, *, name: str = "First look", grid: bool = True) -> MeasureJob:
    """Fill in the page and press the button, without waiting for the photos to be looked over."""
    tab = window.measure.tab
    tab.show_setup()
    setup = tab.setup
    setup.data.field.setText(str(data))
    setup.model.choose([model])
    setup.measures.split.setCurrentIndex(2)
    setup.measures.photos.setValue(20)
    setup.measures.probes.setChecked(True)
    setup.measures.spin.setCurrentIndex(1 if grid else 2)
    setup.measures.keeps.setText("1, 2, 3")
    setup.measures.alphas.setText("0, 0.2")
    setup.name.setText(name)
    assert setup.start_button.isEnabled(), setup.error()
    setup.start_button.click()
    return MeasureJob(paths.measurements_folder() / name)


def click_bar(qtbot: QtBot, results: ResultsView, *, row: int) -> None:
    plot = results.bars.plot
    qtbot.waitUntil(lambda: plot.isVisible() and plot.getViewBox().height() > 0, timeout=TIMEOUT)
    plot.grab()  # lays the page out
    place = plot.mapFromScene(plot.getViewBox().mapViewToScene(QPointF(1, row)))
    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=place)


def press_word(qtbot: QtBot, results: ResultsView, word: int) -> None:
    """With the arrow keys, as without a mouse."""
    words = results.captions.words
    for _ in range(word + 1):
        qtbot.keyClick(words, Qt.Key.Key_Right)


def finished(folder: Path, *, name: str, model: str | None = None, invented: float = 20.0) -> MeasureJob:
    """A measurement as its files tell it, of two settings; for what is shown, not for what is measured."""
    path = folder / name
    path.mkdir(parents=True)
    (path / "measurement.json").write_text(json.dumps(MeasurementSettings(str(folder), model=model).to_dict()))

    def row(title: str, spin: SpinConfig | None, value: float) -> dict[str, object]:
        scores = {"value": value, "low": value - 2, "high": value + 2}
        return {
            "name": title, "spin": None if spin is None else spin.to_dict(), "captions": {"mean_words": 9.5},
            "chair": {}, "intervals": dict.fromkeys(("chair_i", "chair_s", "recall", "cider_d"), scores),
        }

    people = {"chair_i": 1.5, "chair_s": 2.5, "recall": 80.0}
    rows = [row("SPIN off", None, invented), row("K=2, alpha 0", SpinConfig(keep=2), invented - 3)]
    (path / "report.json").write_text(json.dumps({
        "recipe": {"photos": ["a.jpg"], "question": "Describe.", "model": "0"}, "rows": rows, "humans": people, "chance": people,
        "calibrated": "K=2, alpha 0", "verdict": f"The verdict of {name}.",
        "pointing": {"words": 12, "chance": {"hit": 20.0, "mass": 20.0},
                     "kept": {"hit": {"value": 40.0, "low": 30.0, "high": 50.0}, "mass": {"value": 35, "low": 30, "high": 40}},
                     "heads": [[{"hit": 10.0, "mass": 5.0}, {"hit": 60.0, "mass": 50.0}]] * 3},
    }))
    return MeasureJob(path)


def shown_results(qtbot: QtBot, folder: MeasureJob) -> tuple[ShownReport, ResultsView]:
    """The measurement's report, and the view that shows it."""
    shown = shown_report(folder.path)
    assert shown is not None
    results = ResultsView()
    qtbot.addWidget(results)
    results.show_reports([shown])
    return shown, results
