from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from spinvlm_desktop.widgets.flow_layout import FlowLayout


def test_what_does_not_fit_goes_on_in_the_next_line(qtbot: QtBot) -> None:
    row = QWidget()
    qtbot.addWidget(row)
    flow = FlowLayout(row, spacing=10)
    boxes = [QWidget() for _ in range(4)]
    for box, height in zip(boxes, (20, 30, 20, 20), strict=True):
        box.setFixedSize(100, height)
        flow.addWidget(box)
    boxes[3].hide()
    assert flow.sizeHint().width() == 320
    assert flow.minimumSize().width() == 100
    assert [flow.heightForWidth(width) for width in (320, 319, 210, 100)] == [30, 60, 60, 90]
    row.resize(210, 60)
    row.show()
    assert [(box.x(), box.y()) for box in boxes[:3]] == [(0, 5), (110, 0), (0, 40)]
