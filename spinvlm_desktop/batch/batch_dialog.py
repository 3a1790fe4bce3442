"""One question about every photo of a folder: answers as a gallery and a table, kept as they come."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QMessageBox, QPushButton, QWidget

from core.errors import reason_of
from spinvlm_desktop.batch.batch_form import BatchForm
from spinvlm_desktop.batch.batch_progress import BatchProgress
from spinvlm_desktop.batch.batch_request import BatchRequest, BatchSettings, photos_in_words
from spinvlm_desktop.batch.export_button import ExportButton
from spinvlm_desktop.batch.kept_answers import KeptAnswers
from spinvlm_desktop.batch.photo_result import PhotoResult
from spinvlm_desktop.batch.result_model import PhotoResults
from spinvlm_desktop.batch.result_view import ResultView
from spinvlm_desktop.widgets.controls import hand_over_focus
from spinvlm_desktop.widgets.labels import error_label, show_or_hide
from spinvlm_desktop.widgets.layouts import column_of, row_of
from spinvlm_desktop.worker.answer_worker import PhotoAnswer


class BatchDialog(QDialog):
    """Knows nothing of the model: it emits what is wanted, and is given results.

    Results that still come after it was closed, until `finish`, are kept; so keep the dialog and show it again instead of
    deleting it.
    """

    batch_requested = Signal(object)
    """BatchRequest"""
    cancel_requested = Signal()
    photo_wanted = Signal(object)
    """Path of a photo to open in the chat."""

    def __init__(self, parent: QWidget | None = None, *, answers: Callable[[], Path | None] = lambda: None) -> None:
        """answers: the folder in which they are kept at the time; where there is none they go with the dialog."""
        super().__init__(parent)
        self.setWindowTitle("Ask about a folder of photos")
        self.setAcceptDrops(True)
        self.resize(1000, 640)
        self._settings = BatchSettings()
        self._shown: BatchRequest | None = None
        """What the answers on show are about: all photos of the folder."""
        self._request: BatchRequest | None = None
        """What is under way."""
        self._kept = KeptAnswers(answers)
        self.form = BatchForm()
        self.form.folder_changed.connect(self._on_folder_changed)
        self.form.question_changed.connect(self._show_kept)
        self._error = error_label("What is wrong")
        self.results = PhotoResults(self)
        self.results.corrected.connect(self._keep)
        self.view = ResultView(self.results)
        self.view.photo_wanted.connect(self.photo_wanted)
        self._progress = BatchProgress()
        column_of(self.form, self._error, self._progress, (self.view, 1), self._button_row(), parent=self, spacing=10)
        self._show_state()

    def _button_row(self) -> QHBoxLayout:
        self.start_button = _button("&Start", "Ask the question about every photo that isn't answered yet")
        self.start_button.setProperty("primary", True)
        self.cancel_button = _button("S&top", "Stop; what is answered is kept")
        self.open_button = _button("&Open in the chat", "Open the chosen photo in the chat (Enter)")
        self.export_button = ExportButton(self.view.filter, self.results, lambda: self.form.folder)
        self.export_button.complained.connect(self._show_error)
        self.export_button.saved.connect(self._progress.say)
        close = _button("C&lose", "Close this window; answers are kept")
        self.start_button.clicked.connect(self._on_start_wanted)
        self.cancel_button.clicked.connect(self._on_cancel_wanted)
        self.open_button.clicked.connect(lambda: self.photo_wanted.emit(self.view.chosen()[0]))
        self.view.chosen_changed.connect(lambda: self.open_button.setEnabled(bool(self.view.chosen())))
        close.clicked.connect(self.reject)
        self.cancel_button.setEnabled(False)
        self.open_button.setEnabled(False)
        return row_of(self.export_button, self.open_button, 1, self.start_button, self.cancel_button, close)

    def set_folder(self, folder: Path) -> None:
        """Take the photos of this folder."""
        self.form.set_folder(folder)

    def set_settings(self, settings: BatchSettings) -> None:
        """How the next photos are answered; what is under way goes on as it began."""
        changed, self._settings = settings != self._settings, settings
        if not self.running:
            self.form.show_settings(settings.in_words())
            if changed:
                self._show_kept()

    @property
    def running(self) -> bool:
        """Whether results may still come."""
        return self._request is not None

    # -- results

    @Slot(object)
    def add_result(self, answered: PhotoAnswer) -> None:
        """The answer about a photo, or why there is none. Ignored when nothing is running."""
        request = self._request
        if request is None:
            return
        result = PhotoResult.of(answered, request.question, spin=request.settings.spin)
        before = self.results.result(answered.image)
        if before is not None and before.correction is not None:
            result = result.corrected(before.correction)
        self.results.set_result(answered.image, result)
        self._keep(answered.image, result)
        self._progress.advance()

    def _keep(self, image: Path, result: PhotoResult) -> None:
        try:
            self._kept.keep(image, result)
        except OSError as error:
            self._show_error(f"Answers can't be kept for the next time ({reason_of(error)}); export them before you close.")

    @Slot(bool)
    def finish(self, cancelled: bool) -> None:
        """No more results come."""
        if self._request is not None:
            self._end(f"Stopped: {self._progress.in_words()}" if cancelled else "")

    @Slot(str)
    def fail(self, sentence: str) -> None:
        """The batch ended with an error; what is answered is kept."""
        if self._request is not None:
            self._end(self._progress.in_words())
        self._show_error(sentence)

    def _end(self, words: str) -> None:
        self._request = None
        self.form.show_settings(self._settings.in_words())
        self._show_state(words)

    # -- what is shown

    def _all_photos(self) -> BatchRequest:
        return BatchRequest(self.form.images, self.form.text(), self._settings)

    def _on_folder_changed(self) -> None:
        self._show_error(self.form.complaint)
        self.view.gallery.thumbnails.forget()
        self._show_kept()

    def _show_kept(self) -> None:
        """What was answered before about these photos, with this question and these settings."""
        request = self._all_photos()
        if self.running or self.form.folder is None or request == self._shown:
            return
        self._shown = request
        self.results.show_photos(request.images, folder=self.form.folder, results=self._kept.open(self.form.folder, request))
        self._show_state()

    def _open_photos(self) -> tuple[Path, ...]:
        """Those that have no answer yet."""
        return tuple(photo for photo in self.form.images if self.results.result(photo) is None)

    def _show_state(self, words: str = "") -> None:
        """words: instead of what is answered."""
        total, left, running = len(self.form.images), len(self._open_photos()), self.running
        self.form.setEnabled(not running)
        before, after = (self.start_button, self.cancel_button) if running else (self.cancel_button, self.start_button)
        after.setEnabled(True)
        hand_over_focus(before, after)
        before.setEnabled(False)
        self.cancel_button.setText("S&top")
        again = total > 0 and not left
        self.start_button.setText("Ask &again" if again else "&Go on" if left < total else "&Start")
        self.start_button.setAccessibleName(self.start_button.text().replace("&", ""))
        if not running:
            self._progress.rest(answered=total - left, total=total, words=words)

    # -- what the user does

    def _on_start_wanted(self) -> None:
        if self.running:
            return
        complaint = self.form.missing()
        self._show_error(complaint)
        if complaint:
            return
        self._show_kept()
        request = self._all_photos()
        wanted = self._open_photos() or request.images
        self._request = BatchRequest(wanted, request.question, request.settings)
        self._show_state()
        self._progress.begin(wanted=len(wanted), total=len(request.images))
        self.batch_requested.emit(self._request)

    def _on_cancel_wanted(self) -> None:
        if self.running and self.cancel_button.isEnabled():
            if self.focusWidget() is self.cancel_button:
                self.view.gallery.setFocus()
            self.cancel_button.setEnabled(False)
            self.cancel_button.setText("Stopping…")
            self.cancel_requested.emit()

    def _show_error(self, sentence: str | None) -> None:
        show_or_hide(self._error, sentence)

    def reject(self) -> None:
        """Esc, *Close* and the window's own button."""
        if not self.running:
            self._leave()
            return
        box = QMessageBox(QMessageBox.Icon.Question, "Stop asking?", "Photos are still being asked about.", parent=self)
        box.setInformativeText(f"{photos_in_words(self._progress.done)} answered. They are kept, and Go on takes up the rest.")
        stop = box.addButton("Stop and close", QMessageBox.ButtonRole.AcceptRole)
        background = box.addButton("Close and go on", QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        stop.clicked.connect(self._on_cancel_wanted)
        for button in (stop, background):
            button.clicked.connect(lambda _checked=False: self._leave())
        box.open()

    def _leave(self) -> None:
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


def _button(text: str, tip: str) -> QPushButton:
    """Enter in a field presses none of them."""
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAccessibleName(tip if "…" in text else text.replace("&", ""))
    button.setAutoDefault(False)
    return button
