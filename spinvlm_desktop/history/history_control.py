"""Joins the sidebar with the history and the conversation on show."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from core.errors import SpinVlmError
from spinvlm_desktop.history.listing.sidebar import HistorySidebar
from spinvlm_desktop.history.store import HistoryStore


class ConversationStore(Protocol):
    """What writes the conversation on show into the history."""

    store: HistoryStore
    id: int | None
    """The conversation on show in the history; None before its first question."""

    @property
    def changed(self) -> Any:
        """Signal(): the list of conversations is no longer as it was. Any, as a protocol can't express both of Qt's kinds."""


class ShownConversation(Protocol):
    """The conversation on show, as the history needs it."""

    @property
    def recorder(self) -> ConversationStore: ...

    @property
    def shown_changed(self) -> Any:
        """Signal(object): number of the conversation that is now on show, or None."""

    def start_new(self) -> None: ...

    def begin(self) -> None: ...

    def open_conversation(self, conversation_id: int, *, then: Callable[[], None] | None = None) -> None: ...

    def in_use(self) -> frozenset[int]: ...


class HistoryControl(QObject):
    """Lists, opens, renames and deletes conversations as the sidebar asks."""

    problem_occurred = Signal(str)

    def __init__(self, sidebar: HistorySidebar, conversation: ShownConversation, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sidebar, self._conversation = sidebar, conversation
        self._search = ""
        sidebar.set_thumbnails(self._store.thumbnail)
        conversation.recorder.changed.connect(self.refresh)
        conversation.shown_changed.connect(sidebar.select)
        sidebar.conversation_chosen.connect(self.open)
        sidebar.new_requested.connect(conversation.start_new)
        sidebar.renamed.connect(self._on_renamed)
        sidebar.delete_requested.connect(self._on_delete)
        sidebar.undo_requested.connect(self._on_undo)
        sidebar.undo_expired.connect(self._on_undo_expired)
        sidebar.search_changed.connect(self._on_search)

    @property
    def _store(self) -> HistoryStore:
        return self._conversation.recorder.store

    def refresh(self) -> None:
        """Show the history as it is now."""
        with self._reporting_problems():
            self._sidebar.show_lasting(self._store.lasting)
            self._sidebar.show_conversations(self._store.conversations(self._search))

    def use(self, store: HistoryStore) -> None:
        """Go on with another history, after `close`."""
        self._conversation.recorder.store = store
        self._sidebar.set_thumbnails(store.thumbnail)
        self.refresh()

    def close(self) -> None:
        """Deletions are final from here on."""
        self._conversation.begin()
        self._sidebar.finish_undo()
        self._sidebar.set_thumbnails(lambda _image_hash: None)
        with self._reporting_problems():
            self._store.purge_deleted()
        self._store.close()

    def forget_older(self, days: int | None) -> None:
        """Remove conversations that weren't changed for so many days, but not the one on show; None keeps all."""
        with self._reporting_problems():
            self._store.apply_retention(days, spared=self._conversation.in_use())
        self.refresh()

    def open(self, conversation_id: int) -> None:
        """Show a conversation; where that fails, the one before stays."""
        try:
            self._conversation.open_conversation(conversation_id)
        except SpinVlmError as error:
            self.problem_occurred.emit(str(error))
            self._sidebar.select(self._conversation.recorder.id)

    def _on_search(self, search: str) -> None:
        self._search = search
        self.refresh()

    def _on_renamed(self, conversation_id: int, title: str) -> None:
        with self._reporting_problems():
            self._store.rename(conversation_id, title)
        # Not now: the list is still closing its editor, and would lose the focus with its rows.
        QTimer.singleShot(0, self.refresh)

    def _on_delete(self, conversation_id: int) -> None:
        with self._reporting_problems():
            name = self._store.conversation(conversation_id).name
            if conversation_id in self._conversation.in_use():
                self._conversation.start_new()
            self._store.delete(conversation_id)
            self.refresh()
            self._sidebar.show_undo(conversation_id, name)

    def _on_undo(self, conversation_id: int) -> None:
        with self._reporting_problems():
            self._store.undo_delete(conversation_id)
            self.refresh()
            self.open(conversation_id)

    def _on_undo_expired(self, _conversation_id: int) -> None:
        with self._reporting_problems():
            self._store.purge_deleted()

    @contextmanager
    def _reporting_problems(self) -> Generator[None]:
        try:
            yield
        except SpinVlmError as error:
            self.problem_occurred.emit(str(error))
