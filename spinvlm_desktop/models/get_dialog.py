"""*Models, Get a model…*: pretrained models to download, use and remove. Asks nothing of the network before *Download*."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QWidget,
)

from core.errors import SpinVlmError
from core.pretrained.hub.answer_time import MachineSpeed
from spinvlm_desktop.models.model_download import MachineMeasurement, ModelDownload
from spinvlm_desktop.models.model_rows import ModelRow, format_size, list_rows
from spinvlm_desktop.models.model_table import ModelTable
from spinvlm_desktop.system import paths
from spinvlm_desktop.widgets.controls import push_button
from spinvlm_desktop.widgets.labels import error_label, sentence_label, show_or_hide
from spinvlm_desktop.widgets.layouts import column_of, row_of

ABOUT = (
    "Models made by others, which answer far better than the small one and take more time and memory. A model is downloaded "
    "from huggingface.co when you press Download, and at no other time; afterwards it works without a network."
)
UNCERTAIN = "(?): written from memory; read the model's card before you rely on it."
GATED = "Its terms have to be accepted on huggingface.co/{name} first, and an access token made known with `hf auth login`."


class GetModelDialog(QDialog):
    """A download goes on while the dialog is closed, and ends with the window; what has come stays."""

    use_wanted = Signal(object)
    """Path of a model's folder"""
    downloaded = Signal(str)
    """Name of a model that is here now"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Get a model")
        self.resize(150 * self.fontMetrics().averageCharWidth() + 160, 600)
        self._machine: MachineSpeed | None = None
        self._in_use: Path | None = None
        self._measurement = MachineMeasurement(self)
        self._measurement.ended.connect(self._on_measured)
        self.download = ModelDownload(self)
        self.download.progressed.connect(self._on_progress)
        self.download.ended.connect(self._on_ended)
        self.table = ModelTable()
        self.table.itemSelectionChanged.connect(self._show_chosen)
        about = sentence_label("About these models")
        about.setText(ABOUT)
        self._details = sentence_label("About the chosen model")
        self._details.setProperty("muted", True)
        self._error = error_label("What went wrong")
        column_of(
            about, self._search_field(), (self.table, 1), self._details, self._name_row(), self._progress_row(), self._error,
            self._button_row(), parent=self,
        )
        self._show_download()

    def _search_field(self) -> QLineEdit:
        search = QLineEdit()
        search.setPlaceholderText("Search")
        search.setAccessibleName("Search the models")
        search.setClearButtonEnabled(True)
        search.textChanged.connect(self.table.search)
        search.textChanged.connect(lambda _: self._show_chosen())
        return search

    def _name_row(self) -> QHBoxLayout:
        label = QLabel("&Another model")
        self._name = QLineEdit()
        self._name.setPlaceholderText("organisation/model, as on huggingface.co")
        self._name.setAccessibleName("Name of another model")
        self._name.textChanged.connect(lambda _: self._show_download())
        label.setBuddy(self._name)
        self._get_named = _button(
            "Download it", "Download the model of this name", lambda: self.start(self._name.text().strip())
        )
        return row_of(label, (self._name, 1), self._get_named)

    def _progress_row(self) -> QHBoxLayout:
        self._bar = QProgressBar()
        self._bar.setRange(0, 1000)
        self._bar.setAccessibleName("Progress of the download")
        self._far = QLabel()
        self._far.setTextFormat(Qt.TextFormat.PlainText)
        self._far.setAccessibleName("How far the download is")
        self._pause = _button("Pause", "Stop downloading; what has come stays, and Download goes on with it", self.pause)
        return row_of(self._far, (self._bar, 1), self._pause)

    def _button_row(self) -> QHBoxLayout:
        self._get = _button(
            "Download", "Download the chosen model, or go on with its download", self._on_get, primary=True
        )
        self._use = _button("Use", "Answer with the chosen model from now on", self._on_use)
        self._remove = _button("Remove…", "Remove the chosen model from this computer", self._on_remove)
        close = _button("Close", "Close this window; a download goes on", self.reject)
        return row_of(1, self._get, self._use, self._remove, close)

    def show_models(self, *, in_use: Path | None) -> None:
        """Show what is here now, and measure this computer the first time. in_use: the folder of the model that answers."""
        self._in_use = in_use
        if self._machine is None:
            self._measurement.start()
        self._refresh()
        self.show()
        self.raise_()

    def close_processes(self) -> None:
        """Before the window goes; an unfinished download can be gone on with at the next start."""
        self._measurement.cancel()
        self.download.cancel()

    def start(self, name: str) -> None:
        """Download this model, or go on with it."""
        show_or_hide(self._error, None)
        self._bar.setValue(0)
        self._far.setText(f"{name}: asking the hub…")
        self.download.start(name)
        self._show_download()

    def pause(self) -> None:
        """What has come stays."""
        self.download.cancel()
        self._show_download()
        self._refresh()

    # -- what comes

    def _refresh(self) -> None:
        rows = list_rows(paths.models_folder(), machine=self._machine)
        self.table.show_rows(rows, measuring=self._measurement.running)
        self._show_chosen()

    def _on_measured(self, machine: MachineSpeed | None) -> None:
        self._machine = machine
        self._refresh()

    def _on_progress(self, done: int, total: int, left: float | None) -> None:
        self._bar.setValue(round(1000 * done / max(total, 1)))
        minutes = "" if left is None else f", {_left_in_words(left)} left"
        self._far.setText(f"{self.download.name}: {format_size(done)} of {format_size(total)}{minutes}")

    def _on_ended(self, folder: Path | None, sentence: str) -> None:
        self._show_download()
        self._refresh()
        show_or_hide(self._error, sentence)
        if folder is not None:
            self.downloaded.emit(self.download.name)

    # -- what is chosen

    def _show_download(self) -> None:
        running = self.download.running
        for widget in (self._bar, self._far, self._pause):
            widget.setVisible(running)
        self._get_named.setEnabled(not running and "/" in self._name.text())
        self._show_chosen()

    def _show_chosen(self) -> None:
        row = self.table.chosen()
        can_get = row is not None and row.path is None and not self.download.running
        self._get.setText("Go on downloading" if row is not None and row.here.endswith("%") else "Download")
        self._get.setEnabled(can_get)
        self._use.setEnabled(row is not None and row.path is not None)
        self._remove.setEnabled(row is not None and self._may_be_removed(row))
        self._details.setText("" if row is None else " ".join(_about(row)))

    def _may_be_removed(self, row: ModelRow) -> bool:
        is_loading = self.download.running and row.name == self.download.name
        return row.here not in ("", "shared") and not is_loading and (row.path is None or row.path != self._in_use)

    def _on_get(self) -> None:
        row = self.table.chosen()
        if row is not None:
            self.start(row.name)

    def _on_use(self) -> None:
        row = self.table.chosen()
        if row is not None and row.path is not None:
            self.use_wanted.emit(row.path)
            self.accept()

    def _on_remove(self) -> None:
        row = self.table.chosen()
        if row is None:
            return
        box = QMessageBox(QMessageBox.Icon.Question, "Remove the model?", f"Remove {row.name} from this computer?", parent=self)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setInformativeText("Its files are deleted, and conversations with it stay. It can be downloaded again.")
        remove = box.addButton("Remove", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        remove.clicked.connect(lambda _checked=False: self.remove(row.name))
        box.open()

    def remove(self, name: str) -> None:
        """Delete a downloaded model, or what there is of it."""
        from core.pretrained.hub.model_store import remove_model

        try:
            remove_model(name, paths.models_folder())
            show_or_hide(self._error, None)
        except SpinVlmError as error:
            show_or_hide(self._error, str(error))
        self._refresh()


def _about(row: ModelRow) -> list[str]:
    known = row.known
    if known is None:
        return [f"{row.name} is on this computer."]
    found = [f"{known.good_for}.", f"Licence: {known.licence}{'' if known.licence_is_verified else ' (?)'}."]
    if row.is_proposed:
        found.append("The smallest that makes sense on this computer.")
    if known.is_gated:
        found.append(GATED.format(name=row.name))
    return [*found, *([] if known.licence_is_verified and known.size_is_verified else [UNCERTAIN])]


def _left_in_words(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _button(text: str, tip: str, slot: Callable[[], object], *, primary: bool = False) -> QPushButton:
    button = push_button(text, tip, slot, primary=primary)
    button.setAccessibleName(text.replace("…", ""))
    button.setAutoDefault(False)
    return button
