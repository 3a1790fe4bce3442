"""A question that is sent while its photo is being read."""

from __future__ import annotations

from PySide6.QtCore import QObject

from spinvlm_desktop.chat.chat_tab import ChatTab


class HeldQuestion(QObject):
    """Stays in its field: it is meant for that photo, and sent when the photo is there."""

    def __init__(self, tab: ChatTab, parent: QObject) -> None:
        super().__init__(parent)
        self._tab = tab
        self._held: tuple[int, str] | None = None
        """The number of the reading, and the question."""
        tab.image.reader.ended.connect(self._on_photo_read)

    def hold(self, question: str) -> bool:
        """Whether a photo is being read, for which the question is then held."""
        reading = self._tab.image.reader.reading()
        if reading is not None:
            self._held = reading, question
            self._tab.chat.field.put(question)
        return reading is not None

    def _on_photo_read(self, reading: int, opened: bool) -> None:
        held, self._held = self._held, None
        if opened and held == (reading, self._tab.chat.field.toPlainText()):
            self._tab.chat.field.send()
