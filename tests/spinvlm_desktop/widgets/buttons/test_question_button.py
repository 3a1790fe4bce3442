from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from spinvlm_desktop.widgets.buttons.question_button import QuestionButton
from spinvlm_desktop.widgets.flow_layout import FlowLayout
from spinvlm_desktop.widgets.theme import apply_theme

LONG = "Which of the eleven kinds of mushrooms that grow behind the house is it?"


def test_a_question_of_any_length_fits_its_row(qtbot: QtBot) -> None:
    row, asked = QWidget(), list[str]()
    qtbot.addWidget(row)
    flow = FlowLayout(row)
    buttons = [QuestionButton(text, "Ask this") for text in ("Is it day?", LONG)]
    for button in buttons:
        flow.addWidget(button)
    buttons[1].clicked.connect(lambda: asked.append(buttons[1].text()))
    row.resize(200, 120)
    row.show()
    short, long = buttons
    assert flow.minimumSize().width() < 200
    assert short.width() < long.width() <= 200
    assert LONG in long.toolTip()
    qtbot.mouseClick(long, Qt.MouseButton.LeftButton)
    assert asked == [LONG]


def test_a_question_that_has_room_is_shown_whole(qtbot: QtBot, qapp: QApplication) -> None:
    apply_theme(qapp, "light", font_size=10)
    question = "What color is the wetsuit?"
    ours, plain = QuestionButton(question, "Ask this"), QPushButton(question)
    for button in (ours, plain):
        qtbot.addWidget(button)
        button.resize(plain.sizeHint())
    assert ours.sizeHint() == plain.sizeHint()
    assert ours.grab().toImage() == plain.grab().toImage()
