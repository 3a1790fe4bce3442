"""Joins the page of classes with the window."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from core.answers import SessionDescription
from spinvlm_desktop.models.model_control import ModelControl
from spinvlm_desktop.system import paths

if TYPE_CHECKING:
    from spinvlm_desktop.classes.classes_dialog import ClassesDialog


class ClassesControl(QObject):
    """The page is made when it is first wanted, and kept: a learning goes on while it is closed."""

    photo_wanted = Signal(object)
    """Path of a photo to be opened in the chat"""
    try_wanted = Signal(object, str)
    """Path of a photo, and the question to be asked about it"""
    notice = Signal(str)
    """A sentence about what was learnt"""

    def __init__(self, models: ModelControl, window: QWidget) -> None:
        super().__init__(window)
        self._models, self._window = models, window
        self.dialog: ClassesDialog | None = None

    def show(self) -> None:
        """Bring the page to the front."""
        if self.dialog is None:
            from spinvlm_desktop.classes.classes_dialog import ClassesDialog  # not needed to show the window

            self.dialog = ClassesDialog(paths.classes_folder(), model=self._model, parent=self._window)
            self.dialog.photo_wanted.connect(self.photo_wanted)
            self.dialog.try_wanted.connect(self.try_wanted)
            self.dialog.learnt.connect(lambda question: self.notice.emit(f"“{question}” can be asked about any photo now."))
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def _model(self) -> Path | None:
        """The model in use, where it is one of this program's; pretrained ones don't learn classes."""
        return self._models.file if isinstance(self._models.in_use, SessionDescription) else None

    def close(self) -> None:
        """Before the window goes."""
        if self.dialog is not None:
            self.dialog.learning.cancel()
            self.dialog.close()
