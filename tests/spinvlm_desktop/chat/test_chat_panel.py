from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QTextCursor
from PySide6.QtWidgets import QApplication, QDoubleSpinBox, QLabel, QSlider, QToolButton
from pytestqt.qtbot import QtBot

from core.answers import Comparison, Divergence, FinishReason
from core.config import SpinConfig
from spinvlm_desktop.answers.comparison_words import describe_divergence
from spinvlm_desktop.attention import word_steps
from spinvlm_desktop.attention.answer_maps import maps_of, place_weights
from spinvlm_desktop.attention.attention_panel import AttentionPanel
from spinvlm_desktop.attention.head_maps import ALL_KEPT, HeadSelection, word_map
from spinvlm_desktop.chat.inside.spin_bar import SpinBar
from spinvlm_desktop.chat.inside.spin_choice import USUAL_SHAPE, SpinChoice
from spinvlm_desktop.chat.panel.answer_text import AnswerText
from spinvlm_desktop.chat.panel.chat_panel import ChatPanel
from spinvlm_desktop.widgets.theme import colours
from tests.spinvlm_desktop.chat.patch_answers import make_answer
from tests.spinvlm_desktop.driving import named


@pytest.fixture
def chat(qtbot: QtBot) -> ChatPanel:
    panel = ChatPanel()
    qtbot.addWidget(panel)
    panel.resize(600, 500)
    panel.show()
    return panel


def test_enter_sends_and_shift_enter_breaks_the_line(chat: ChatPanel, qtbot: QtBot) -> None:
    qtbot.keyClicks(chat.field, "one")
    qtbot.keyClick(chat.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(chat.field, "two")
    with qtbot.waitSignal(chat.question_asked) as asked:
        qtbot.keyClick(chat.field, Qt.Key.Key_Return)
    assert asked.args == ["one\ntwo"]
    assert chat.field.toPlainText() == ""
    qtbot.keyClick(chat.field, Qt.Key.Key_Up)
    assert chat.field.toPlainText() == "one\ntwo"


def test_nothing_is_sent_while_an_answer_is_made_and_nothing_typed_is_lost(chat: ChatPanel, qtbot: QtBot) -> None:
    chat.set_busy(True)
    chat.field.setPlainText("next")
    with qtbot.assertNotEmitted(chat.question_asked):
        chat.field.send()
    assert chat.field.toPlainText() == "next"


def test_markup_stays_text_and_repeated_words_are_kept_apart(chat: ChatPanel, qtbot: QtBot) -> None:
    answer = make_answer("a <b>dog</b> and a cat")
    chat.add_turn(7, "<i>what</i>")
    chat.finish_answer(7, answer, meta="")
    (text,) = answers_on_show(chat, qtbot, count=1)
    assert text.toPlainText() == "a <b>dog</b> and a cat"
    with qtbot.waitSignal(chat.word_chosen) as chosen:
        text.word_clicked.emit(3)
    assert chosen.args == [7, "answer", 3]
    assert text.word_at(text.toPlainText().rindex("a cat")) == 3
    chat.select_word(7, "answer", 3)
    qtbot.keyClick(text, Qt.Key.Key_Right)


def test_compare_marks_what_differs_and_says_where(chat: ChatPanel, qtbot: QtBot) -> None:
    off, on = make_answer("a dog runs"), make_answer("a cat runs")
    chat.add_turn(1, "q")
    chat.finish_comparison(1, Comparison(off, on, Divergence(1, " dog", 0.41, " cat", 0.38)), meta="")
    texts = answers_on_show(chat, qtbot, count=2)
    assert [text.toPlainText() for text in texts] == ["a dog runs", "a cat runs"]
    assert [marked_text(text) for text in texts] == ["dog", "cat"]


@pytest.mark.parametrize(("text", "finish", "shown"), [
    ("a dog runs", "end", "A dog runs."), ("a dog runs.", "end", "A dog runs."), ("a dog runs", "stopped", "A dog runs"),
    ("ruft", "end", "Ruft."),
])
def test_a_description_is_a_sentence_and_its_words_stay_those_of_the_tokens(
    qtbot: QtBot, text: str, finish: FinishReason, shown: str
) -> None:
    answer = replace(make_answer(text), finish=finish)
    view = AnswerText()
    qtbot.addWidget(view)
    for is_sentence, wanted in ((True, shown), (False, text)):
        one = replace(answer, is_sentence=is_sentence)
        view.set_answer(one)
        assert view.toPlainText() == one.shown_text == wanted
        assert [word.text for word in view.words] == text.split()
        assert view.word_at(len(wanted)) == len(text.split()) - 1


def answers_on_show(chat: ChatPanel, qtbot: QtBot, *, count: int) -> list[AnswerText]:
    """Their fields, as soon as so many are visible."""
    def visible() -> list[AnswerText]:
        return [text for text in chat.findChildren(AnswerText) if text.isVisible()]

    qtbot.waitUntil(lambda: len(visible()) == count)
    return visible()


def marked_text(text: AnswerText) -> str:
    """The characters that have the ground of a word that differs."""
    marked, cursor = "", QTextCursor(text.document())
    for place in range(len(text.toPlainText())):
        cursor.setPosition(place + 1)
        if cursor.charFormat().background().color() == QColor(colours().mark):
            marked += text.toPlainText()[place]
    return marked


@pytest.mark.parametrize(
    ("off", "on", "sentence"),
    [
        ("two dogs", "two dogs run", "as far as both answers came, they are the same"),
        ("two dogs", "", "Stopped before there were two answers"),
    ],
)
def test_a_stopped_comparison_says_so(chat: ChatPanel, off: str, on: str, sentence: str) -> None:
    stopped = Comparison(make_answer(off), replace(make_answer(on), finish="stopped"), None)
    assert sentence in describe_divergence(stopped)
    chat.add_turn(1, "q")
    chat.finish_comparison(1, stopped, meta="0.1 s")
    texts = [label.text() for label in chat.findChildren(QLabel)]
    assert describe_divergence(stopped) in texts
    assert "Stopped · 0.1 s" in texts
    assert describe_divergence(Comparison(make_answer("a"), make_answer("a"), None)) == "Both answers are the same."


def test_the_field_grows_with_its_lines_up_to_some(chat: ChatPanel) -> None:
    heights = []
    for words in (1, 40, 400):
        chat.field.setPlainText("word " * words)
        QApplication.processEvents()
        heights.append(chat.field.height())
    assert heights[0] < heights[1] <= heights[2]
    chat.field.setPlainText("word " * 800)
    QApplication.processEvents()
    assert chat.field.height() == heights[2]


def test_a_refused_question_is_not_put_over_the_next_one(chat: ChatPanel, qtbot: QtBot) -> None:
    chat.add_turn(1, "too long")
    chat.field.setPlainText("the next")
    chat.offer_edit(1)
    assert chat.field.toPlainText() == "the next"
    chat.field.clear()
    chat.offer_edit(1)
    with qtbot.waitSignal(chat.question_edited) as edited:
        chat.field.send()
    assert edited.args == [1, "too long"]


def test_an_edited_question_names_the_turn_it_replaces(chat: ChatPanel, qtbot: QtBot) -> None:
    chat.add_turn(4, "what?")
    named(chat, QToolButton, "Edit this question and ask again").click()
    assert chat.field.toPlainText() == "what?"
    with qtbot.waitSignal(chat.question_edited) as edited:
        chat.field.send()
    assert edited.args == [4, "what?"]


def test_the_spin_bar_clips_to_the_model_and_says_what_is_in_force(qtbot: QtBot) -> None:
    bar = SpinBar()
    qtbot.addWidget(bar)
    bar.set_choice(SpinChoice("on", SpinConfig(keep=7, alpha=0.1, first_layer=1)))
    bar.set_model(replace(USUAL_SHAPE, layers=2, heads=4))
    assert bar.choice() == SpinChoice("on", SpinConfig(keep=4, alpha=0.1, first_layer=1))
    assert "no head is suppressed" in bar.line()
    named(bar, QSlider, "Heads kept per layer").setValue(2)
    assert bar.choice().spin.keep == 2
    assert "in layer 2, the 2 of 4 heads" in bar.line()


def test_the_spin_bar_keeps_what_the_user_wants_apart_from_what_fits_the_model(qtbot: QtBot) -> None:
    bar = SpinBar()
    qtbot.addWidget(bar)
    wanted = SpinConfig(keep=10, alpha=0.1, first_layer=3, last_layer=8)
    bar.set_model(replace(USUAL_SHAPE, layers=12, heads=16))
    bar.set_choice(SpinChoice("on", wanted))
    assert bar.choice().spin == wanted
    bar.set_model(replace(USUAL_SHAPE, layers=2, heads=4))
    assert bar.choice().spin == SpinConfig(keep=4, alpha=0.1, first_layer=1)
    named(bar, QDoubleSpinBox, "Weight of other heads (alpha)").setValue(0.25)
    assert bar.choice().spin == SpinConfig(keep=4, alpha=0.25, first_layer=1)
    assert bar.wanted().spin == replace(wanted, alpha=0.25), "only what was changed is another"
    bar.set_model(replace(USUAL_SHAPE, layers=12, heads=16))
    assert bar.choice().spin == replace(wanted, alpha=0.25)


def test_presets_and_the_calibrated_one(qtbot: QtBot) -> None:
    bar = SpinBar()
    qtbot.addWidget(bar)
    bar.set_model(replace(USUAL_SHAPE, layers=4, heads=8))
    bar.set_choice(SpinChoice("on", SpinConfig(keep=2)))
    bar.set_calibration({"spin": SpinConfig(keep=6, alpha=0.5).to_dict()})
    with qtbot.waitSignal(bar.choice_changed):
        bar.presets.actions()[0].trigger()
    assert bar.choice() == SpinChoice("on", SpinConfig(keep=6, alpha=0.5), by_user=False)
    bar.set_calibration({"spin": None})
    bar.presets.actions()[0].trigger()
    assert bar.choice().mode == "off"


def test_presets_say_what_they_do_on_the_model_that_is_loaded(qtbot: QtBot) -> None:
    bar = SpinBar()
    qtbot.addWidget(bar)
    bar.set_model(replace(USUAL_SHAPE, layers=4, heads=8))
    bar.set_calibration({"spin": SpinConfig(keep=6, alpha=0.5, first_layer=1, last_layer=2).to_dict()})
    names = [action.text() for action in bar.presets.actions()]
    assert names == [
        "This model's calibrated setting: 6 of 8 heads kept in layer 2, the others × 0.5",
        "Half of the heads: 4 of 8 heads kept in every layer, the others silenced",
        "Authors' for captions: 7 of 8 heads kept in every layer, the others × 0.08",
        "Authors' for yes/no questions: 6 of 8 heads kept in every layer, the others × 0.1",
        "Authors' for Qwen-VL: 5 of 8 heads kept in every layer, the others × 0.08 (theirs: layers 1 to 20)",
    ]
    bar.presets.actions()[-1].trigger()
    assert bar.choice().spin == SpinConfig(keep=0.7, alpha=0.08), "kept as published, for models of other sizes"
    bar.set_model(replace(USUAL_SHAPE, layers=28, heads=16))
    assert bar.presets.actions()[-1].text() == (
        "Authors' for Qwen-VL: 11 of 16 heads kept in layers 1 to 20, the others × 0.08"
    )
    bar.presets.actions()[-1].trigger()
    assert bar.choice().spin.last_layer == 20


def test_a_models_calibration_is_in_force_until_the_user_chooses(qtbot: QtBot) -> None:
    bar = SpinBar()
    qtbot.addWidget(bar)
    bar.set_choice(SpinChoice(by_user=False))
    bar.set_model(replace(USUAL_SHAPE, layers=4, heads=8))
    best = {"spin": SpinConfig(keep=6, alpha=0.5).to_dict()}
    with qtbot.waitSignal(bar.choice_changed):
        bar.set_calibration(best)
    assert bar.choice() == SpinChoice("on", SpinConfig(keep=6, alpha=0.5), by_user=False)
    assert "Measured best for this model" in bar.line()
    for none in (None, {}, {"spin": {"keep": "all"}}, {"spin": 3}):
        bar.set_calibration(none)
        assert bar.choice().mode == "off"
        assert "easured" not in bar.line()
    bar.set_calibration({"spin": None})
    assert bar.choice().mode == "off"
    assert "Measured best for this model" in bar.line()

    named(bar, QSlider, "Heads kept per layer").setValue(3)
    bar.set_calibration(best)
    assert bar.choice() == SpinChoice("off", SpinConfig(keep=3), by_user=True), "the user's own choice stays"
    assert "Your own choice; measured best for this model: SPIN on, 6 heads kept, the others × 0.5." in bar.line()
    bar.presets.actions()[0].trigger()
    assert not bar.choice().by_user
    bar.set_calibration({"spin": None})
    assert bar.choice().mode == "off"


def test_who_compares_goes_on_comparing_with_the_calibrated_setting(qtbot: QtBot) -> None:
    bar = SpinBar()
    qtbot.addWidget(bar)
    bar.set_model(replace(USUAL_SHAPE, layers=4, heads=8))
    bar.set_choice(SpinChoice("compare", SpinConfig(keep=4)))
    bar.set_calibration({"spin": SpinConfig(keep=6).to_dict()})
    bar.presets.actions()[0].trigger()
    assert bar.choice() == SpinChoice("compare", SpinConfig(keep=6), by_user=False)
    assert "Measured best" in bar.line()


def test_maps_leave_suppressed_heads_out(qtbot: QtBot) -> None:
    panel = AttentionPanel()
    qtbot.addWidget(panel)
    panel.set_answer(make_answer("a dog and a cat").tokens)
    panel.select_word(3)
    word = panel.current_word()
    assert word is not None
    assert word.text == "a"
    assert np.unravel_index(word_map(word).argmax(), (14, 14)) == (3, 3), "the second a has a map of its own"
    assert word_map(word)[13, 13] == 0, "the suppressed head's place"
    assert word_map(word, HeadSelection(1, 1))[13, 13] == pytest.approx(0.5)


def test_a_patch_colours_the_words_that_looked_at_it(qtbot: QtBot) -> None:
    panel = AttentionPanel()
    qtbot.addWidget(panel)
    panel.set_answer(make_answer("a dog runs").tokens)
    with qtbot.waitSignal(panel.word_weights_changed) as weights:
        panel.show_patch(1, 1)
    assert weights.args == [[0.0, 1.0, 0.0]]
    maps = maps_of(make_answer("a dog").tokens, None)
    assert maps is not None
    assert place_weights(maps, [], 0, 0, ALL_KEPT) == []


def test_play_steps_to_the_end_and_stops(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_steps, "PLAY_INTERVAL", 5)
    panel = AttentionPanel()
    qtbot.addWidget(panel)
    panel.set_answer(make_answer("a dog runs").tokens)
    seen: list[int] = []
    panel.word_selected.connect(seen.append)
    panel.play()
    qtbot.waitUntil(lambda: seen[-1:] == [2], timeout=5000)
    qtbot.wait(50)
    assert seen == [0, 1, 2]


def test_heads_are_switched_off_by_key_and_reset(qtbot: QtBot) -> None:
    panel = AttentionPanel()
    qtbot.addWidget(panel)
    panel.set_answer(make_answer("a dog").tokens)
    panel.select_word(0)
    panel.show()
    qtbot.keyClick(panel.grid, Qt.Key.Key_Right)
    qtbot.keyClick(panel.grid, Qt.Key.Key_Space)
    assert panel.ablated() == {(0, 1)}
    cell = panel.grid.cell_rect(1, 0).center().toPoint()
    qtbot.mouseClick(panel.grid, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, cell)
    assert panel.ablated() == {(0, 1), (1, 0)}
    panel.clear()
    assert panel.ablated() == frozenset()
