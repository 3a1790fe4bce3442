"""The page of a new run: its name, its model, how it is trained and how long that takes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QFrame
from pytestqt.qtbot import QtBot

from spinvlm_desktop.jobs.child_task import ChildTask
from spinvlm_desktop.train.setup.pace_probe import PaceProbe
from spinvlm_desktop.train.setup.setup_view import SetupView
from tests.spinvlm_desktop.train.runs import TIMEOUT, choose_a_tiny_model, wait_for


def test_names_that_are_taken_are_not_offered(setup: SetupView, tmp_path: Path) -> None:
    assert setup.model.name.text() == "My model"
    for number in ("", " 2", " 3"):
        (tmp_path / "runs" / f"My model{number}").mkdir(parents=True)
        setup.offer_name()
    assert setup.model.name.text() == "My model 4"


def test_settings_that_cannot_be_are_named_beside_their_fields(qtbot: QtBot, captioned: Path, tmp_path: Path) -> None:
    setup = SetupView(tmp_path)
    qtbot.addWidget(setup)
    assert not setup.start_button.isEnabled()
    assert "Choose a folder" in setup.why.text()
    setup.data.field.setText(str(captioned))
    for name in ("", "a/b", ".hidden", "x" * 81):
        setup.model.name.setText(name)
        assert "A name has" in setup.error()
        assert not setup.start_button.isEnabled()
    setup.model.name.setText("Bälle 2")
    with qtbot.waitSignal(setup.run_wanted) as wanted:
        setup.start_button.click()
    assert wanted.args is not None
    assert wanted.args[0] == "Bälle 2"
    json.dumps(wanted.args[1].to_dict())
    setup.close_setup()


def test_a_model_that_goes_on_learning_brings_its_sizes_and_words(setup: SetupView) -> None:
    assert not setup.model.size_choice.isVisible()
    setup.model.start.choose("bundled")
    assert setup.model.size_choice.isVisible()
    assert setup.model.words.isVisible()
    assert re.match(r"Standard — 1\d million weights", setup.model.size_choice.currentText())


def test_advanced_settings_are_checked_as_they_are_typed(qtbot: QtBot, captioned: Path, tmp_path: Path) -> None:
    setup = SetupView(tmp_path)
    qtbot.addWidget(setup)
    setup.data.field.setText(str(captioned))
    rate = setup.stages.advanced.field("warm_up.decoder_rate")
    for text, words in (("fast", "must be a number"), ("-1", "must be above 0"), ("", "must be a number")):
        rate.clear()
        qtbot.keyClicks(rate, text)
        rate.textEdited.emit(text)
        assert words in setup.error()
        assert not setup.start_button.isEnabled()
    rate.clear()
    qtbot.keyClicks(rate, "0.001")
    assert setup.start_button.isEnabled()
    setup.model.start.choose("bundled")
    setup.model.size_choice.setCurrentIndex(0)
    config = setup.wanted()
    assert config.warm_up.decoder_rate == 0.001
    assert (config.layers, config.width) == (3, 192)
    setup.model.start_from(tmp_path / "old.safetensors")
    assert setup.wanted().start_from == str(tmp_path / "old.safetensors")
    assert not setup.model.size_choice.isEnabled(), "a model brings its own sizes"
    setup.close_setup()


def test_the_wheel_scrolls_past_lists_and_numbers(setup: SetupView) -> None:
    for widget in (setup.stages.amount, setup.stages.warm_up, setup.model.start):
        before = widget.currentIndex() if isinstance(widget, QComboBox) else widget.value()
        turn = QWheelEvent(
            QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )
        QApplication.sendEvent(widget, turn)
        assert (widget.currentIndex() if isinstance(widget, QComboBox) else widget.value()) == before


def test_the_pace_is_measured_and_shown(qtbot: QtBot, captioned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    setup = SetupView(tmp_path)
    qtbot.addWidget(setup)
    choose_a_tiny_model(setup)
    monkeypatch.setattr(PaceProbe, "run", lambda probe, arguments: ChildTask.run(probe, [*arguments, "--seconds", "1"]))
    with qtbot.waitSignal(setup.data.checked, timeout=TIMEOUT):
        setup.set_folder(captioned)
    assert setup.data.summary.cards.widget().findChildren(QFrame), "photos with what is learnt from them"
    assert "GB free" in setup.needs.sentence()
    setup.needs.measure.click()
    wait_for(qtbot, lambda: setup.needs.pace is not None or setup.needs.warning() != "")
    assert setup.needs.warning() == ""
    assert "on this computer" in setup.needs.sentence()
    setup.model.size_choice.setCurrentIndex(2)
    assert "on this computer" not in setup.needs.sentence(), "another model is slower"
    setup.close_setup()
