"""The page on which a measurement is set up."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.errors import ConfigError
from spinvlm_desktop.jobs.job_process import process_record
from spinvlm_desktop.measure.duration_estimate import estimate, pace_of
from spinvlm_desktop.measure.measure_job import MeasureJob
from spinvlm_desktop.measure.measurement import MeasurementSettings, parse_alphas, parse_keeps
from spinvlm_desktop.measure.setup_view import SetupView
from spinvlm_desktop.startup.main_window import MainWindow
from spinvlm_desktop.widgets.theme import apply_theme
from tests.spinvlm_desktop.measure.measuring import (
    finished,
)


def test_start_is_in_sight_in_a_small_window(window: MainWindow, qtbot: QtBot) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    window.resize(1024, 700)
    try:
        for points in (16, 10):
            apply_theme(application, "light", font_size=points)
            for tab in (window.training, window.measure.tab):
                window.tabs.setCurrentWidget(tab)
                tab.show_setup()
                button = tab.setup.start_button
                qtbot.waitUntil(lambda button=button: button.visibleRegion().boundingRect().size() == button.size())
    finally:
        apply_theme(application, "light", font_size=10)


def test_a_name_that_a_measurement_has_is_not_offered_again(qtbot: QtBot, tmp_path: Path) -> None:
    setup = SetupView(tmp_path, list)
    qtbot.addWidget(setup)
    for folder, offered in (("First look", "First look 2"), ("First look 2 – mine", "First look 3"), ("Second", "First look 3")):
        MeasureJob(tmp_path / folder).prepare(MeasurementSettings("photos"))
        setup.offer_name()
        assert setup.name.text() == offered
    setup.name.setText("Mine")
    setup.offer_name()
    assert setup.name.text() == "Mine"


def test_every_field_is_checked_as_it_is_typed(qtbot: QtBot, tmp_path: Path) -> None:
    setup = SetupView(tmp_path, lambda: [("mine", tmp_path / "mine.safetensors")])
    qtbot.addWidget(setup)
    assert setup.model.chosen() == [None]
    setup.measures.spin.setCurrentIndex(1)
    wrong = (("", "give one number"), ("two", "is no number"), ("0", "whole number of heads, at least 1"), ("2,.5,.50", "twice"))
    for text, words in wrong:
        setup.measures.keeps.setText(text)
        setup.measures.keeps.textEdited.emit(text)
        assert words in setup.error()
        assert not setup.start_button.isEnabled()
    setup.measures.keeps.setText("2, 0.5")
    setup.measures.keeps.textEdited.emit("")
    assert setup.start_button.isEnabled()
    setup.model.choose([])
    assert "Tick a model" in setup.error()
    setup.measures.methods.setChecked(True)
    setup.model.choose([None, tmp_path / "mine.safetensors"])
    setup.start_button.click()
    assert "Choose the folder" in setup.error()
    setup.data.field.setText(str(tmp_path))
    with qtbot.waitSignal(setup.wanted) as reported:
        setup.start_button.click()
    assert reported.args is not None
    assert [name for name, _ in reported.args[0]] == ["First look – Starter model", "First look – mine"]
    settings = reported.args[0][1][1]
    assert settings.keeps == (2, 0.5)
    arguments = settings.arguments(tmp_path / "out", tmp_path / "log")
    assert arguments[arguments.index("--keep") + 1] == "2,0.5"
    assert "--methods" in arguments
    setup.close_setup()


def test_numbers_are_read_as_the_command_line_reads_them() -> None:
    assert parse_keeps(" 4, 0.8 ,1") == (4, 0.8, 1)
    assert isinstance(parse_keeps("1")[0], int)
    assert parse_alphas("0, .5") == (0.0, 0.5)
    for wrong in ("1.5", "-1", "nan"):
        with pytest.raises(ConfigError):
            parse_keeps(wrong)
    with pytest.raises(ConfigError):
        parse_alphas("nan")


def test_the_time_is_estimated_from_an_earlier_measurement(tmp_path: Path) -> None:
    folder = finished(tmp_path, name="old")
    assert pace_of(folder) is None, "when it began isn't known"
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(99)"]) as process:
        (folder.path / "process.json").write_text(process_record(psutil.Process(process.pid)))
        ended = psutil.Process(process.pid).create_time() + 60
        process.kill()
    os.utime(folder.report, (ended, ended))
    wanted = MeasurementSettings(str(tmp_path))
    assert estimate(wanted, 10, [folder]) == (pytest.approx(600, rel=0.01), "old")
    grid = MeasurementSettings(str(tmp_path), spin="grid", keeps=(2,), alphas=(0.0,))
    assert estimate(grid, 10, [folder]) is None, "a sweep says nothing of other settings"
    (folder.path / "resumed").touch()
    assert estimate(wanted, 10, [folder]) is None
