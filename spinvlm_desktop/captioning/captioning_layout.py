"""How the window for captioning is arranged: the photo at the left, what is said of it beside it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QGroupBox, QWidget

from spinvlm_desktop.captioning.desk import Desk
from spinvlm_desktop.captioning.panels.box_view import BoxView
from spinvlm_desktop.captioning.panels.caption_panel import CaptionPanel
from spinvlm_desktop.captioning.panels.objects_panel import ObjectsPanel
from spinvlm_desktop.captioning.panels.progress_row import ProgressRow
from spinvlm_desktop.captioning.panels.questions_panel import QuestionsPanel
from spinvlm_desktop.widgets.controls import push_button
from spinvlm_desktop.widgets.elided_label import ElidedLabel
from spinvlm_desktop.widgets.labels import error_label, sentence_label, show_or_hide
from spinvlm_desktop.widgets.layouts import column_of, divided, row_of, scrolled

USUAL_SIZE = QSize(1180, 760)


class CaptioningLayout(QDialog):
    """Parts and keys; what they do says the window."""

    def __init__(self, desk: Desk, folder: str, parent: QWidget | None = None) -> None:
        """folder: name of the photos' folder."""
        super().__init__(parent)
        self.setWindowTitle(f"Caption photos: {folder}")
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint, True)
        self.resize(USUAL_SIZE.boundedTo(self.screen().availableSize()))
        self.progress = ProgressRow(desk)
        self.view = BoxView()
        self.caption = CaptionPanel()
        self.questions = QuestionsPanel()
        self.objects = ObjectsPanel(self.view)
        self.photo_name = ElidedLabel()
        self.photo_name.setProperty("muted", True)
        self.problem = error_label("What is wrong")
        self.unsaved = error_label("What can't be written")
        self.notice = sentence_label("What happened", muted=True)
        self.undo_button = push_button("&Undo", "Take the last step back (Ctrl+Z)", self.undo)
        self.redo_button = push_button("&Redo", "Take the step again that was undone", self.redo)
        self.teach_button = push_button(
            "T&each them…", "Have the model learn them in minutes; it answers only where it is better then", self.teach,
            primary=True,
        )
        self.train_button = push_button("&Train on them…", "Fill in step 1 of the Train tab with them", self.train)
        close = push_button("&Close", "Close this window; all is kept, and opening the folder again goes on", self.reject)
        for button in (self.undo_button, self.redo_button, self.teach_button, self.train_button, close):
            button.setAutoDefault(False)
        self.buttons = row_of(self.undo_button, self.redo_button, 1, self.teach_button, self.train_button, close)
        photo, side = QWidget(), QWidget()
        column_of((self.view, 1), self.photo_name, parent=photo, margins=())
        column_of(
            _group("What is on the photo (Ctrl+1)", self.caption), _group("Questions and answers (Ctrl+2)", self.questions),
            _group("What is where (Ctrl+3)", self.objects), 1, parent=side, margins=(0, 0, 6, 0),
        )
        columns = divided(photo, scrolled(side, frame=False), sizes=(690, 470))
        column_of(self.progress, self.unsaved, self.problem, (columns, 1), self.notice, self.buttons, parent=self)
        show_or_hide(self.notice, "")
        self._set_keys()

    def set_has_photo(self, has_photo: bool) -> None:
        """Whether there is one to say something of."""
        self.caption.set_has_photo(has_photo)
        self.questions.setEnabled(has_photo)
        self.objects.setEnabled(has_photo)

    def tell(self, sentences: Sequence[str]) -> None:
        """What the user should know."""
        show_or_hide(self.notice, " ".join(sentences))

    def complain(self, sentence: str) -> None:
        """What is wrong; nothing where all is well."""
        show_or_hide(self.problem, sentence)

    def _set_keys(self) -> None:
        for key, widget in (
            ("Ctrl+1", self.caption.field), ("Ctrl+2", self.questions.question), ("Ctrl+3", self.objects.name),
            ("Ctrl+F", self.progress.search),
        ):
            QShortcut(QKeySequence(key), self, widget.setFocus)
        QShortcut(QKeySequence("Ctrl+B"), self, self.objects.begin_box)
        QShortcut(QKeySequence(Qt.Key.Key_PageUp), self, lambda: self.caption.turn_wanted.emit(-1))
        QShortcut(QKeySequence(Qt.Key.Key_PageDown), self, lambda: self.caption.turn_wanted.emit(1))
        # In a field that has something to undo, the field's own comes first.
        QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self, self.undo)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Redo), self, self.redo)

    def undo(self) -> None:
        raise NotImplementedError

    def redo(self) -> None:
        raise NotImplementedError

    def teach(self) -> None:
        raise NotImplementedError

    def train(self) -> None:
        raise NotImplementedError


def _group(title: str, content: QWidget) -> QGroupBox:
    group = QGroupBox(title)
    column_of(content, parent=group)
    return group
