"""The photo of a caption, and over it where the model looked for one word."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.answers import Answer, HeadIndex
from core.errors import ImageError
from spinvlm_desktop.attention.attention_panel import AttentionPanel
from spinvlm_desktop.image.image_view import ImageView
from spinvlm_desktop.image.opened_image import open_image
from spinvlm_desktop.labels import error_label, sentence_label, tell

HINT = "Click a word of the caption, an invented one for instance: the model is asked again, and a map shows where it looked."
PHOTO_HEIGHT = 250


class WordMap(QWidget):
    """Shows a photo, then the maps of the answer that it is given."""

    word_selected = Signal(int)
    answer_shown = Signal()
    again_wanted = Signal(object)
    """frozenset of the heads that are to be off."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._photo: Path | None = None
        self._same = True
        self.view = ImageView()
        self.view.setMinimumHeight(PHOTO_HEIGHT)
        self._notice = sentence_label("What the map is of")
        self._error = error_label("Why there is no map")
        self.attention = AttentionPanel()
        self.attention.heat_map_changed.connect(self._on_heat_map)
        self.attention.word_selected.connect(lambda word: self.word_selected.emit(word) if self._same else None)
        self.attention.ask_again_requested.connect(lambda: self.again_wanted.emit(self.attention.ablated()))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view, 1)
        for widget in (self._notice, self._error, self.attention):
            layout.addWidget(widget)
        self.attention.hide()

    @property
    def photo(self) -> Path | None:
        """The photo on show."""
        return self._photo

    def show_photo(self, path: Path) -> None:
        """A photo without a map; why it can't be shown is told in its place."""
        self._photo = path
        self._forget()
        self.say(HINT)
        try:
            self.view.set_image(open_image(path))
            self.view.show()
        except ImageError as error:
            self.view.hide()
            self.fail(str(error))

    def _forget(self) -> None:
        self.attention.clear()
        self.attention.hide()
        self.view.set_heat_map(None, opacity=0.0, smooth=False)

    def say(self, sentence: str) -> None:
        """What is under way, or what the map is of."""
        tell(self._error, None)
        self._notice.setText(sentence)
        self._notice.show()

    def fail(self, sentence: str) -> None:
        """Why there is no map."""
        self._forget()
        self._notice.hide()
        tell(self._error, sentence)

    def error(self) -> str:
        return self._error.text() if self._error.isVisibleTo(self) else ""

    def notice(self) -> str:
        return self._notice.text() if self._notice.isVisibleTo(self) else ""

    def show_answer(
        self, answer: Answer, *, word: int | None, grid_side: int, notice: str, same: bool, ablated: frozenset[HeadIndex],
    ) -> None:
        """The maps of an answer's words. word: the one to begin with; notice: what is to be said of it; same: whether the
        answer has the caption's words, so that those of one are those of the other; ablated: heads that were off by hand."""
        self._same = same
        self.say(notice)
        self.view.set_grid_side(grid_side)
        self.attention.show()
        self.attention.set_answer(answer.tokens, ablated=ablated)
        if word is not None:
            self.attention.select_word(word)
        self.answer_shown.emit()

    def _on_heat_map(self, image: QImage | None, opacity: float, smooth: bool) -> None:
        self.view.set_heat_map(image, opacity=opacity, smooth=smooth)

