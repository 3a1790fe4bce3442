"""What a user does in the window, with the real starter model."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from core.answers import Answer, Comparison
from core.config import SpinConfig
from spinvlm_desktop import paths
from spinvlm_desktop.chat.spin_bar import SpinChoice
from spinvlm_desktop.main_window import MainWindow
from spinvlm_desktop.screenshots import draw_photo
from spinvlm_desktop.settings.settings_store import SettingsStore

TIMEOUT = 60_000
QUESTION = "What is the person doing?"


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photos") / "beach.jpg"
    draw_photo(path)
    return path


@pytest.fixture
def open_window(qtbot: QtBot, own_home: Path) -> Iterator[Callable[[], MainWindow]]:
    windows: list[MainWindow] = []

    def make() -> MainWindow:
        store = SettingsStore(paths.config_folder() / "settings.json")
        window = MainWindow(store.load()[0], store)
        windows.append(window)
        window.show()
        return window

    yield make
    for window in windows:
        if window.isVisible():
            window.close()
        assert window.service.shut_down(patience=20), "the model's thread is left"
        window.deleteLater()


@pytest.fixture
def window(open_window: Callable[[], MainWindow], qtbot: QtBot, photo: Path) -> MainWindow:
    window = open_window()
    with qtbot.waitSignal(window.service.model_loaded, timeout=TIMEOUT):
        window.load_model(None)
    window.open_photos([photo])
    return window


def ask(window: MainWindow, qtbot: QtBot, question: str = QUESTION) -> object:
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT) as answered:
        window.tab.chat.question_asked.emit(question)
    assert answered.args is not None
    return answered.args[1]


def test_a_photo_a_question_an_answer_and_its_map(window: MainWindow, qtbot: QtBot) -> None:
    answer = ask(window, qtbot)
    assert isinstance(answer, Answer)
    assert window.conversation.shown() == (QUESTION, answer.text.strip())
    word = window.tab.attention.current_word()
    assert word is not None
    with qtbot.waitSignal(window.tab.attention.heat_map_changed) as changed:
        window.tab.attention.step(-1 if word.index else 1)
    assert changed.args is not None
    assert changed.args[0] is not None


def test_compare_shows_both(window: MainWindow, qtbot: QtBot) -> None:
    window.tab.spin_bar.set_choice(SpinChoice("compare", SpinConfig(keep=4)))
    result = ask(window, qtbot)
    assert isinstance(result, Comparison)
    assert window.conversation.shown() == (QUESTION, result.spin.text.strip())


def test_a_question_without_a_photo_is_told(open_window: Callable[[], MainWindow], qtbot: QtBot) -> None:
    window = open_window()
    window.conversation.ask(QUESTION)
    assert "Drop a photo" in window.tab.image.error()
    assert window.conversation.shown() is None


def test_the_answer_as_a_picture(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    ask(window, qtbot)
    assert window.conversation.kept.id is not None
    window.files.write(window.conversation.kept.id, "picture", tmp_path / "answer.png")
    with Image.open(tmp_path / "answer.png") as picture:
        assert picture.width == 1200
        assert len(picture.convert("L").resize((32, 32)).getcolors() or []) > 10


def test_another_photo_starts_another_chat(window: MainWindow, qtbot: QtBot, photo: Path) -> None:
    ask(window, qtbot)
    window.open_photos([photo])
    assert window.conversation.shown() is None
    assert window.tab.attention.current_word() is None


def test_a_refused_photo_keeps_the_one_before(window: MainWindow, tmp_path: Path) -> None:
    before = window.tab.image.current()
    (tmp_path / "text.jpg").write_text("no photo")
    window.open_photos([tmp_path / "text.jpg"])
    assert window.tab.image.current() == before is not None


def test_a_head_switched_off_by_hand_is_off_in_the_next_answer(window: MainWindow, qtbot: QtBot) -> None:
    ask(window, qtbot)
    window.tab.attention.grid.ablation_toggled.emit(0, 1)
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT) as answered:
        window.tab.attention.ask_again_requested.emit()
    assert answered.args is not None
    assert all(token.head_gate[0, 1] == 0 for token in answered.args[1].tokens)
    assert window.tab.attention.ablated() == {(0, 1)}


def test_closing_while_it_answers_takes_no_two_seconds(window: MainWindow, qtbot: QtBot) -> None:
    window.conversation.ask("Describe the image in detail.")
    started = time.monotonic()
    window.close()
    assert time.monotonic() - started < 2
    assert window.ended_in_time
