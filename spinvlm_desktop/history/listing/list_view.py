"""The list of conversations as it is used: by pointer, keys and its menu."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QListView, QMenu, QWidget

from spinvlm_desktop.history.listing.conversation_list import ID_ROLE, ConversationDelegate, ConversationModel

EXPORTS = (
    ("markdown", "Markdown, with the photo beside it…"), ("markdown-embedded", "Markdown, with the photo inside…"),
    ("whole-picture", "Picture of the whole conversation…"), ("picture", "Picture of one answer…"),
    ("json", "Everything, to be imported again (JSON)…"),
)


class ConversationList(QListView):
    """Click or Enter chooses, F2 renames, Delete deletes."""

    conversation_chosen = Signal(int)
    delete_requested = Signal(int)
    export_requested = Signal(int, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.conversations = ConversationModel(self)
        self._delegate = ConversationDelegate(self)
        self.setModel(self.conversations)
        self.conversations.thumbnail_read.connect(self.viewport().update)
        self.setItemDelegate(self._delegate)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Conversations")
        self.setAccessibleDescription("Enter opens, F2 renames, Delete deletes, the menu key shows more")
        self.clicked.connect(self._on_clicked)

    def id_of(self, index: QModelIndex) -> int | None:
        return index.data(ID_ROLE) if index.isValid() else None

    def select(self, conversation_id: int | None) -> None:
        """Mark this conversation; no signal is emitted."""
        index = self.conversations.row_of(conversation_id)
        if index.isValid():
            self.setCurrentIndex(index)
        else:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())

    def menu_for(self, conversation_id: int) -> QMenu:
        """What can be done with a conversation."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Open").triggered.connect(lambda: self.conversation_chosen.emit(conversation_id))
        rename = menu.addAction("Rename")
        rename.setShortcut(QKeySequence(Qt.Key.Key_F2))
        rename.triggered.connect(lambda: self.rename(conversation_id))
        export = menu.addMenu("Export")
        for kind, words in EXPORTS:
            action = export.addAction(words)
            action.setData(kind)
            action.triggered.connect(lambda *_, kind=kind: self.export_requested.emit(conversation_id, kind))
        menu.addSeparator()
        delete = menu.addAction("Delete")
        delete.setShortcut(QKeySequence(Qt.Key.Key_Delete))
        delete.triggered.connect(lambda: self.delete_requested.emit(conversation_id))
        return menu

    def rename(self, conversation_id: int) -> None:
        """Let the user edit the title in place."""
        index = self.conversations.row_of(conversation_id)
        if index.isValid():
            self.setCurrentIndex(index)
            self.edit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        number = self.id_of(self.currentIndex())
        editing = self.state() == QAbstractItemView.State.EditingState
        if number is None or editing or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.conversation_chosen.emit(number)
        elif event.key() == Qt.Key.Key_F2:
            self.rename(number)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_requested.emit(number)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        number = self.id_of(index)
        if number is None:
            return
        place: QPoint = self.viewport().mapToGlobal(self.visualRect(index).center()) if by_key else event.globalPos()
        self.menu_for(number).popup(place)

    def _on_clicked(self, index: QModelIndex) -> None:
        number = self.id_of(index)
        if number is not None:
            self.conversation_chosen.emit(number)
