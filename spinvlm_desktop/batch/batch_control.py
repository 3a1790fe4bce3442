"""Joins the dialog for a folder of photos with the model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from spinvlm_desktop.worker.answer_service import AnswerService

if TYPE_CHECKING:
    from spinvlm_desktop.batch.batch_dialog import BatchDialog
    from spinvlm_desktop.batch.batch_request import BatchRequest, BatchSettings


class BatchControl(QObject):
    """The dialog is made when it is first wanted, and kept: results may come while it is hidden."""

    photo_wanted = Signal(object)
    """Path of a photo to open in the chat."""

    def __init__(
        self, service: AnswerService, window: QWidget, *, how: Callable[[], BatchSettings],
        answers: Callable[[], Path | None],
    ) -> None:
        """how: the settings that are in force; answers: the folder in which answers are kept, None where nothing is."""
        super().__init__(window)
        self._service, self._window, self._how, self._answers = service, window, how, answers
        self.dialog: BatchDialog | None = None

    def show(self) -> None:
        """The dialog, beside the chat."""
        if self.dialog is None:
            from spinvlm_desktop.batch.batch_dialog import BatchDialog  # not needed to show the window

            self.dialog = BatchDialog(self._window, answers=self._answers)
            self.dialog.batch_requested.connect(self._on_requested)
            self.dialog.cancel_requested.connect(self._service.cancel_batch)
            self.dialog.photo_wanted.connect(self.photo_wanted)
            self._service.photo_answered.connect(self.dialog.add_result)
            self._service.batch_ended.connect(self._on_ended)
        self.refresh()
        self.dialog.show()
        self.dialog.raise_()

    def show_folder(self, folder: Path) -> None:
        """The dialog with this folder, unless it is still at work on another."""
        self.show()
        if self.dialog is not None and not self.dialog.running:
            self.dialog.set_folder(folder)

    def refresh(self) -> None:
        """After a change of settings."""
        if self.dialog is not None:
            self.dialog.set_settings(self._how())

    def close(self) -> None:
        """What is answered is kept."""
        if self.dialog is not None:
            self.dialog.finish(True)

    def _on_requested(self, request: BatchRequest) -> None:
        settings = request.settings
        self._service.ask_many(
            request.images, request.question, spin=settings.spin, generation=settings.generation, finer=settings.finer
        )

    def _on_ended(self, cancelled: bool, sentence: str) -> None:
        assert self.dialog is not None
        if sentence:
            self.dialog.fail(sentence)
        else:
            self.dialog.finish(cancelled)
