"""What happens by itself when a photo is opened, and how one gets back to the empty start."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from core.answers import Answer
from core.text.question_kinds.understanding import understand_question
from spinvlm_desktop.chat.panel.suggested_questions import SuggestedQuestions
from spinvlm_desktop.chat.photo_questions import questions_about
from spinvlm_desktop.image.start_photos import sample_photos
from spinvlm_desktop.image.thumbnail_strip import ThumbnailStrip
from spinvlm_desktop.settings.defaults import DEFAULT_QUESTION
from spinvlm_desktop.startup.main_window import MainWindow
from tests.spinvlm_desktop.driving import (
    QUESTION,
    TIMEOUT,
    ask,
    kept_turns,
    listed,
    named,
    open_conversation,
    open_photo,
    visible_text,
)

BEACH, MEADOW, SNOW = sample_photos()


@pytest.fixture
def describing(open_window: Callable[[], MainWindow], qtbot: QtBot) -> MainWindow:
    """The window as it comes, with the starter model and no photo."""
    window = open_window()
    with qtbot.waitSignal(window.service.model_loaded, timeout=TIMEOUT):
        window.load_model(None)
    window.conversation.describes_photos = True
    return window


def describe(window: MainWindow, qtbot: QtBot, photo: Path) -> None:
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT):
        window.open_photos([photo])


def suggested(window: MainWindow) -> list[str]:
    row = named(window.tab.chat, SuggestedQuestions, "Questions to ask next")
    return [button.text() for button in row.findChildren(QPushButton) if button.isVisible()]


def test_a_photo_describes_itself_once(describing: MainWindow, qtbot: QtBot) -> None:
    describe(describing, qtbot, BEACH)
    assert [turn.question for turn in kept_turns(describing)] == [DEFAULT_QUESTION]
    with qtbot.assertNotEmitted(describing.service.answered, wait=300):
        pass
    first = describing.conversation.recorder.id
    describe(describing, qtbot, SNOW)
    assert first is not None
    with qtbot.assertNotEmitted(describing.service.answered, wait=300):
        open_conversation(describing, qtbot, first)
    assert [turn.question for turn in kept_turns(describing)] == [DEFAULT_QUESTION]


def test_a_description_gives_way_to_a_question(describing: MainWindow, qtbot: QtBot) -> None:
    """Sent with real keys while the description is on its way; nothing of it is left."""
    field = describing.tab.chat.field
    qtbot.keyClicks(field, QUESTION)
    describing.tab.image.image_opened.connect(lambda _image: qtbot.keyClick(field, Qt.Key.Key_Return))
    with qtbot.waitSignal(describing.service.answered, timeout=TIMEOUT) as answered:
        describing.open_photos([MEADOW])
    assert answered.args is not None
    assert answered.args[1].question == QUESTION
    assert [turn.question for turn in kept_turns(describing)] == [QUESTION]
    assert DEFAULT_QUESTION not in visible_text(describing.tab.chat)


def test_a_description_that_is_left_is_not_kept(describing: MainWindow, qtbot: QtBot) -> None:
    describing.tab.image.image_opened.connect(lambda _image: describing.conversation.start_new())
    open_photo(describing, qtbot, BEACH)
    with qtbot.assertNotEmitted(describing.service.answered, wait=300):
        pass
    assert listed(describing) == []


def test_without_the_setting_nothing_is_asked(describing: MainWindow, qtbot: QtBot) -> None:
    describing.conversation.describes_photos = False
    with qtbot.assertNotEmitted(describing.service.answered, wait=300):
        open_photo(describing, qtbot, BEACH)
    assert listed(describing) == []


def test_what_fits_the_photo_is_suggested_until_it_is_asked(describing: MainWindow, qtbot: QtBot) -> None:
    describe(describing, qtbot, BEACH)
    qtbot.waitUntil(lambda: len(suggested(describing)) >= 3)
    of_beach = suggested(describing)
    button = next(b for b in describing.tab.chat.findChildren(QPushButton) if b.text() == of_beach[1] and b.isVisible())
    with qtbot.waitSignal(describing.service.answered, timeout=TIMEOUT):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: suggested(describing) == [of_beach[0], *of_beach[2:]])
    assert [turn.question for turn in kept_turns(describing)] == [DEFAULT_QUESTION, of_beach[1]]
    describe(describing, qtbot, SNOW)
    qtbot.waitUntil(lambda: len(suggested(describing)) >= 3)
    assert suggested(describing) != of_beach


def description(text: str) -> Answer:
    return Answer("", text, (), "end", 0.0, 0.0, is_sentence=True)


@pytest.mark.parametrize("text", [
    "a young girl in a red shirt is running along the beach",
    "two dogs are playing with a yellow ball",
    "a crowd of people watch a parade",
    "a man and a woman are sitting on a chair with a drink",
    "The image shows a plate of spaghetti on a wooden table. Next to it are two glasses of wine.",
    "snow",
    "qwertz",
])
def test_questions_can_all_be_answered_and_are_of_different_kinds(text: str) -> None:
    questions = questions_about(description(text))
    assert 3 <= len(questions) <= 4
    assert len(set(questions)) == len(questions)
    assert all(understand_question(question).is_answerable for question in questions)


def test_questions_are_about_what_the_description_names() -> None:
    assert "What are the dogs doing?" in questions_about(description("two dogs are playing with a yellow ball"))
    assert "What color is the ball?" in questions_about(description("two dogs are playing with a yellow ball"))
    assert "How many dogs are there?" in questions_about(description("two dogs are playing with a yellow ball"))
    assert "What color is the car?" in questions_about(description("a red car is parked in front of a building"))
    twice = questions_about(description("a man in a black shirt is sitting beside a woman in a black shirt"))
    assert "What color is the shirt?" not in twice, "nobody could say which"
    assert questions_about(Answer("", "yes", (), "end", 0.0, 0.0)) == ()


def test_a_new_chat_leads_back_to_the_empty_start(window: MainWindow, qtbot: QtBot) -> None:
    ask(window, qtbot)
    window.tab.sidebar.new_requested.emit()
    assert window.tab.image.current() is None
    assert window.conversation.recorder.id is None
    assert "Ask questions about a photo" in visible_text(window.tab.chat)
    assert len(listed(window)) == 1
    window.tab.chat.question_asked.emit(QUESTION)
    assert "Drop a photo" in window.tab.image.error()


def test_each_of_several_photos_keeps_its_conversation(window: MainWindow, qtbot: QtBot) -> None:
    image = window.tab.image
    with qtbot.waitSignal(image.image_opened, timeout=TIMEOUT):
        window.open_photos([BEACH, SNOW])
    ask(window, qtbot, "Is there a dog?")
    strip = named(image, ThumbnailStrip, "Photos dropped together")
    with qtbot.waitSignal(image.image_chosen, timeout=TIMEOUT):
        qtbot.keyClick(strip, Qt.Key.Key_Right)
    shown = image.current()
    assert shown is not None
    assert shown.name == SNOW.name
    ask(window, qtbot, "Is there a man?")
    with qtbot.waitSignal(image.image_chosen, timeout=TIMEOUT):
        qtbot.keyClick(strip, Qt.Key.Key_Left)
    assert [turn.question for turn in kept_turns(window)] == ["Is there a dog?"]
    ask(window, qtbot, "Is there a cat?")
    assert [turn.question for turn in kept_turns(window)] == ["Is there a dog?", "Is there a cat?"]


def test_a_dropped_folder_becomes_the_folder_dialog(window: MainWindow, qtbot: QtBot, photos: Path) -> None:
    before = window.tab.image.current()
    window.open_photos([photos])
    assert window.batch.dialog is not None
    qtbot.waitUntil(window.batch.dialog.isVisible)
    assert window.batch.dialog.form.folder == photos
    assert window.tab.image.current() is before


def test_a_dropped_conversation_is_imported(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    ask(window, qtbot, "Is there a horse?")
    assert window.conversation.recorder.id is not None
    window.exports.write(window.conversation.recorder.id, "json", tmp_path / "talk.json")
    open_photo(window, qtbot, SNOW)
    with qtbot.waitSignal(window.tab.image.reader.ended, timeout=TIMEOUT):
        window.open_photos([tmp_path / "talk.json"])
    assert [turn.question for turn in kept_turns(window)] == ["Is there a horse?"]
    assert len(listed(window)) == 2


def test_the_first_screen_says_what_the_model_can_and_cannot(window: MainWindow) -> None:
    window.conversation.start_new()
    text = visible_text(window.tab.chat)
    assert re.search(r"[1-9]\d of 100 yes/no questions", text)
    assert "can't read text" in text
