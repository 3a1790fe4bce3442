"""How well the classes were learnt."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.classes.class_question import ClassSummary
from core.classes.class_results import results_of
from spinvlm_desktop.batch.photo_thumbnails import PhotoThumbnails
from spinvlm_desktop.classes.class_words import accuracy_sentence, decline_sentence
from spinvlm_desktop.classes.confusion_view import ConfusionView
from spinvlm_desktop.widgets.labels import sentence_label, show_or_hide
from spinvlm_desktop.widgets.layouts import column_of

NONE_YET = "Nothing has been learnt yet. Sort photos into classes, then press Learn."
CHANGED = "The classes were changed since; Learn again to have that count."
MOST_NOTES = 4


class ClassResultsView(QWidget):
    """Figures first, then the table of what was taken for what."""

    photo_opened = Signal(object)
    """Path"""

    def __init__(self, thumbnails: PhotoThumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.figures = sentence_label("How well the classes are told apart", NONE_YET)
        self.more = sentence_label("Certainty and photos that fit no class", muted=True)
        self.changed = sentence_label("Changes since", muted=True)
        self.notes = sentence_label("What was noticed of the photos", muted=True)
        self.confusion = ConfusionView(thumbnails)
        self.confusion.photo_opened.connect(self.photo_opened)
        column_of(self.figures, self.more, self.changed, self.confusion, self.notes, 1, parent=self, margins=(), spacing=6)

    def show_summary(self, summary: ClassSummary | None, *, is_current: bool) -> None:
        """is_current: whether nothing was changed since it was learnt."""
        self.confusion.setVisible(summary is not None)
        show_or_hide(self.more, None if summary is None else decline_sentence(summary))
        show_or_hide(self.changed, CHANGED if summary is not None and not is_current else None)
        show_or_hide(self.notes, None if summary is None else notes_in_words(summary))
        self.figures.setText(NONE_YET if summary is None else accuracy_sentence(results_of(summary)))
        if summary is not None:
            self.confusion.show_summary(summary)


def notes_in_words(summary: ClassSummary) -> str:
    """The first few, and how many more there are."""
    left = len(summary.notes) - MOST_NOTES
    more = [f"And {left} more such notes."] if left > 0 else []
    return " ".join([*summary.notes[:MOST_NOTES], *more])
