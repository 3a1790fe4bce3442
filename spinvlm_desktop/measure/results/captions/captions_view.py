"""The captions behind a setting: a list to choose from, and the chosen one with its photo, people's captions and maps."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QScrollArea, QWidget

from spinvlm_desktop.measure.results.captions.caption_list import CaptionList
from spinvlm_desktop.measure.results.captions.caption_words import CaptionWords
from spinvlm_desktop.measure.results.captions.word_map import WordMap
from spinvlm_desktop.measure.results.shown_reports import ShownRow
from spinvlm_desktop.widgets.controls import choice_list
from spinvlm_desktop.widgets.labels import sentence_label
from spinvlm_desktop.widgets.layouts import column_of, divided, scrolled
from training.evaluation.judged_captions import JudgedCaption, ListedPhoto

FILTERS = (
    ("invented", "Invented objects first"), ("only", "Only those that invent"), ("right", "Only those that don't"),
    ("all", "All, by name of the photo"),
)
NOT_JUDGED = "The report holds no captions for this setting."


def arranged(items: Sequence[JudgedCaption], order: str) -> list[JudgedCaption]:
    """The captions that a filter leaves, in its order."""
    if order == "only":
        return [item for item in items if item.invented]
    if order == "right":
        return [item for item in items if not item.invented]
    found = sorted(items, key=lambda item: item.photo)
    return sorted(found, key=lambda item: -len(item.invented)) if order == "invented" else found


class CaptionsView(QWidget):
    """Asks for maps; who has the model gives them to `map`."""

    map_wanted = Signal(object, object, int)
    """ShownRow, ListedPhoto, and the place of the word in the caption."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[ShownRow] = ()
        self._item: JudgedCaption | None = None
        self._items: list[JudgedCaption] = []
        self.setting = choice_list("Setting whose captions are shown", slot=self._on_setting)
        self.order = choice_list("Which captions", FILTERS, self._fill, tip="Which captions are listed, and in what order")
        self._count = QLabel()
        self._count.setProperty("muted", True)
        self.list = CaptionList()
        self.list.caption_chosen.connect(self._on_caption)
        self.words = CaptionWords()
        self.words.word_clicked.connect(self.ask_for)
        self.map = WordMap()
        self.map.word_selected.connect(self.words.select_word)
        self._references = sentence_label("What people said of the photo", muted=True)
        self._judgement = sentence_label("What of it is invented")
        column_of(divided(self._make_left(), self._make_right(), sizes=(380, 640)), parent=self, margins=(0, 6, 0, 0))

    def _make_left(self) -> QWidget:
        left = QWidget()
        column_of(self.setting, self.order, self._count, (self.list, 1), parent=left, margins=())
        return left

    def _make_right(self) -> QScrollArea:
        content = QWidget()
        column_of(self.words, self._judgement, (self.map, 1), self._references, parent=content, margins=(0, 0, 4, 0))
        return scrolled(content)

    def show_rows(self, rows: Sequence[ShownRow]) -> None:
        """Offer these settings."""
        self._rows = rows
        self.setting.blockSignals(True)
        self.setting.clear()
        for row in rows:
            self.setting.addItem(row.label)
            self.setting.setItemData(self.setting.count() - 1, row.does or None, Qt.ItemDataRole.ToolTipRole)
        self.setting.blockSignals(False)
        self._on_setting()

    def choose(self, row: int) -> None:
        """Show the captions of a row."""
        if self.setting.currentIndex() != row:
            self.setting.setCurrentIndex(row)

    @property
    def row(self) -> ShownRow | None:
        place = self.setting.currentIndex()
        return self._rows[place] if 0 <= place < len(self._rows) else None

    def _on_setting(self) -> None:
        row = self.row
        self._items = [] if row is None else row.shown.folder.captions(row.row.name)
        self._fill()

    def _fill(self) -> None:
        row = self.row
        items = arranged(self._items, str(self.order.currentData()))
        inventing = sum(bool(item.invented) for item in self._items)
        self._count.setText(
            f"{inventing:,} of {len(self._items):,} captions invent something" if self._items else NOT_JUDGED
        )
        self.list.show_items(items, {} if row is None else row.shown.folder.photos)
        if not items:
            self._show(None)

    def _on_caption(self, item: JudgedCaption) -> None:
        self._show(item)

    def _show(self, item: JudgedCaption | None) -> None:
        row = self.row
        self._item = item
        self.words.show_caption(item)
        self.map.setVisible(item is not None)
        if item is None or row is None:
            self._judgement.setText("")
            self._references.setText("")
            return
        photo = self._photo(row, item)
        self._judgement.setText(judgement(item))
        self._references.setText("People said:\n" + "\n".join(f"•  {text}" for text in photo.captions) if photo.captions else "")
        self.map.show_photo(photo.path)

    def _photo(self, row: ShownRow, item: JudgedCaption) -> ListedPhoto:
        return row.shown.folder.photos.get(item.photo) or ListedPhoto(item.photo, row.shown.folder.path / item.photo)

    def ask_for(self, word: int) -> None:
        """Choose a word, and ask for its map."""
        row = self.row
        if row is not None and self._item is not None:
            self.words.select_word(word)
            self.map_wanted.emit(row, self._photo(row, self._item), word)

    def wanted_caption(self) -> str:
        """The caption on show."""
        return "" if self._item is None else self._item.caption


def judgement(item: JudgedCaption) -> str:
    """What is invented, found and missed, in a sentence or three."""
    parts: list[str] = []
    if item.invented:
        parts.append(f"Nobody mentions: {', '.join(part.object for part in item.invented)}.")
    if item.found:
        parts.append(f"People mention too: {', '.join(item.found)}.")
    if item.missed:
        parts.append(f"Not mentioned here: {', '.join(item.missed)}.")
    return " ".join(parts) or "It names nothing that can be judged."
