"""The training tab: runs at the left, a new run or the chosen one beside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QFile, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from core.errors import TrainingError
from spinvlm_desktop.training_tab.run_process import RunProcess
from spinvlm_desktop.training_tab.run_state import STATE_WORDS, run_folders, run_state
from spinvlm_desktop.training_tab.setup_view import SetupView
from training.config import TrainingConfig

if TYPE_CHECKING:
    from spinvlm_desktop.training_tab.run_view import RunView

FOLDER_ROLE, STATE_ROLE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


class TrainingTab(QWidget):
    """One run trains at a time."""

    model_wanted = Signal(object)
    """Path of the model that is to be used in the chat."""

    def __init__(self, runs: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self.run: RunView | None = None
        self.setup = SetupView(runs)
        self.setup.run_wanted.connect(self._on_run_wanted)
        new = QPushButton("New model")
        new.setProperty("primary", True)
        new.setToolTip("Train another model")
        new.clicked.connect(self.show_setup)
        self._list = QListWidget()
        self._list.setAccessibleName("Training runs")
        self._list.itemActivated.connect(self._on_chosen)
        self._list.itemClicked.connect(self._on_chosen)
        delete = QAction("Move to the bin", self)
        delete.setShortcut(QKeySequence(Qt.Key.Key_Delete))
        delete.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        delete.triggered.connect(self._on_delete)
        self._list.addAction(delete)
        self._list.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(new)
        column.addWidget(self._list, 1)
        self._right = QScrollArea()
        self._right.setWidgetResizable(True)
        self._right.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._right.setWidget(self.setup)
        self._columns = QSplitter(Qt.Orientation.Horizontal)
        self._columns.addWidget(left)
        self._columns.addWidget(self._right)
        self._columns.setSizes([220, 1040])
        self._columns.setHandleWidth(10)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.addWidget(self._columns)
        self.refresh()

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
        view.state_changed.connect(lambda _state: self.refresh())
        self._replace(view)

    def close_tab(self) -> None:
        """Before the window goes; training goes on."""
        self.setup.close_setup()
        if self.run is not None:
            self.run.close_run()

    def _replace(self, view: RunView | None) -> None:
        self._right.takeWidget()
        if self.run is not None:
            self.run.close_run()
            self.run.deleteLater()
        self.run = view
        self._right.setWidget(view or self.setup)
        self.refresh()

    def _on_chosen(self, item: QListWidgetItem) -> None:
        folder = item.data(FOLDER_ROLE)
        if self.run is None or self.run.folder != folder:
            self.show_run(folder)

    def _on_run_wanted(self, name: str, config: TrainingConfig) -> None:
        busy = self.training()
        if busy is not None:
            self.setup.show_error(f"“{busy.name}” is being trained; one run trains at a time. Pause it, or wait until it ends.")
            return
        folder = self._runs / name
        if folder.exists():
            self.setup.show_error(f"There is a run named “{name}”; choose another name.")
            return
        try:
            RunProcess(folder).start(config)
        except TrainingError as error:
            self.setup.show_error(str(error))
            return
        self.show_run(folder)

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
