"""The photo of a caption, and over it where the model looked for one word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from core.answers import Answer, HeadIndex
from spinvlm_desktop.attention.attention_panel import AttentionPanel
from spinvlm_desktop.image.image_view import ImageView
from spinvlm_desktop.image.opened_image import OpenedImage
from spinvlm_desktop.image.photo_reader import PhotoReader
from spinvlm_desktop.widgets.labels import error_label, sentence_label, show_or_hide
from spinvlm_desktop.widgets.layouts import column_of

HINT = "Click a word of the caption, an invented one for instance: the model is asked again, and a map shows where it looked."
OPENING = "Opening {name}…"
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
        self._map: Callable[[], None] | None = None  # where the photo is still being read, shown after it
        self._reader = PhotoReader(self)
        self._reader.slow.connect(self._on_slow)
        self.view = ImageView()
        self.view.setMinimumHeight(PHOTO_HEIGHT)
        self._notice = sentence_label("What the map is of")
        self._error = error_label("Why there is no map")
        self.attention = AttentionPanel()
        self.attention.heat_map_changed.connect(self._on_heat_map)
        self.attention.places_changed.connect(self.view.set_places)
        self.attention.word_selected.connect(lambda word: self.word_selected.emit(word) if self._same else None)
        self.attention.ask_again_requested.connect(lambda: self.again_wanted.emit(self.attention.ablated()))
        column_of((self.view, 1), self._notice, self._error, self.attention, parent=self, margins=())
        self.attention.hide()

    @property
    def photo(self) -> Path | None:
        """The photo on show."""
        return self._photo

    def show_photo(self, path: Path) -> None:
        """A photo without a map, or why it can't be shown. It is read in the background."""
        self._photo = path
        self._forget()
        self.say(HINT)
        self._reader.read(path, self._on_read, self._on_refused)

    def _on_slow(self, name: str) -> None:
        """The photo before would stand beside another one's caption for long."""
        self.view.hide()
        if self.notice() == HINT:
            self.say(OPENING.format(name=name))

    def _on_read(self, opened: OpenedImage) -> None:
        self.view.set_image(opened)
        self.view.show()
        if self._map is not None:
            self._map()
        elif self.notice() == OPENING.format(name=opened.name):
            self.say(HINT)

    def _on_refused(self, sentence: str) -> None:
        self.view.hide()
        self.fail(sentence)

    def _forget(self) -> None:
        self._map = None
        self.attention.clear()
        self.attention.hide()
        self.view.set_heat_map(None, opacity=0.0, smooth=False)

    def say(self, sentence: str) -> None:
        """What is under way, or what the map is of."""
        show_or_hide(self._error, None)
        self._notice.setText(sentence)
        self._notice.show()

    def fail(self, sentence: str) -> None:
        """Why there is no map."""
        self._forget()
        self._notice.hide()
        show_or_hide(self._error, sentence)

    def error(self) -> str:
        return self._error.text() if self._error.isVisibleTo(self) else ""

    def notice(self) -> str:
        return self._notice.text() if self._notice.isVisibleTo(self) else ""

    def show_answer(
        self, answer: Answer, *, word: int | None, notice: str, same: bool, ablated: frozenset[HeadIndex],
    ) -> None:
        """The maps of an answer's words. word: the one to begin with; notice: what is to be said of it; same: whether the
        answer has the caption's words, so that those of one are those of the other; ablated: heads that were off by hand.
        Of a photo that is still being read they are shown after it."""
        if self._reader.reading():
            self._map = lambda: self.show_answer(
                answer, word=word, notice=notice, same=same, ablated=ablated
            )
            return
        self._map = None
        self._same = same
        self.say(notice)
        self.attention.show()
        self.attention.set_answer(answer.tokens, ablated=ablated, layout=answer.layout)
        if word is not None:
            self.attention.select_word(word)
        self.answer_shown.emit()

    def _on_heat_map(self, image: QImage | None, opacity: float, smooth: bool) -> None:
        self.view.set_heat_map(image, opacity=opacity, smooth=smooth)

