"""Several notices at once: each is there long enough to be read."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QStatusBar
from pytestqt.qtbot import QtBot

from spinvlm_desktop.startup.notices import Notices


def test_notices_that_come_together_are_all_shown(qtbot: QtBot) -> None:
    bar = QStatusBar()
    qtbot.addWidget(bar)
    seen: list[str] = []

    def look() -> None:
        if bar.currentMessage() and bar.currentMessage() not in seen:
            seen.append(bar.currentMessage())

    watch = QTimer(bar, interval=5)
    watch.timeout.connect(look)
    watch.start()
    notices = Notices(bar, reading_ms=60)
    for sentence in ("A training can be resumed.", "A measurement can be resumed.", "The history was damaged."):
        notices.show(sentence)
    qtbot.waitUntil(lambda: len(seen) == 3, timeout=5000)
    notices.show("Saved as dog.png.")
    assert bar.currentMessage() == "Saved as dog.png.", "what has just happened doesn't wait"


def test_a_notice_that_was_read_does_not_come_again(qtbot: QtBot) -> None:
    bar = QStatusBar()
    qtbot.addWidget(bar)
    notices = Notices(bar, reading_ms=20)
    notices.show("One.")
    qtbot.wait(60)
    notices.show("Two.")
    reported: list[str] = []
    bar.messageChanged.connect(reported.append)
    qtbot.wait(100)
    assert "One." not in reported
