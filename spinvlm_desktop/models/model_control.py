"""The model in use: the menu to choose it from, the line that names it, its card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QLabel, QMenu, QMessageBox, QWidget

from core.answer_model import ModelDescription, PretrainedDescription
from core.answers import SessionDescription
from core.config import MethodName
from spinvlm_desktop.jobs.folder_names import moved
from spinvlm_desktop.models.model_list import (
    MODEL_FILES,
    FoundModel,
    can_use_pretrained,
    find_models,
    find_pretrained,
    find_taught,
    other_bundled_models,
)
from spinvlm_desktop.models.model_summary import count_in_words, status_lines
from spinvlm_desktop.system import paths
from spinvlm_desktop.system.start_folder import StartFolder
from spinvlm_desktop.widgets.labels import shortened
from spinvlm_desktop.worker.answer_service import AnswerService
from spinvlm_desktop.worker.answer_worker import ModelChoice

if TYPE_CHECKING:
    from spinvlm_desktop.models.get_dialog import GetModelDialog

LONGEST_NAME = 40
"""Letters of a model's name in the status line."""
LOADING = "The model is being loaded…"


class ModelControl(QObject):
    """Has models loaded; one that can't be loaded leaves the one before in use.

    What it says is in use is what answers: each load comes back with its number, however many are under way.
    """

    in_use_changed = Signal(object, int)
    """ModelDescription, and the number of the load."""
    load_failed = Signal(int)
    """Number of the load."""
    file_changed = Signal(object)
    """Path of the model file or folder that is now in use, None for the starter model."""

    downloaded = Signal(str)
    """Name of a pretrained model that is on this computer from now on"""

    def __init__(self, service: AnswerService, window: QWidget) -> None:
        super().__init__(window)
        self.get_dialog: GetModelDialog | None = None
        """Made when it is first wanted, and kept: a download goes on while it is closed."""
        self._start = StartFolder()
        self._service, self._window = service, window
        self.method: MethodName = "default"
        """How the words of answers are going to be chosen; not every model can do every one."""
        self._device = "auto"
        self._threads: int | None = None
        self._loading: dict[int, Path | None] = {}
        """By number, in the order in which they were asked for."""
        self._file: Path | None = None
        self.in_use: ModelDescription | None = None
        self.label = QLabel(LOADING)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setAccessibleName("Model in use")
        self.menu = QMenu("&Models", window)
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(lambda: self._fill_menu(find_pretrained(paths.models_folder())))
        self._fill_menu([])
        service.model_loaded.connect(self._on_loaded)
        service.model_failed.connect(self._on_failed)
        service.load_step.connect(self.label.setText)

    @property
    def file(self) -> Path | None:
        """The model file or folder in use; None is the starter model, or no model at all (see `in_use`)."""
        return self._file

    @property
    def loading(self) -> bool:
        """Whether another model may be in use soon."""
        return bool(self._loading)

    def load(self, path: Path | None, *, device: str, threads: int | None) -> None:
        """Load a model in the background; None is the starter model. device, threads: from now on, for others too."""
        self._device, self._threads = device, threads
        self.use(path)

    def reload(self, *, device: str, threads: int | None) -> None:
        """Load the model in use, or the one that is being loaded, for another device or another number of threads."""
        self.load(next(reversed(self._loading.values()), self._file), device=device, threads=threads)

    def use(self, path: Path | None) -> int:
        """Load another model for the same device; None is the starter model. Returns the load's number."""
        number = self._service.load_model(ModelChoice(path, self._device, self._threads, method=self.method))
        self._loading[number] = path
        self._show_state()
        return number

    def follow(self, old: Path, new: Path) -> None:
        """A folder has another name: the model file in it stays the one in use, or the one that is being loaded."""
        self._loading = {number: path and moved(path, old, new) for number, path in self._loading.items()}
        if self._file is not None and self._file.is_relative_to(old):
            self._file = moved(self._file, old, new)
            if isinstance(self.in_use, SessionDescription):
                self.in_use = replace(self.in_use, path=self._file)
            self.file_changed.emit(self._file)

    def _on_loaded(self, described: ModelDescription, choice: ModelChoice) -> None:
        self.in_use, self._file = described, self._loading.pop(choice.request_id, choice.path)
        self._show_state()
        self.in_use_changed.emit(described, choice.request_id)
        self.file_changed.emit(self._file)

    def _on_failed(self, sentence: str, details: str, choice: ModelChoice) -> None:
        self._loading.pop(choice.request_id, None)
        self._show_state(failed=True)
        self.load_failed.emit(choice.request_id)
        box = QMessageBox(QMessageBox.Icon.Warning, "The model was not loaded", sentence, parent=self._window)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setDetailedText(details)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self.in_use is None and choice.path is not None:
            starter = box.addButton("Use the starter model", QMessageBox.ButtonRole.AcceptRole)
            starter.clicked.connect(lambda: self.use(None))
            box.addButton(QMessageBox.StandardButton.Close)
        box.open()

    def _show_state(self, *, failed: bool = False) -> None:
        """failed: say that the model before is still the one in use."""
        self.label.setToolTip("" if self.in_use is None else "\n".join(status_lines(self.in_use)))
        if self._loading:
            self.label.setText(LOADING)
        elif self.in_use is None:
            self.label.setText("No model is loaded")
        else:
            name = shortened(self.in_use.name, LONGEST_NAME)
            where = ", ".join([self.in_use.device, *([self.in_use.precision] if self.in_use.family is not None else [])])
            size = f"{count_in_words(self.in_use.parameters)} weights · {where}"
            self.label.setText(f"Model: {name} stays in use" if failed else f"Model: {name} · {size}")

    def _fill_menu(self, pretrained: Sequence[FoundModel]) -> None:
        """The models that are there now. pretrained: those of others; they are looked for when the menu is opened."""
        self.menu.clear()
        known: list[tuple[str, Path | None]] = [("Starter model", None)]
        own = find_models(paths.runs_folder(), paths.models_folder())
        taught = find_taught(paths.taught_folder())
        known += [(found.name, found.path) for found in (*other_bundled_models(), *taught, *own, *pretrained)]
        if self._file is not None and self._file not in [path for _, path in known]:
            known.append((self._file.name if isinstance(self.in_use, PretrainedDescription) else self._file.stem, self._file))
        for name, path in known:
            action = self.menu.addAction(name.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(self.in_use is not None and path == self._file)
            action.setToolTip("The model that came with the program" if path is None else str(path))
            action.triggered.connect(lambda _checked=False, path=path: self.use(path))
        self.menu.addSeparator()
        self.menu.addAction("&Open a model file…").triggered.connect(self._on_open_wanted)
        if can_use_pretrained():
            get = self.menu.addAction("&Get a model…")
            get.setToolTip("Pretrained models, which answer better and take longer")
            get.triggered.connect(self.show_models_to_get)
            folder = self.menu.addAction("&Use a folder…")
            folder.setToolTip("A pretrained model that lies on this computer, as the Hugging Face hub has them")
            folder.triggered.connect(self._on_folder_wanted)
        card = self.menu.addAction("Model &card…")
        card.setEnabled(self.in_use is not None and not self.loading)  # else it would be the card of the model before
        card.triggered.connect(self.show_card)

    def _on_open_wanted(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self._window, "Open a model file", self._start.path(), MODEL_FILES)
        if name:
            self._start.remember(Path(name))
            self.use(Path(name))

    def show_models_to_get(self) -> None:
        """Pretrained models, which can be downloaded."""
        if self.get_dialog is None:
            from spinvlm_desktop.models.get_dialog import GetModelDialog  # not needed to show the window

            self.get_dialog = GetModelDialog(self._window)
            self.get_dialog.use_wanted.connect(self.use)
            self.get_dialog.downloaded.connect(self.downloaded)
        self.get_dialog.show_models(in_use=self._file)

    def close(self) -> None:
        """Before the window goes."""
        if self.get_dialog is not None:
            self.get_dialog.close_processes()

    def _on_folder_wanted(self) -> None:
        name = QFileDialog.getExistingDirectory(self._window, "Use a pretrained model's folder", self._start.path())
        if name:
            self._start.remember(Path(name))
            self.use(Path(name))

    def show_card(self) -> None:
        """What the model in use is, was taught and can do."""
        if self.in_use is not None:
            from spinvlm_desktop.models.model_card_dialog import ModelCardDialog  # not needed to show the window

            dialog = ModelCardDialog(self.in_use, self._window)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()
