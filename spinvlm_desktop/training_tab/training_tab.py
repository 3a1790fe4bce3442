"""The training tab: runs at the left, a new run or the chosen one beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QFile, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QInputDialog,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from core.errors import ConfigError, TrainingError, reason_of
from spinvlm_desktop.folder_names import check_name
from spinvlm_desktop.training_tab.run_process import RunProcess
from spinvlm_desktop.training_tab.run_state import STATE_WORDS, run_folders, run_state
from training.config import TrainingConfig

if TYPE_CHECKING:
    from spinvlm_desktop.training_tab.run_view import RunView
    from spinvlm_desktop.training_tab.setup_view import SetupView

TURN_MS = 2000
"""Between two looks whether a waiting run can begin."""
FOLDER_ROLE, STATE_ROLE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


class TrainingTab(QWidget):
    """One run trains at a time; others wait for their turn, which comes while the window is open."""

    model_wanted = Signal(object)
    """Path of the model that is to be used in the chat."""
    measurement_wanted = Signal(object, object, str)
    """Path of the model that is to be measured, of its photos' folder, and the run's name."""
    run_renamed = Signal(object, object)
    """The folder's old and new path."""

    def __init__(self, runs: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self.run: RunView | None = None
        self._setup: SetupView | None = None
        new = QPushButton("New model")
        new.setProperty("primary", True)
        new.setToolTip("Train another model")
        new.clicked.connect(self.show_setup)
        self._list = QListWidget()
        self._list.setAccessibleName("Training runs")
        self._list.setToolTip("Enter shows a run, F2 renames it, Delete moves it to the bin; choose several to compare them")
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._list.itemActivated.connect(self._on_chosen)
        self._list.itemClicked.connect(self._on_chosen)
        self._add_action("Rename…", Qt.Key.Key_F2, self._on_rename)
        self._add_action("Compare the chosen runs", None, self.compare_chosen)
        self._add_action("Move to the bin", Qt.Key.Key_Delete, self._on_delete)
        self._list.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._compare = QPushButton("Compare curves")
        self._compare.setToolTip("Show the losses of the chosen runs in one plot")
        self._compare.clicked.connect(lambda _checked=False: self.compare_chosen())
        self._compare.setEnabled(False)
        self._list.itemSelectionChanged.connect(lambda: self._compare.setEnabled(len(self._list.selectedItems()) > 1))
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(new)
        column.addWidget(self._list, 1)
        column.addWidget(self._compare)
        self._right = QScrollArea()
        self._right.setWidgetResizable(True)
        self._right.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._columns = QSplitter(Qt.Orientation.Horizontal)
        self._columns.addWidget(left)
        self._columns.addWidget(self._right)
        self._columns.setSizes([220, 1040])
        self._columns.setHandleWidth(10)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.addWidget(self._columns)
        self._turns = QTimer(self, interval=TURN_MS)
        self._turns.timeout.connect(self._start_next)
        self._turns.start()
        self.refresh()

    @property
    def setup(self) -> SetupView:
        """The page for a new run; made when it is first wanted, so that the window needn't wait for it."""
        if self._setup is None:
            from spinvlm_desktop.training_tab.setup_view import SetupView

            self._setup = SetupView(self._runs)
            self._setup.run_wanted.connect(self._on_run_wanted)
        return self._setup

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._right.widget() is None:
            self.show_setup()

    def _add_action(self, text: str, key: Qt.Key | None, slot: Callable[[], None]) -> None:
        action = QAction(text, self)
        if key is not None:
            action.setShortcut(QKeySequence(key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda _checked=False: slot())
        self._list.addAction(action)

    def refresh(self) -> None:
        """List the runs as they are now."""
        chosen = None if self.run is None else self.run.folder
        self._list.clear()
        for folder in run_folders(self._runs):
            state = run_state(folder)
            item = QListWidgetItem(f"{folder.name}\n{STATE_WORDS[state]}")
            item.setData(FOLDER_ROLE, folder)
            item.setData(STATE_ROLE, state)
            self._list.addItem(item)
            if folder == chosen:
                self._list.setCurrentItem(item)

    def unfinished(self) -> Sequence[Path]:
        """Of the runs that are listed, those that were paused or cut off and can go on."""
        items = [self._list.item(row) for row in range(self._list.count())]
        return [item.data(FOLDER_ROLE) for item in items if item.data(STATE_ROLE) in ("paused", "interrupted")]

    def training(self) -> Path | None:
        """The run that trains now."""
        return next((folder for folder in run_folders(self._runs) if run_state(folder) == "training"), None)

    def show_setup(self) -> None:
        """The page for a new run."""
        self._replace(None)

    def show_run(self, folder: Path) -> None:
        """A run's page."""
        from spinvlm_desktop.training_tab.run_view import RunView  # brings pyqtgraph, which the window needn't wait for

        view = RunView(folder)
        view.model_wanted.connect(self.model_wanted)
        view.measurement_wanted.connect(self.measurement_wanted)
        view.state_changed.connect(lambda _state: self.refresh())
        self._replace(view)

    def close_tab(self) -> None:
        """Before the window goes; training goes on."""
        self._turns.stop()
        if self._setup is not None:
            self._setup.close_setup()
        if self.run is not None:
            self.run.close_run()

    def compare_chosen(self) -> None:
        """The losses of the runs that are chosen in the list."""
        from spinvlm_desktop.training_tab.loss_compare import LossCompare  # brings pyqtgraph

        folders = [item.data(FOLDER_ROLE) for item in self._list.selectedItems()]
        if len(folders) > 1:
            self._replace(None, LossCompare(folders))

    def _replace(self, view: RunView | None, page: QWidget | None = None) -> None:
        before = self._right.takeWidget()
        if self.run is not None:
            self.run.close_run()
        if before is not None and before is not self._setup:  # pyright: ignore[reportUnnecessaryComparison]
            before.deleteLater()
        self.run = view
        self._right.setWidget(page or view or self.setup)
        if page is None:  # the choice of runs to compare stays
            self.refresh()

    def _on_chosen(self, item: QListWidgetItem) -> None:
        folder = item.data(FOLDER_ROLE)
        if len(self._list.selectedItems()) < 2 and (self.run is None or self.run.folder != folder):
            self.show_run(folder)

    def _on_run_wanted(self, name: str, config: TrainingConfig) -> None:
        folder = self._runs / name
        if folder.exists():
            self.setup.show_error(f"There is a run named “{name}”; choose another name.")
            return
        process = RunProcess(folder)
        try:
            if self.training() is None:
                process.start(config)
            else:
                process.enqueue(config)
        except TrainingError as error:
            self.setup.show_error(str(error))
            return
        self.show_run(folder)

    def _start_next(self) -> None:
        """Start the run that has waited longest, where none is trained."""
        waiting = [folder for folder in run_folders(self._runs) if RunProcess(folder).queued.is_file()]
        if not waiting or self.training() is not None:
            return
        process = RunProcess(min(waiting, key=lambda folder: RunProcess(folder).queued.stat().st_mtime))
        try:
            process.go_on()
        except TrainingError as error:
            process.queued.unlink(missing_ok=True)
            QMessageBox.warning(self, "The run doesn't begin", str(error))
        self.refresh()

    def _on_rename(self) -> None:
        item = self._list.currentItem()
        if item is None:  # pyright: ignore[reportUnnecessaryComparison]  # so it is where nothing is chosen
            return
        folder: Path = item.data(FOLDER_ROLE)
        name, wanted = QInputDialog.getText(self, "Rename", "Name of the run and of its model:", text=folder.name)
        if wanted and name.strip() != folder.name:
            self.rename(folder, name.strip())

    def rename(self, folder: Path, name: str) -> None:
        """Give a run another name; where that can't be, it is told why."""
        try:
            new = folder.with_name(check_name(name))
            if run_state(folder) == "training":
                raise ConfigError("A run that is being trained can't be renamed; pause it first.")
            if new.exists():
                raise ConfigError(f"There is a run named “{name}” already.")
            folder.rename(new)
        except ConfigError as error:
            QMessageBox.warning(self, "Not renamed", str(error))
            return
        except OSError as error:
            QMessageBox.warning(self, "Not renamed", f"The run can't be renamed: {reason_of(error)}.")
            return
        self.run_renamed.emit(folder, new)
        if self.run is not None and self.run.folder == folder:
            self.show_run(new)
        else:
            self.refresh()

    def _on_delete(self) -> None:
        item = self._list.currentItem()
        if item is None:  # pyright: ignore[reportUnnecessaryComparison]  # so it is where nothing is chosen
            return
        folder: Path = item.data(FOLDER_ROLE)
        if run_state(folder) == "training":
            QMessageBox.information(self, "The run is being trained", "Pause or end it first; then it can be deleted.")
            return
        if self.run is not None and self.run.folder == folder:
            self.show_setup()
        if not QFile.moveToTrash(str(folder)):
            QMessageBox.warning(self, "Not deleted", f"The folder {folder} couldn't be moved to the bin.")
        self.refresh()
