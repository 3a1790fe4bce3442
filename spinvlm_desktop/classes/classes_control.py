"""Joins the page of classes with the window."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from core.answers import SessionDescription
from spinvlm_desktop.models.model_control import ModelControl
from spinvlm_desktop.system import paths
from spinvlm_desktop.system.background import Background

if TYPE_CHECKING:
    from spinvlm_desktop.classes.classes_dialog import ClassesDialog


class ClassesControl(QObject):
    """The page is made when it is first wanted, and kept: a learning goes on while it is closed."""

    photo_wanted = Signal(object)
    """Path of a photo to be opened in the chat"""
    try_wanted = Signal(object, str)
    """Path of a photo, and the question to be asked about it"""
    questions_changed = Signal(object)
    """tuple[str, ...] of class questions that have been learnt"""
    notice = Signal(str)
    """A sentence about what was learnt"""

    def __init__(self, models: ModelControl, window: QWidget) -> None:
        super().__init__(window)
        self._models, self._window = models, window
        self.dialog: ClassesDialog | None = None
        self._background = Background(self)

    def look_for_questions(self) -> None:
        """Say which class questions have been learnt."""
        self._background.forget()
        self._background.do(learnt_questions, self.questions_changed.emit, lambda _sentence: None)

    def show(self) -> None:
        """Bring the page to the front."""
        if self.dialog is None:
            from spinvlm_desktop.classes.classes_dialog import ClassesDialog  # not needed to show the window

            self.dialog = ClassesDialog(paths.classes_folder(), model=self._model, parent=self._window)
            self.dialog.photo_wanted.connect(self._on_photo_wanted)
            self.dialog.try_wanted.connect(self._on_try_wanted)
            self.dialog.learnt.connect(self._on_learnt)
            self.dialog.editor.changed.connect(self.look_for_questions)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def _on_photo_wanted(self, photo: Path) -> None:
        self._make_room()
        self.photo_wanted.emit(photo)

    def _on_try_wanted(self, photo: Path, question: str) -> None:
        self._make_room()
        self.try_wanted.emit(photo, question)

    def _make_room(self) -> None:
        """For the chat, which the page would cover; shown again, it is as it was."""
        if self.dialog is not None:
            self.dialog.hide()

    def _on_learnt(self, question: str) -> None:
        self.notice.emit(f"“{question}” can be asked about any photo now.")
        self.look_for_questions()

    def _model(self) -> Path | None:
        """The model in use, where it is one of this program's; pretrained ones don't learn classes."""
        return self._models.file if isinstance(self._models.in_use, SessionDescription) else None

    def close(self) -> None:
        """Before the window goes."""
        if self.dialog is not None:
            self.dialog.learning.cancel()
            self.dialog.close()


def learnt_questions() -> tuple[str, ...]:
    """Of the user's folder."""
    from training.classes.class_project import find_projects  # not needed to show the window

    found = (kept.summary() for kept in find_projects(paths.classes_folder()))
    return tuple(summary.question for summary in found if summary is not None)
