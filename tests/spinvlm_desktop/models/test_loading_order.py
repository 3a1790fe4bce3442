"""Models that are chosen one after the other, some of them damaged: what is said is what really answers."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from core.config import SpinConfig
from spinvlm_desktop.chat.panel.turn_view import TurnView
from spinvlm_desktop.startup.main_window import MainWindow
from tests.spinvlm_desktop.driving import QUESTION, TIMEOUT, ask, kept_turns, named, open_conversation, visible_text


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    path = tmp_path / "damaged.safetensors"
    path.write_bytes(b"no model")
    return path


@pytest.fixture
def small(tmp_path: Path, tiny_model: Path) -> Path:
    """A model of 4 heads in 2 layers; the starter model has 8 in 4."""
    return Path(shutil.copy(tiny_model, tmp_path / "small.safetensors"))


def close_boxes(window: MainWindow) -> None:
    for box in window.findChildren(QMessageBox):
        box.close()


def test_a_damaged_model_chosen_right_after_another_leaves_that_one_in_use(
    window: MainWindow, qtbot: QtBot, small: Path, damaged: Path
) -> None:
    with qtbot.waitSignals([window.service.model_loaded, window.service.model_failed], timeout=TIMEOUT):
        window.load_model(small)
        window.load_model(damaged)
    close_boxes(window)
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT):
        window.conversation.ask(QUESTION)
    assert window.models.in_use is not None
    assert window.models.in_use.path == small
    assert "small" in window.models.label.text()
    window.models.menu.aboutToShow.emit()
    assert [action.text() for action in window.models.menu.actions() if action.isChecked()] == ["small"]
    assert window.settings.model == str(small)
    assert [turn.model for turn in kept_turns(window)] == ["small"]


def test_an_answer_is_kept_with_the_model_that_gave_it(window: MainWindow, qtbot: QtBot, small: Path) -> None:
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT):
        window.load_model(small)
        window.conversation.ask(QUESTION)  # the starter model is in use until the other one is there
    assert [turn.model for turn in kept_turns(window)] == ["small"]
    assert window.conversation.focus.settings() == "small, SPIN off"


def test_a_measured_setting_is_taken_with_its_model_only(
    window: MainWindow, qtbot: QtBot, small: Path, damaged: Path
) -> None:
    def own_choice() -> bool:
        return window.tab.spin_bar.wanted().by_user

    assert not own_choice()
    with qtbot.waitSignals([window.service.model_loaded, window.service.model_failed], timeout=TIMEOUT):
        window.load_model(small)
        window.measure.setting_wanted.emit(damaged, SpinConfig(keep=1, alpha=0.3))
    close_boxes(window)
    assert not own_choice(), "the setting was measured on the model that couldn't be loaded"
    with qtbot.waitSignal(window.service.model_loaded, timeout=TIMEOUT):
        window.load_model(None)
        window.measure.setting_wanted.emit(small, SpinConfig(keep=1, alpha=0.3))
    assert not own_choice(), "the starter model was loaded, and the other one is still to come"
    with qtbot.waitSignal(window.service.model_loaded, timeout=TIMEOUT):
        pass
    assert window.tab.spin_bar.choice().spin == SpinConfig(keep=1, alpha=0.3)
    assert window.models.in_use is not None
    assert window.models.in_use.path == small


def test_what_the_user_wants_of_spin_outlives_a_model_that_it_does_not_fit(
    open_window: Callable[[], MainWindow], qtbot: QtBot, small: Path
) -> None:
    window = open_window()
    wide = SpinConfig(keep=6, alpha=0.2)
    for path, kept in ((None, 6), (small, 4), (None, 6)):
        with qtbot.waitSignal(window.service.model_loaded, timeout=TIMEOUT):
            window.load_model(path)
        if path is None and window.settings.spin != wide:
            window.measure.setting_wanted.emit(None, wide)
        assert window.tab.spin_bar.choice().spin == replace(wide, keep=kept)
        named(window.tab.spin_bar, QPushButton, "SPIN compare").click()
        assert window.settings.spin == wide


def test_where_another_model_goes_on_the_conversation_says_so_also_when_it_is_opened_again(
    window: MainWindow, qtbot: QtBot, small: Path
) -> None:
    ask(window, qtbot)
    ask(window, qtbot, "Is there a dog?")
    assert "Answered by" not in visible_text(window.tab.chat)
    with qtbot.waitSignal(window.service.model_loaded, timeout=TIMEOUT):
        window.load_model(small)
    ask(window, qtbot)
    ask(window, qtbot, "Is there a dog?")

    def authors() -> list[bool]:
        turns = [turn for turn in window.tab.chat.findChildren(TurnView) if not turn.isHidden()]
        return ["Answered by small" in visible_text(turn) for turn in turns]

    assert authors() == [False, False, True, False]
    number = window.conversation.recorder.id
    assert number is not None
    window.conversation.begin()
    open_conversation(window, qtbot, number)
    qtbot.waitUntil(lambda: authors() == [False, False, True, False])


def test_no_card_is_offered_while_another_model_may_be_in_use_soon(window: MainWindow, qtbot: QtBot, small: Path) -> None:
    def card_is_offered() -> bool:
        window.models.menu.aboutToShow.emit()
        (card,) = [action for action in window.models.menu.actions() if "card" in action.text()]
        return card.isEnabled()

    assert card_is_offered()
    with qtbot.waitSignal(window.service.model_loaded, timeout=TIMEOUT):
        window.load_model(small)
        assert not card_is_offered()
    assert card_is_offered()
