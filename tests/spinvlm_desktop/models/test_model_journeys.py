"""Models that are chosen in the window, and what that changes in the chat."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from core.answers import Answer
from core.config import SpinConfig
from core.files.bundled_models import starter_model_path
from core.files.model_calibration import write_calibration
from spinvlm_desktop.startup.main_window import MainWindow
from tests.spinvlm_desktop.driving import QUESTION, TIMEOUT, ask, kept_turns, look_inside, named, restart


def test_a_calibrated_model_answers_as_it_is_best(
    window: MainWindow, open_window: Callable[[], MainWindow], qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "calibrated.safetensors"
    shutil.copy(starter_model_path(), path)
    best = SpinConfig(keep=6, alpha=0.1)
    write_calibration(path, {"spin": best.to_dict()})
    with qtbot.waitSignal(window.service.model_loaded, timeout=TIMEOUT):
        window.load_model(path)
    ask(window, qtbot)
    assert window.conversation.recorder.id is not None
    (turn,) = window.conversation.recorder.store.turns(window.conversation.recorder.id)
    assert turn.spin == best
    assert window.batch_settings().spin == best

    look_inside(window)
    named(window.tab.spin_bar, QPushButton, "SPIN off").click()
    again = restart(window, open_window)
    with qtbot.waitSignal(again.service.model_loaded, timeout=TIMEOUT):
        again.load_model(path)
    assert again.tab.spin_bar.choice().mode == "off", "off by the user stays off"


def test_a_model_file_that_is_broken_leaves_the_one_before(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "broken.safetensors").write_bytes(b"no model")
    with qtbot.waitSignal(window.service.model_failed, timeout=TIMEOUT):
        window.load_model(tmp_path / "broken.safetensors")
    (box,) = window.findChildren(QMessageBox)
    assert "broken.safetensors" in box.text()
    box.close()
    assert "stays in use" in window.models.label.text()
    assert window.settings.model is None
    assert isinstance(ask(window, qtbot), Answer)


def test_another_model_is_in_use_and_remembered(
    window: MainWindow, open_window: Callable[[], MainWindow], qtbot: QtBot, tiny_model: Path
) -> None:
    with qtbot.waitSignal(window.service.model_loaded, timeout=TIMEOUT):
        window.load_model(tiny_model)
    assert "tiny" in window.models.label.text()
    again = restart(window, open_window)
    with qtbot.waitSignal(again.service.model_loaded, timeout=TIMEOUT):
        again.load_chosen_model()
    assert again.models.in_use is not None
    assert again.models.in_use.path == tiny_model
    again.models.menu.aboutToShow.emit()
    chosen = [action.text() for action in again.models.menu.actions() if action.isChecked()]
    assert chosen == ["tiny"]


def test_a_question_typed_while_the_model_loads_is_kept_with_the_model_that_answered(
    open_window: Callable[[], MainWindow], qtbot: QtBot, beach_photo: Path
) -> None:
    window = open_window()
    window.open_photos([beach_photo])
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT):
        window.load_model(None)
        window.conversation.ask(QUESTION)
    assert [turn.model for turn in kept_turns(window)] == ["starter"]
    assert window.conversation.focus.settings() == "starter, SPIN off"
