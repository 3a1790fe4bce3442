"""A class question in the chat: answered by the photos that were sorted, with a map that is called what it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.answers import Answer
from core.classes.class_file import write_class_question
from core.session import ModelSession
from spinvlm_desktop.answers.answer_bytes import result_from_bytes, result_to_bytes
from spinvlm_desktop.answers.answer_codec import answer_from_dict, answer_to_dict
from spinvlm_desktop.startup.main_window import MainWindow
from spinvlm_desktop.system import paths
from tests.spinvlm_desktop.driving import TIMEOUT, ask, look_inside, named, open_photo, visible_text
from training.classes.class_project import ClassProject, project_for
from training.classes.learning import learn_classes

QUESTION = "Which of my balls is it?"


def draw(path: Path, colour: tuple[int, int, int], seed: int) -> Path:
    noise = np.random.default_rng(seed).integers(-40, 40, (6, 6, 3))
    Image.fromarray((np.array(colour) + noise).clip(0, 255).astype(np.uint8)).resize((60, 40)).save(path)
    return path


@pytest.fixture
def learnt(own_home: Path, tiny_model: Path, tmp_path: Path) -> Path:
    """Red and blue are told apart; a photo of red that is new."""
    photos = {
        name: [draw(tmp_path / f"{name}{n}.png", colour, start + n) for n in range(11)]
        for name, colour, start in (("red", (210, 40, 40), 0), ("blue", (40, 40, 210), 50))
    }
    kept = project_for(paths.classes_folder(), QUESTION)
    kept.write(ClassProject.of(QUESTION, photos))
    taught = learn_classes(QUESTION, photos, ModelSession.load(tiny_model).classes, model="tiny")
    # A model that has learnt nothing finds one new photo in twenty unlike all others; here it is to fit.
    write_class_question(kept.learnt, replace(taught, head=replace(taught.head, least_fit=-np.inf)))
    return draw(tmp_path / "new.png", (205, 45, 45), 99)


@pytest.fixture
def window(open_window: Callable[[], MainWindow], learnt: Path, qtbot: QtBot, tiny_model: Path) -> MainWindow:
    window = open_window()
    with qtbot.waitSignal(window.service.model_loaded, timeout=TIMEOUT):
        window.load_model(tiny_model)
    return window


def test_it_is_answered_in_the_chat_and_its_map_is_evidence(window: MainWindow, qtbot: QtBot, learnt: Path) -> None:
    open_photo(window, qtbot, learnt)
    look_inside(window)
    answer = ask(window, qtbot, "what kind of ball is this?")
    assert isinstance(answer, Answer)
    assert answer.text == "red"
    assert "told apart by your photos" in visible_text(window)
    assert "Asked anyway" not in visible_text(window)
    panel = window.tab.attention
    assert named(panel, QLabel, "Word on show").text().startswith("Where the photo speaks for “red”.")
    assert "of the evidence on the photo" in named(window.tab.inspector, QLabel, "The map in words").text()
    assert not panel.grid.isVisible()
    other = ask(window, qtbot, "Is there a dog?")
    assert isinstance(other, Answer)
    assert not other.class_shares
    if other.declined is None:
        assert panel.grid.isVisible()


def test_trying_a_photo_from_the_page_asks_in_the_chat(window: MainWindow, qtbot: QtBot, learnt: Path) -> None:
    window.classes.show()
    assert window.classes.dialog is not None
    assert window.classes.dialog.try_photo.isEnabled()
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT) as answered:
        window.classes.dialog.try_wanted.emit(learnt, QUESTION)
    assert not window.classes.dialog.isVisible(), "it would cover the answer"
    assert answered.args is not None
    assert (answered.args[1].text, answered.args[1].question) == ("red", QUESTION)


def test_class_answers_are_stored_and_exported_whole(learnt: Path, tiny_model: Path) -> None:
    from core.answers import AnswerRequest

    session = ModelSession.load(tiny_model, classes=paths.classes_folder())
    answer = session.answer(AnswerRequest(learnt, QUESTION))
    for again in (result_from_bytes(result_to_bytes(answer)), answer_from_dict(answer_to_dict(answer))):
        assert isinstance(again, Answer)
        assert [name for name, _ in again.class_shares] == ["red", "blue"]
        assert (again.text, again.declined, again.asked) == ("red", None, QUESTION)
    plain = session.answer(AnswerRequest(learnt, "Where is the ball?"))
    assert "class_shares" not in answer_to_dict(plain)
