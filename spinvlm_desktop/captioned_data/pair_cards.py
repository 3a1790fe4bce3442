"""Photos with their captions and the questions and answers made of them, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QWidget

from core.errors import ImageError
from spinvlm_desktop.image.thumbnail import read_thumbnail
from spinvlm_desktop.widgets.labels import plain_tip, sentence_label
from spinvlm_desktop.widgets.layouts import column_of
from training.data.data_findings import PreviewPhoto

SIDE, WIDTH = 120, 230
"""Pixels of a photo's longer side and of a card."""
SHOWN_PAIRS = 3


class PairCards(QScrollArea):
    """Photos are read one at a time between events, so that large ones don't hold the window up."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Photos with what is learnt from them; the arrow keys scroll")
        self.setToolTip("Some of the photos, a caption of each, and questions made of the captions")
        self._unread: list[tuple[str, QLabel]] = []
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_time_to_read)
        self.show_photos(())

    def show_photos(self, photos: Sequence[PreviewPhoto]) -> None:
        """A card for each."""
        content = QWidget()
        row = QHBoxLayout(content)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self._unread = []
        for photo in photos:
            card, picture = _card(photo)
            row.addWidget(card)
            self._unread.append((photo.path, picture))
        row.addStretch(1)
        self.setWidget(content)
        self.setMinimumHeight(content.sizeHint().height() + 16 if photos else 0)
        if photos:
            self._timer.start(0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A wheel that turns down scrolls the page, which this would else take for itself and go sideways."""
        if event.angleDelta().x() or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            super().wheelEvent(event)
        else:
            event.ignore()

    def _on_time_to_read(self) -> None:
        if not self._unread:
            self._timer.stop()
            return
        path, picture = self._unread.pop(0)
        try:
            picture.setPixmap(read_thumbnail(Path(path), SIDE, ratio=self.devicePixelRatioF()))
        except ImageError as error:
            picture.setText("?")
            picture.setToolTip(plain_tip(str(error)))


def _card(photo: PreviewPhoto) -> tuple[QFrame, QLabel]:
    """The card, and the label that its photo belongs into."""
    card, picture = QFrame(), QLabel()
    card.setProperty("card", True)
    card.setFixedWidth(WIDTH)
    card.setToolTip(plain_tip(*photo.captions, *(f"{ask} — {say}" for ask, say in photo.pairs)))
    picture.setFixedHeight(SIDE)
    picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
    caption = sentence_label("Caption", photo.captions[0] if photo.captions else "")
    pairs = [sentence_label("Question and answer", f"{ask} — {say}", muted=True) for ask, say in photo.pairs[:SHOWN_PAIRS]]
    column_of(picture, caption, *pairs, 1, parent=card)
    return card, picture
