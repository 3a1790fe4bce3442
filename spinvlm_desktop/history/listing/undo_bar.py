"""A bar that says what was deleted and takes it back."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QWidget

from spinvlm_desktop.widgets.controls import push_button
from spinvlm_desktop.widgets.labels import SentenceLabel, shortened
from spinvlm_desktop.widgets.layouts import row_of

UNDO_MS = 8000
LONGEST_TITLE = 60


class UndoBar(QFrame):
    """Shown for 8 seconds, longer while the pointer is over it or its button has the focus."""

    undo_requested = Signal(int)
    expired = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self._conversation_id: int | None = None
        self._label = SentenceLabel()
        self._button = push_button("Undo", "Bring the conversation back (Ctrl+Z)", self.undo)
        self._button.setAccessibleName("Undo the deletion")
        row_of((self._label, 1), self._button, parent=self, margins=(10, 6, 6, 6))
        self._timer = QTimer(self, singleShot=True, interval=UNDO_MS)
        self._timer.timeout.connect(self._on_timeout)
        self.hide()

    def show_for(self, conversation_id: int, title: str) -> None:
        """An earlier deletion that is still shown can't be taken back any more."""
        if self._conversation_id not in (None, conversation_id):
            self.finish()
        self._conversation_id = conversation_id
        text = f"Deleted “{shortened(title, LONGEST_TITLE)}”."
        self._label.setText(text)
        self._label.setToolTip("This conversation was deleted")
        self.setAccessibleName(text)
        self.show()
        self._timer.start()

    def undo(self) -> None:
        """Take the deletion back that is shown, if any."""
        number, self._conversation_id = self._conversation_id, None
        self._timer.stop()
        self.hide()
        if number is not None:
            self.undo_requested.emit(number)

    def _on_timeout(self) -> None:
        if self.underMouse() or self._button.hasFocus():
            self._timer.start()
        else:
            self.finish()

    def finish(self) -> None:
        """Leave it at the deletion that is shown, if any."""
        number, self._conversation_id = self._conversation_id, None
        self._timer.stop()
        self.hide()
        if number is not None:
            self.expired.emit(number)
