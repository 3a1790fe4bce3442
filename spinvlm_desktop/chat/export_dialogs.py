"""Conversations as files: asks for a name, exports and imports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from core.errors import SpinVlmError, reason_of
from spinvlm_desktop.chat.chat_tab import ChatTab
from spinvlm_desktop.chat.conversation import Conversation
from spinvlm_desktop.history import export
from spinvlm_desktop.history.errors import HistoryError
from spinvlm_desktop.history.picture import picture
from spinvlm_desktop.history.whole_export import save_markdown, whole_picture
from spinvlm_desktop.image.opened_image import open_image
from spinvlm_desktop.system.start_folder import StartFolder

MARKDOWN, JSON, PNG = ("Markdown (*.md)", ".md"), ("JSON (*.json)", ".json"), ("PNG picture (*.png)", ".png")
KINDS = {"markdown": MARKDOWN, "markdown-embedded": MARKDOWN, "json": JSON, "picture": PNG, "whole-picture": PNG}
"""What the file dialog shows, and the ending."""
LONGEST_NAME = 60


class ExportDialogs:
    """Dialogs have the window as parent."""

    def __init__(
        self, window: QWidget, tab: ChatTab, conversation: Conversation, *, show_notice: Callable[[str], None]
    ) -> None:
        """show_notice: is given a sentence about what was written."""
        self._window, self._tab, self._conversation, self._show_notice = window, tab, conversation, show_notice
        self._start = StartFolder()

    def export_shown(self, kind: str) -> None:
        """Export the conversation on show. kind: one of KINDS; `picture` is of one answer, with the chosen word's map."""
        number = self._conversation.recorder.id
        if number is None or (kind == "picture" and self._conversation.focus.shown() is None):
            QMessageBox.information(self._window, "Nothing to export", "Ask a question first; then there is something to export.")
        else:
            self.export(number, kind)

    def export(self, conversation_id: int, kind: str) -> None:
        """Ask for a file and write a conversation of the history to it; for a picture it is shown first."""
        try:
            if kind == "picture":
                self._conversation.open_conversation(conversation_id, then=lambda: self._export(conversation_id, kind))
            else:
                self._export(conversation_id, kind)
        except SpinVlmError as error:
            QMessageBox.warning(self._window, "Not exported", str(error))

    def _export(self, conversation_id: int, kind: str) -> None:
        try:
            pattern, suffix = KINDS[kind]
            place = self._start.path(
                f"{self._suggested_name(conversation_id, kind)}{suffix}", kind="pictures" if suffix == ".png" else None
            )
            name, _ = QFileDialog.getSaveFileName(self._window, "Export", place, pattern)
            if name:
                path = Path(name) if Path(name).suffix else Path(name + suffix)
                self._start.remember(path)
                self.write(conversation_id, kind, path)
                self._show_notice(f"Saved as {path}.")
        except SpinVlmError as error:
            QMessageBox.warning(self._window, "Not exported", str(error))

    def _suggested_name(self, conversation_id: int, kind: str) -> str:
        """A picture of one answer is called after its question, unless the conversation has a title; all else after that."""
        record = self._conversation.recorder.store.conversation(conversation_id)
        shown = self._conversation.focus.shown() if kind == "picture" and not record.was_renamed else None
        title = shown[0] if shown else record.name
        return "".join(c for c in title if c.isalnum() or c in " -_").strip()[:LONGEST_NAME] or "conversation"

    def write(self, conversation_id: int, kind: str, path: Path) -> None:
        """Write a conversation; as a picture, the answer on show. Raises HistoryError."""
        store = self._conversation.recorder.store
        if kind == "picture":
            self._write_picture(path)
            return
        record, turns = store.conversation(conversation_id), store.turns(conversation_id)
        photo = store.image_path(record.image_hash)
        if kind.startswith("markdown"):
            save_markdown(path, record, turns, photo=photo, embedded=kind == "markdown-embedded")
            return
        if photo is None:
            raise HistoryError("The photo of this conversation is missing; it can only be exported as Markdown.")
        try:
            if kind == "whole-picture":
                export.save_picture(path, whole_picture(open_image(photo).pixels, turns))
            else:
                export.save_text(path, export.to_json(record, turns, photo.read_bytes()))
        except OSError as error:
            raise HistoryError(f"The photo of this conversation can't be read: {reason_of(error)}.") from error

    def _write_picture(self, path: Path) -> None:
        """Photo, map of the chosen word, question and answer as a PNG file."""
        shown = self._conversation.focus.shown()
        if shown is None:
            raise HistoryError("No answer of this conversation can be shown as a picture.")
        caption = f"{self._tab.attention.map_in_words()} {self._conversation.focus.settings()}".strip()
        answers = self._conversation.focus.answers()
        export.save_picture(path, picture(self._tab.image.render_picture(), [(shown[0], answers)], caption=caption))

    def import_chosen(self) -> int | None:
        """Ask for an exported JSON file and add it to the history. Returns its number there."""
        name, _ = QFileDialog.getOpenFileName(
            self._window, "Import a conversation", self._start.path(), JSON[0]
        )
        if not name:
            return None
        self._start.remember(Path(name))
        return self.import_file(Path(name))

    def import_file(self, file: Path) -> int | None:
        """Add an exported JSON file to the history. Returns its number there."""
        try:
            return export.import_json(self._conversation.recorder.store, file).id
        except SpinVlmError as error:
            QMessageBox.warning(self._window, "Not imported", str(error))
            return None
