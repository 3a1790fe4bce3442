"""What is said once to who has never looked inside: that words can be clicked, then three small bubbles."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from spinvlm_desktop.chat.chat_tab import ChatTab
from spinvlm_desktop.widgets.labels import sentence_label

WIDTH_IN_LINES = 19
"""Of the bubble, in heights of a line."""
GAP = 8
HINTS = (
    "The map shows where the model looked for the marked word. Click another word of the answer to see its map.",
    "Each square is an attention head, and its number is how much of it went to the photo. Click one for its own map.",
    "SPIN weakens the heads that look least at the photo. Compare asks with it and without it.",
)


class FirstLook(QFrame):
    """One bubble after the other, beside what it is about; it takes no focus from who is typing, and Esc ends it."""

    words_known = Signal()
    """The user has clicked a word, or looks inside"""

    def __init__(self, tab: ChatTab) -> None:
        super().__init__(tab)
        self.setObjectName("bubble")
        self.setAccessibleName("A first look inside")
        self._tab = tab
        self._number = -1
        self._text = sentence_label("Hint")
        self._count = QLabel()
        self._count.setProperty("muted", True)
        self._next = QPushButton()
        self._next.setProperty("primary", True)
        self._next.clicked.connect(lambda _checked=False: self._go_on())
        foot = QHBoxLayout()
        foot.addWidget(self._count, 1)
        foot.addWidget(self._next)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.addWidget(self._text)
        column.addLayout(foot)
        self._targets: tuple[Callable[[], QWidget], ...] = (
            lambda: tab.image.view, lambda: tab.attention.grid, lambda: tab.spin_bar,
        )
        tab.chat.word_chosen.connect(lambda *_word: self._on_words_known())
        tab.chat.word_chosen.connect(lambda *_word: self._took(0))
        tab.look_inside.toggled.connect(lambda on: self._on_words_known() if on else None)
        tab.attention.grid.head_chosen.connect(lambda _head: self._took(1))
        tab.dismissed.connect(self.end)
        tab.installEventFilter(self)
        self.hide()

    def invite(self) -> None:
        """Say below the answers that their words can be clicked, until one is."""
        self._tab.chat.invite_to_words(True)

    def _on_words_known(self) -> None:
        self._tab.chat.invite_to_words(False)
        self.words_known.emit()

    def begin(self) -> None:
        """Show the first."""
        self._number = -1
        self._go_on()

    def end(self) -> None:
        """No more bubbles."""
        if self._number >= 0:
            self._number = -1
            if self._next.hasFocus():
                self._tab.chat.field.setFocus()
            self.hide()

    def _took(self, number: int) -> None:
        """The hint of this number was followed."""
        if self._number == number:
            self._go_on()

    def _go_on(self) -> None:
        self._number += 1
        if self._number >= len(HINTS):
            self.end()
            return
        self._text.setText(HINTS[self._number])
        self._count.setText(f"{self._number + 1} of {len(HINTS)}")
        last = self._number == len(HINTS) - 1
        self._next.setText("Got it" if last else "Next")
        self._next.setToolTip("Close this hint" if last else "The next hint")
        self.show()
        self.raise_()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, HINTS[self._number]))
        self._place()

    def _place(self) -> None:
        """Beside its target, within the tab."""
        target = self._targets[self._number]()
        width = min(WIDTH_IN_LINES * self.fontMetrics().height(), self._tab.width() - 2 * GAP)
        frame = self.contentsMargins()  # the layout has what is within it
        inner = width - frame.left() - frame.right()
        self.resize(width, self._column.heightForWidth(inner) + frame.top() + frame.bottom())
        where = QRect(target.mapTo(self._tab, QPoint()), target.size())
        x = min(max(GAP, where.center().x() - self.width() // 2), self._tab.width() - self.width() - GAP)
        # In a corner of the photo, but above the heads and SPIN, which it would hide.
        if self._number == 0:
            x = where.left() + GAP
        y = where.top() + GAP if self._number == 0 else where.top() - self.height() - GAP
        self.move(x, max(GAP, min(y, self._tab.height() - self.height() - GAP)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Hide:
            self.end()
        if event.type() == QEvent.Type.Resize and self._number >= 0:
            QTimer.singleShot(0, lambda: self._place() if self._number >= 0 else None)
        return super().eventFilter(watched, event)
