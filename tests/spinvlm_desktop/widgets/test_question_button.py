from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from spinvlm_desktop.widgets.flow_layout import FlowLayout
from spinvlm_desktop.widgets.question_button import QuestionButton

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
