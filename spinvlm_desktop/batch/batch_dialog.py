"""One question about every photo of a folder, written to a file as the answers come."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QMessageBox, QWidget

from core.errors import ConfigError
from spinvlm_desktop.answers.answer_files import AnswerFile
from spinvlm_desktop.batch.batch_form import BatchForm
from spinvlm_desktop.batch.batch_request import BatchRequest, BatchSettings, photos_in_words, printable
from spinvlm_desktop.batch.result_table import ResultTable
from spinvlm_desktop.widgets.controls import open_folder, progress_bar, push_button, question_box
from spinvlm_desktop.widgets.labels import error_label, show_or_hide
from spinvlm_desktop.widgets.layouts import column_of, row_of
from spinvlm_desktop.worker.answer_worker import PhotoAnswer
from training.run.time_left import TimeLeft, duration


class BatchDialog(QDialog):
    """Knows nothing of the model: it emits what is wanted, and is given results.

    Closing it while answers are being made cancels, and what still comes until `finish` is kept; so keep the dialog
    and show it again instead of deleting it.
    """

    batch_requested = Signal(object)
    """BatchRequest"""
    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Ask about a folder of photos")
        self.setAcceptDrops(True)
        self.resize(760, 560)
        self._file: AnswerFile | None = None
        self._settings = BatchSettings()
        self._request = BatchRequest((), "")
        self._shown_from = Path()
        self._output = Path()
        self._done = self._failed = 0
        self._left = TimeLeft()
        self.form = BatchForm()
        self.form.folder_changed.connect(self._on_folder_changed)
        self._error = error_label("What is wrong")
        self.table = ResultTable()
        column_of(self.form, self._error, self._progress_row(), (self.table, 1), self._button_row(), parent=self, spacing=10)

    def _progress_row(self) -> QHBoxLayout:
        self._bar = progress_bar("Progress", "Photos that are done")
        self._bar.setRange(0, 1)
        self._line = QLabel("Nothing asked yet.")
        self._line.setProperty("muted", True)
        self._line.setTextFormat(Qt.TextFormat.PlainText)
        self._line.setAccessibleName("What is done")
        return row_of((self._bar, 1), (self._line, 1))

    def _button_row(self) -> QHBoxLayout:
        self.start_button = push_button("&Start", "Ask the question about every photo", self._on_start_wanted, primary=True)
        self.cancel_button = push_button(
            "&Cancel", "Stop; the answers that are done stay in the file", self._on_cancel_wanted
        )
        self.open_button = push_button("&Open folder", "Show the folder with the file of answers", self._on_open_wanted)
        close = push_button("C&lose", "Close this window", self.reject)
        for button in (self.cancel_button, self.open_button, close):
            button.setAutoDefault(False)
        self.start_button.setDefault(True)
        self.cancel_button.setEnabled(False)
        self.open_button.setEnabled(False)
        return row_of(self.open_button, 1, self.start_button, self.cancel_button, close)

    def set_folder(self, folder: Path) -> None:
        """Take the photos of this folder."""
        self.form.set_folder(folder)

    def set_settings(self, settings: BatchSettings) -> None:
        """How the next photos are answered; what is under way goes on as it began."""
        self._settings = settings
        if not self.running:
            self.form.show_settings(settings.in_words())

    @property
    def running(self) -> bool:
        """Whether results may still come."""
        return self._file is not None

    # -- results

    @Slot(object)
    def add_result(self, answered: PhotoAnswer) -> None:
        """The answer about a photo, or why there is none. Ignored when nothing is running."""
        if self._file is None:
            return
        image, result = answered.image, answered.result
        try:
            self._file.write(
                Path(printable(image)), self._request.question, result, model=answered.model, spin=self._request.settings.spin
            )
        except (OSError, ValueError) as error:
            self.cancel_requested.emit()
            self.fail(f"{printable(self._output)} can't be written any more: {getattr(error, 'strerror', None) or error}.")
            return
        self._done += 1
        self._failed += isinstance(result, Exception)
        text = str(result).replace(str(image), image.name) if isinstance(result, Exception) else result.shown_text
        self.table.add(self._photo_name(image), text or "(no answer)", failed=isinstance(result, Exception))
        self._bar.setValue(self._done)
        self._show_progress()

    @Slot(bool)
    def finish(self, cancelled: bool) -> None:
        """No more results come."""
        if self._file is None:
            return
        saved = self._end()
        total = len(self._request.images)
        what = f"Cancelled: {self._done} of {photos_in_words(total)} done" if cancelled else f"{photos_in_words(self._done)} done"
        failed = f", {self._failed} of them could not be used" if self._failed else ""
        self._line.setText(f"{what}{failed}{saved}.")

    @Slot(str)
    def fail(self, sentence: str) -> None:
        """The batch ended with an error; what is done stays in the file."""
        if self._file is not None:
            self._end()
            self._line.setText(f"{self._done} of {photos_in_words(len(self._request.images))} done.")
        self._show_error(sentence)

    def _end(self) -> str:
        """Close the file. Returns where the answers are, as the end of a sentence; empty where there are none."""
        assert self._file is not None
        saved = self._file
        with suppress(OSError):  # they stay beside the file that can't be replaced, and the sentence says so
            saved.close()
        self._file = None
        self._show_running(False)
        self.form.show_settings(self._settings.in_words())
        return f", saved in {printable(Path(saved.path.name))}" if self._done else ""

    def _show_running(self, running: bool) -> None:
        self.form.setEnabled(not running)
        self.start_button.setEnabled(not running)
        self.cancel_button.setEnabled(running)
        self.cancel_button.setText("&Cancel")
        if running:
            self.open_button.setEnabled(True)

    def _show_progress(self) -> None:
        total = len(self._request.images)
        text = f"{self._done:,} of {photos_in_words(total)}"
        left = self._left.seconds(time.monotonic(), self._done, total)
        if left:
            text += f" · {duration(left)} left"
        self._line.setText(text)

    def _photo_name(self, image: Path) -> str:
        inside = image.is_relative_to(self._shown_from)
        return printable(image.relative_to(self._shown_from) if inside else image)

    # -- what the user does

    def _on_folder_changed(self) -> None:
        self._show_error(self.form.complaint)

    def _on_start_wanted(self) -> None:
        if self.running:
            return
        output, complaint = self.form.output(), self.form.missing()
        self._show_error(complaint)
        if complaint or output is None:
            return
        if not output.exists():
            self._start(output)
            return
        box = question_box(self, "Replace the file?", f"{output.name} already exists.", "Its content will be lost.")
        replace = box.addButton("Replace", QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        replace.clicked.connect(lambda: self._start(output))
        box.open()

    def _start(self, output: Path) -> None:
        if self.running or self.form.folder is None:
            return
        try:
            self._file = AnswerFile(output)
        except (ConfigError, ValueError) as error:
            self._show_error(f"{str(error).rstrip('.')}.")
            return
        self._request = BatchRequest(self.form.images, self.form.question.text().strip(), self._settings)
        self._output, self._shown_from = output, self.form.folder
        self._done = self._failed = 0
        self._left = TimeLeft()
        self.table.setRowCount(0)
        self._bar.setRange(0, len(self._request.images))
        self._bar.setValue(0)
        self._show_running(True)
        self._show_progress()
        self.batch_requested.emit(self._request)

    def _on_cancel_wanted(self) -> None:
        if self.running and self.cancel_button.isEnabled():
            self.cancel_button.setEnabled(False)
            self.cancel_button.setText("Cancelling…")
            self.cancel_requested.emit()

    def _on_open_wanted(self) -> None:
        open_folder(self._output.absolute().parent)

    def _show_error(self, sentence: str | None) -> None:
        show_or_hide(self._error, sentence)

    def reject(self) -> None:
        self._on_cancel_wanted()
        super().reject()

    def dragEnterEvent(self, event: QDragEnterEvent, /) -> None:
        if not self.running and any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent, /) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        folder = next((path for path in paths if path.is_dir()), None)
        if folder is None:
            self._show_error("Drop a folder of photos; single photos go into the main window.")
        else:
            self.set_folder(folder)


