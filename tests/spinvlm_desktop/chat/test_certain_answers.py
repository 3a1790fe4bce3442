"""How sure an answer is stands beside it; a guess is shown only to those who ask for it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from core.answers import Answer, Comparison
from core.certainty import POOLED, CertaintyCurve, MeasuredCertainty
from core.config import SpinConfig
from core.files.bundled_models import starter_model_path
from core.files.model_calibration import write_calibration
from spinvlm_desktop.answers.certainty_words import ASKED_ANYWAY
from spinvlm_desktop.chat.inside.spin_choice import SpinChoice
from spinvlm_desktop.chat.panel.turn_view import TurnView
from spinvlm_desktop.history.export import to_json, to_markdown
from spinvlm_desktop.models.model_summary import as_text, summarise
from spinvlm_desktop.startup.main_window import MainWindow
from tests.spinvlm_desktop.driving import TIMEOUT, ask, look_inside, open_conversation, restart, visible_text

DOG, SIGN = "Is there a dog?", "What does the sign say?"


def use_model(window: MainWindow, qtbot: QtBot, path: Path, share: float | None) -> None:
    """A model whose answers are right so often, whatever they are; None: it was never measured."""
    shutil.copy(starter_model_path(), path)
    curve = CertaintyCurve((0.0,), (share or 0,), 340)
    measured = MeasuredCertainty(("dogs",), 12, 340, {POOLED: curve}, None, {"right": 61.0})
    write_calibration(path, {"spin": None, **({} if share is None else {"certainty": measured.to_dict()})})
    with qtbot.waitSignal(window.service.model_loaded, timeout=TIMEOUT):
        window.load_model(path)


def last_turn(window: MainWindow) -> TurnView:
    return [view for view in window.tab.chat.findChildren(TurnView) if not view.isHidden()][-1]


def button(view: TurnView, text: str) -> QToolButton:
    return next(found for found in view.findChildren(QToolButton) if found.text() == text)


@pytest.mark.parametrize(("share", "chip"), [(0.93, "Sure"), (0.7, "Fairly sure"), (0.5, "Not sure: perhaps")])
def test_how_sure_an_answer_is_stands_beside_it_and_is_spoken(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, share: float, chip: str
) -> None:
    use_model(window, qtbot, tmp_path / "sure.safetensors", share)
    answer = ask(window, qtbot, DOG)
    assert isinstance(answer, Answer)
    assert answer.certainty == share
    qtbot.waitUntil(lambda: chip in visible_text(last_turn(window)), timeout=TIMEOUT)
    assert last_turn(window).result_text == answer.shown_text, "what is copied is the answer alone"
    assert last_turn(window).certainty_text == chip, "screen readers say it"
    number = window.conversation.recorder.id
    assert number is not None
    store = window.conversation.recorder.store
    path = store.image_path(store.conversation(number).image_hash)
    assert path is not None
    exported = json.loads(to_json(store.conversation(number), store.turns(number), path.read_bytes()))
    assert exported["turns"][0]["answer"]["certainty"] == share


def test_a_guess_is_held_back_until_it_is_asked_for_and_stays_so_in_the_history(
    window: MainWindow, qtbot: QtBot, open_window: Callable[[], MainWindow], tmp_path: Path
) -> None:
    use_model(window, qtbot, tmp_path / "unsure.safetensors", 0.2)
    answer = ask(window, qtbot, DOG)
    assert isinstance(answer, Answer)
    assert answer.declined is not None
    sentence, guess = answer.declined.sentence, answer.text.strip()
    qtbot.waitUntil(lambda: sentence in visible_text(last_turn(window)), timeout=TIMEOUT)
    assert last_turn(window).result_text == sentence
    assert last_turn(window).side("answer") is None
    assert window.conversation.focus.shown() is None
    number = window.conversation.recorder.id
    assert number is not None
    store = window.conversation.recorder.store
    assert sentence in to_markdown(store.conversation(number), store.turns(number))

    again = restart(window, open_window)
    open_conversation(again, qtbot, number)
    qtbot.waitUntil(lambda: sentence in visible_text(again.tab.chat), timeout=TIMEOUT)
    button(last_turn(again), "Show guess").click()
    side = last_turn(again).side("answer")
    assert side is not None
    assert " ".join(word.text for word in side.words) == guess
    qtbot.waitUntil(lambda: "right about 20 times in 100" in visible_text(last_turn(again)), timeout=TIMEOUT)
    assert again.conversation.focus.shown() == (DOG, guess)


def test_a_comparison_shows_both_answers_however_uncertain(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    use_model(window, qtbot, tmp_path / "unsure.safetensors", 0.2)
    look_inside(window)
    window.tab.spin_bar.set_choice(SpinChoice("compare", SpinConfig(keep=4)))
    result = ask(window, qtbot, DOG)
    assert isinstance(result, Comparison)
    assert result.declined is None
    qtbot.waitUntil(lambda: "SPIN off" in visible_text(last_turn(window)), timeout=TIMEOUT)
    assert f"SPIN off: {result.baseline.text.strip()}" in last_turn(window).result_text


def test_a_question_that_was_declined_for_its_kind_can_be_asked_anyway(window: MainWindow, qtbot: QtBot) -> None:
    ask(window, qtbot, SIGN)
    qtbot.waitUntil(lambda: bool(last_turn(window).findChildren(QPushButton)), timeout=TIMEOUT)
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT) as answered:
        button(last_turn(window), "Ask anyway").click()
    assert answered.args is not None
    answer = answered.args[1]
    assert (answer.asked, answer.declined, answer.certainty) == (SIGN, None, None)
    qtbot.waitUntil(lambda: ASKED_ANYWAY in visible_text(last_turn(window)), timeout=TIMEOUT)
    assert len(window.conversation.recorder.store.turns(window.conversation.recorder.id or 0)) == 1


def test_a_model_says_how_sure_it_can_be_or_that_this_is_not_known(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, described: Callable[[MainWindow], str]
) -> None:
    use_model(window, qtbot, tmp_path / "unmeasured.safetensors", None)
    assert "not known for this model" in described(window)
    use_model(window, qtbot, tmp_path / "measured.safetensors", 0.6)
    text = described(window)
    assert "never measured" not in text
    assert "340 questions about 12 photos (dogs)" in text
    assert "61 % right; none is ever sure" in text


@pytest.fixture
def described() -> Callable[[MainWindow], str]:
    """What is said of the model that is in use."""

    def say(window: MainWindow) -> str:
        model = window.models.in_use
        assert model is not None
        return as_text(summarise(model))

    return say
