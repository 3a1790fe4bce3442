"""Conversations as files: asks for a name, exports and imports."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from core.errors import SpinVlmError, reason_of
from spinvlm_desktop.chat_tab import ChatTab
from spinvlm_desktop.conversation import Conversation
from spinvlm_desktop.history import export
from spinvlm_desktop.history.errors import HistoryError
from spinvlm_desktop.history.picture import picture

KINDS = {
    "markdown": ("Markdown (*.md)", ".md"), "json": ("JSON (*.json)", ".json"), "picture": ("PNG picture (*.png)", ".png")
}
LONGEST_NAME = 60


class ConversationFiles:
    """Dialogs have the window as parent."""

    def __init__(self, window: QWidget, tab: ChatTab, conversation: Conversation) -> None:
        self._window, self._tab, self._conversation = window, tab, conversation
        self._folder = Path()

    def export_shown(self, kind: str) -> None:
        """Export the conversation on show. kind: markdown, json or picture, which shows the chosen word's map."""
        number = self._conversation.kept.id
        if number is None or (kind == "picture" and self._conversation.shown() is None):
            QMessageBox.information(self._window, "Nothing to export", "Ask a question first; then there is something to export.")
        else:
            self.export(number, kind)

    def export(self, conversation_id: int, kind: str) -> None:
        """Ask for a file and write a conversation of the history to it."""
        try:
            if kind == "picture":
                self._conversation.open_kept(conversation_id)
            title = self._conversation.kept.store.conversation(conversation_id).title
            pattern, suffix = KINDS[kind]
            suggested = "".join(c for c in title if c.isalnum() or c in " -_").strip()[:LONGEST_NAME] or "conversation"
            name, _ = QFileDialog.getSaveFileName(
                self._window, "Export", str(self._folder / f"{suggested}{suffix}"), pattern
            )
            if name:
                path = Path(name) if Path(name).suffix else Path(name + suffix)
                self._folder = path.parent
                self.write(conversation_id, kind, path)
        except SpinVlmError as error:
            QMessageBox.warning(self._window, "Not exported", str(error))

    def write(self, conversation_id: int, kind: str, path: Path) -> None:
        """Write a conversation; as a picture, the answer on show. Raises HistoryError."""
        store = self._conversation.kept.store
        if kind == "picture":
            self._write_picture(path)
            return
        record, turns = store.conversation(conversation_id), store.turns(conversation_id)
        if kind == "markdown":
            export.save_text(path, export.to_markdown(record, turns))
            return
        photo = store.image_path(record.image_hash)
        if photo is None:
            raise HistoryError("The photo of this conversation is missing; it can only be exported as Markdown.")
        try:
            content = photo.read_bytes()
        except OSError as error:
            raise HistoryError(f"The photo of this conversation can't be read: {reason_of(error)}.") from error
        export.save_text(path, export.to_json(record, turns, content))

    def _write_picture(self, path: Path) -> None:
        """Photo, map of the chosen word, question and answer as a PNG file."""
        shown, word = self._conversation.shown(), self._tab.attention.current_word()
        if shown is None:
            raise HistoryError("No answer of this conversation can be shown as a picture.")
        caption = "" if word is None else f"The map shows where the model looked for “{word.text}”."
        export.save_picture(path, picture(self._tab.image.render_picture(), *shown, caption=caption))

    def import_chosen(self) -> int | None:
        """Ask for an exported JSON file and add it to the history. Returns its number there."""
        name, _ = QFileDialog.getOpenFileName(self._window, "Import a conversation", str(self._folder), KINDS["json"][0])
        if not name:
            return None
        self._folder = Path(name).parent
        try:
            return export.import_json(self._conversation.kept.store, Path(name)).id
        except SpinVlmError as error:
            QMessageBox.warning(self._window, "Not imported", str(error))
            return None
