"""The field for what is on a photo, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QTextCursor
from PySide6.QtWidgets import QCheckBox, QPlainTextEdit, QWidget

from spinvlm_desktop.widgets.controls import push_button
from spinvlm_desktop.widgets.labels import sentence_label, shortened, show_or_hide
from spinvlm_desktop.widgets.layouts import column_of, row_of

LINES = 4
MOST_NAMES = 3
WAITING = "The model is still looking at this photo; you can type already."
NO_DESCRIPTION = "Say in a sentence what is on the photo."
DESCRIBED = "The model says so. Enter takes it, or type what is right."
YOURS = "This is your description."
TYPED = "Enter takes it; Shift+Enter begins another one."


class CaptionField(QPlainTextEdit):
    """Enter is for whoever owns it; undo goes on behind the text's own."""

    entered = Signal()
    undo_wanted = Signal()
    redo_wanted = Signal()
    turned = Signal(int)
    """A page back (-1) or on (1)."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("What is on the photo")
        self.setToolTip("Enter takes it and goes on; Shift+Enter begins another description; Page Up and Page Down turn over")
        self.setTabChangesFocus(True)
        self.setFixedHeight(self.fontMetrics().lineSpacing() * LINES + 20)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        page = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}.get(Qt.Key(event.key()))
        # While an input method composes, Enter is its own and doesn't come here.
        if enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.entered.emit()
        elif page is not None:
            self.turned.emit(page)
        elif event.matches(QKeySequence.StandardKey.Undo) and not self.document().isUndoAvailable():
            self.undo_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.Redo) and not self.document().isRedoAvailable():
            self.redo_wanted.emit()
        else:
            super().keyPressEvent(event)


class CaptionPanel(QWidget):
    """Emits what is wanted; shows what it is given."""

    accept_wanted = Signal()
    skip_wanted = Signal()
    turn_wanted = Signal(int)
    undo_wanted = Signal()
    redo_wanted = Signal()
    typed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = CaptionField()
        self.field.entered.connect(self.accept_wanted)
        self.field.turned.connect(self.turn_wanted)
        self.field.undo_wanted.connect(self.undo_wanted)
        self.field.redo_wanted.connect(self.redo_wanted)
        self.field.textChanged.connect(self._on_changed)
        self._line = sentence_label("Whose description it is", muted=True)
        self.together = QCheckBox("The same for all that look like it")
        self.together.setChecked(True)
        self.together.setToolTip("Enter takes the description for these photos too")
        self._alike = sentence_label("Photos that look like it", muted=True)
        self.accept = push_button("&Accept", "Take the description and go on (Enter)", self.accept_wanted.emit, primary=True)
        self.skip = push_button("&Skip", "Leave this photo out and go on (Page Down)", self.skip_wanted.emit)
        self.back = push_button("&Back", "The photo before (Page Up)", lambda: self.turn_wanted.emit(-1))
        for button in (self.accept, self.skip, self.back):
            button.setAutoDefault(False)
        self._shown = self._description = ""
        self._is_yours = False
        column_of(
            self.field, self._line, self.together, self._alike, row_of(self.accept, self.skip, self.back, 1),
            parent=self, margins=(),
        )
        self.show_alike(())

    def set_has_photo(self, has_photo: bool) -> None:
        """Without one there is only a way back."""
        for part in (self.field, self.together, self.accept, self.skip):
            part.setEnabled(has_photo)

    def show_text(self, text: str, description: str | None, *, waiting: bool) -> None:
        """text: what the user said of this photo; description: the model's; waiting: whether it is still to come."""
        self._description, self._is_yours = description or "", bool(text)
        self._put(text or self._description)
        self.field.setPlaceholderText(WAITING if waiting else NO_DESCRIPTION)

    def offer_description(self, description: str) -> None:
        """It came while its photo was on show; what is typed meanwhile stays."""
        self._description = description
        if not self.text().strip() and not self._is_yours:
            self._put(description)
        self.field.setPlaceholderText(NO_DESCRIPTION)

    def no_description(self) -> None:
        """There is none."""
        self.field.setPlaceholderText(NO_DESCRIPTION)

    def show_alike(self, names: Sequence[str]) -> None:
        """Photos that wait and look like this one."""
        self.together.setVisible(bool(names))
        count = len(names)
        self.together.setText(f"The same for {'the one' if count == 1 else f'the {count}'} that look{'s' * (count == 1)} like it")
        listed = ", ".join(shortened(name, 40) for name in names[:MOST_NAMES])
        show_or_hide(self._alike, listed + (f" and {count - MOST_NAMES} more" if count > MOST_NAMES else ""))

    def text(self) -> str:
        return self.field.toPlainText()

    def _put(self, text: str) -> None:
        self._shown = text
        self.field.setPlainText(text)
        self.field.moveCursor(QTextCursor.MoveOperation.End)
        self._tell()

    def _on_changed(self) -> None:
        if self.text() != self._shown:
            self._shown = self.text()
            self._is_yours = True
            self._tell()
            self.typed.emit("" if self._shown == self._description else self._shown)

    def _tell(self) -> None:
        text = self.text().strip()
        if not text:
            words = ""
        elif text == self._description:
            words = DESCRIBED
        else:
            words = TYPED if self.field.document().isUndoAvailable() else YOURS
        self._line.setText(words or " ")
