"""The Edit menu: what it does goes to the field that has the focus, else to the photo or the conversations."""

from __future__ import annotations

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QPlainTextEdit, QTextEdit, QWidget

from spinvlm_desktop.chat.chat_tab import ChatTab

Key = QKeySequence.StandardKey
Field = QLineEdit | QPlainTextEdit | QTextEdit


class EditMenu:
    """Fields take these keys themselves while they have the focus."""

    def __init__(self, menu: QMenu, tab: ChatTab) -> None:
        self._tab = tab
        for text, key, slot in (
            ("&Undo", Key.Undo, self.undo), ("&Redo", Key.Redo, self.redo), ("", None, None), ("Cu&t", Key.Cut, self.cut),
            ("&Copy", Key.Copy, self.copy), ("&Paste", Key.Paste, self.paste), ("", None, None),
            ("Select &all", Key.SelectAll, self.select_all),
        ):
            if slot is None or key is None:
                menu.addSeparator()
                continue
            action = QAction(text, menu)
            action.setShortcut(QKeySequence(key))
            action.triggered.connect(lambda _checked=False, slot=slot: slot())
            menu.addAction(action)

    def undo(self) -> None:
        """The last change of a field; where there is none, the deletion of a conversation."""
        field = _field()
        if field is not None and _can_undo(field):
            field.undo()
        else:
            self._tab.sidebar.undo_deletion()

    def redo(self) -> None:
        field = _field()
        if field is not None:
            field.redo()

    def cut(self) -> None:
        field = _field()
        if field is not None:
            field.cut()

    def copy(self) -> None:
        field = _field()
        if field is not None:
            field.copy()

    def paste(self) -> None:
        """Text into a field, else a photo."""
        field = _field()
        if field is not None and not field.isReadOnly():
            field.paste()
        elif self._tab.isVisible():
            self._tab.image.paste()

    def select_all(self) -> None:
        field = _field()
        if field is not None:
            field.selectAll()


def _field() -> Field | None:
    focus: QWidget | None = QApplication.focusWidget()
    return focus if isinstance(focus, QLineEdit | QPlainTextEdit | QTextEdit) else None


def _can_undo(field: Field) -> bool:
    available = field.isUndoAvailable() if isinstance(field, QLineEdit) else field.document().isUndoAvailable()
    return available and not field.isReadOnly()
