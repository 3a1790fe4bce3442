"""The sidebar with the conversations that are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QStackedWidget, QWidget

from spinvlm_desktop.history.listing.list_view import ConversationList
from spinvlm_desktop.history.listing.undo_bar import UndoBar
from spinvlm_desktop.history.records import Conversation
from spinvlm_desktop.widgets.controls import push_button
from spinvlm_desktop.widgets.labels import sentence_label
from spinvlm_desktop.widgets.layouts import column_of

SEARCH_PAUSE_MS = 200


class HistorySidebar(QWidget):
    """Search, list, new chat, import; emits what the user wants and shows what it is given."""

    conversation_chosen = Signal(int)
    new_requested = Signal()
    renamed = Signal(int, str)
    delete_requested = Signal(int)
    undo_requested = Signal(int)
    undo_expired = Signal(int)
    """The deletion can't be taken back any more."""
    export_requested = Signal(int, str)
    """With `markdown`, `json` or `picture`."""
    import_requested = Signal()
    search_changed = Signal(str)
    """After a pause in typing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumWidth(200)
        self._selected: int | None = None
        self._emitted_search = ""
        self._search = QLineEdit()
        self._list = ConversationList()
        self._empty = QLabel()
        self._pages = QStackedWidget()
        self._undo = UndoBar()
        self._where_kept = ""
        self._not_lasting = sentence_label(
            "Whether conversations are kept", "Conversations aren't kept: they go when the program ends.", muted=True
        )
        self._new = push_button(
            "New chat", "Begin a new conversation; this one is kept", lambda: self.new_requested.emit(), primary=True
        )
        self._import = push_button(
            "Import…", "Add a conversation that was exported as JSON", lambda: self.import_requested.emit()
        )
        self._search_pause = QTimer(self, singleShot=True, interval=SEARCH_PAUSE_MS)
        self._build()
        self._connect()
        self.show_lasting(True)
        self.show_conversations([])

    def set_thumbnails(self, thumbnail_of: Callable[[str], QImage | None]) -> None:
        """Where thumbnails come from, by the photo's hash; asked in threads beside the window's."""
        self._list.conversations.set_thumbnails(thumbnail_of)

    def show_conversations(self, rows: Sequence[Conversation]) -> None:
        """Replace the list; what was selected stays so if it is still there, and the list stays scrolled."""
        scrolled = self._list.verticalScrollBar().value()
        self._list.conversations.replace(rows)
        self._list.select(self._selected)
        self._list.verticalScrollBar().setValue(scrolled)
        searched = self._search.text().strip()
        self._empty.setText(
            f"No conversation contains “{searched}”." if searched
            else f"No conversations yet.\n\nDrop a photo and ask about it: the conversation is {self._where_kept}."
        )
        self._pages.setCurrentIndex(0 if rows else 1)

    def show_lasting(self, lasting: bool) -> None:
        """Whether conversations are still there at the next start."""
        self._where_kept = "kept here, on this computer" if lasting else "listed here until the program ends"
        self._not_lasting.setVisible(not lasting)

    def select(self, conversation_id: int | None) -> None:
        """Mark the conversation that is shown; None: a new one, which isn't in the list yet."""
        self._selected = conversation_id
        self._list.select(conversation_id)

    def show_undo(self, conversation_id: int, title: str) -> None:
        """Tell for 8 seconds that it was deleted, and offer to take that back."""
        self._undo.show_for(conversation_id, title)

    def undo_deletion(self) -> None:
        """Bring the conversation back whose deletion is shown, if any."""
        self._undo.undo()

    def finish_undo(self) -> None:
        """Offer no longer to bring a conversation back."""
        self._undo.finish()

    def search_text(self) -> str:
        return self._search.text().strip()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down goes from the search field to the list, Escape clears it."""
        if watched is self._search and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Down and self._pages.currentIndex() == 0:
                self._list.setFocus(Qt.FocusReason.TabFocusReason)
                if not self._list.currentIndex().isValid():
                    self._list.setCurrentIndex(self._list.conversations.index(0))
                return True
            if event.key() == Qt.Key.Key_Escape and self._search.text():
                self._search.clear()
                self._on_search_paused()
                return True
        return super().eventFilter(watched, event)

    def _build(self) -> None:
        self._search.setPlaceholderText("Search")
        self._search.setAccessibleName("Search conversations")
        self._search.setToolTip("Words of a title, a question or an answer")
        self._search.setClearButtonEnabled(True)
        self._search.setMaxLength(200)
        self._search.installEventFilter(self)
        self._empty.setTextFormat(Qt.TextFormat.PlainText)
        self._empty.setProperty("muted", True)
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter)
        self._empty.setMargin(12)
        self._import.setProperty("flat", True)
        self._import.setAccessibleName("Import a conversation")
        self._pages.addWidget(self._list)
        self._pages.addWidget(self._empty)
        parts = (self._new, self._search, (self._pages, 1), self._not_lasting, self._undo, self._import)
        column_of(*parts, parent=self, margins=(), spacing=8)

    def _connect(self) -> None:
        self._list.conversation_chosen.connect(self._on_chosen)
        self._list.delete_requested.connect(self.delete_requested)
        self._list.export_requested.connect(self.export_requested)
        self._list.conversations.renamed.connect(self.renamed)
        self._undo.undo_requested.connect(self.undo_requested)
        self._undo.expired.connect(self.undo_expired)
        self._search.textChanged.connect(lambda: self._search_pause.start())
        self._search.returnPressed.connect(self._on_search_paused)
        self._search_pause.timeout.connect(self._on_search_paused)

    def _on_chosen(self, conversation_id: int) -> None:
        self.select(conversation_id)
        self.conversation_chosen.emit(conversation_id)

    def _on_search_paused(self) -> None:
        self._search_pause.stop()
        text = self.search_text()
        if text != self._emitted_search:
            self._emitted_search = text
            self.search_changed.emit(text)
