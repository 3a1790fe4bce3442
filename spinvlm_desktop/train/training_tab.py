"""The training tab: runs at the left, a new run or the chosen one beside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QFile, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QInputDialog, QMessageBox, QPushButton, QScrollArea, QSplitter, QVBoxLayout, QWidget

from core.errors import ConfigError, TrainingError, reason_of
from spinvlm_desktop.jobs.folder_names import check_name
from spinvlm_desktop.train.run.run_list import RunList
from spinvlm_desktop.train.run.run_process import RunProcess
from spinvlm_desktop.train.run.run_state import STATE_WORDS, UNFINISHED, run_folders, run_state
from spinvlm_desktop.train.setup.pace import keep_pace
from spinvlm_desktop.widgets.labels import sentence_label
from training.run.training_config import TrainingConfig

if TYPE_CHECKING:
    from spinvlm_desktop.train.run.run_view import RunView
    from spinvlm_desktop.train.setup.setup_view import SetupView

TURN_MS = 2000
"""Between two looks at the runs, and whether a waiting one can begin."""


class TrainingTab(QWidget):
    """One run trains at a time; others wait for their turn, which comes while the window is open."""

    model_wanted = Signal(object)
    """Path of the model that is to be used in the chat."""
    measurement_wanted = Signal(object, object, str)
    """Path of the model that is to be measured, of its photos' folder, and the run's name."""
    run_renamed = Signal(object, object)
    """The folder's old and new path."""
    run_told = Signal(str)
    """A sentence: a run has ended, or another has begun by itself."""

    def __init__(self, runs: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self.run: RunView | None = None
        self._setup: SetupView | None = None
        self._list = RunList(runs)
        self._list.run_chosen.connect(self._on_chosen)
        self._list.rename_wanted.connect(self._on_rename)
        self._list.compare_wanted.connect(self.compare_chosen)
        self._list.delete_wanted.connect(self._on_delete)
        self._list.run_changed.connect(self._on_run_changed)
        self._right = QScrollArea()
        self._right.setWidgetResizable(True)
        self._right.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        columns = QSplitter(Qt.Orientation.Horizontal)
        columns.addWidget(self._make_left())
        columns.addWidget(self._right)
        columns.setSizes([220, 1040])
        columns.setHandleWidth(10)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.addWidget(columns)
        self._turns = QTimer(self, interval=TURN_MS)
        self._turns.timeout.connect(self._on_turn)
        self._turns.start()
        self.refresh()

    def _make_left(self) -> QWidget:
        new = QPushButton("New model")
        new.setProperty("primary", True)
        new.setToolTip("Train another model")
        new.clicked.connect(self.show_setup)
        self._none = sentence_label("Training runs")
        self._none.setText("What you train is listed here.")
        self._none.setProperty("muted", True)
        self._compare = QPushButton("Compare curves")
        self._compare.setToolTip("Show the losses of the chosen runs in one plot; Ctrl+click chooses several")
        self._compare.clicked.connect(lambda _checked=False: self.compare_chosen())
        self._list.itemSelectionChanged.connect(self._show_counts)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(new)
        column.addWidget(self._none, 1, Qt.AlignmentFlag.AlignTop)
        column.addWidget(self._list, 1)
        column.addWidget(self._compare)
        return left

    @property
    def setup(self) -> SetupView:
        """The page for a new run; made when it is first wanted, so that the window needn't wait for it."""
        if self._setup is None:
            from spinvlm_desktop.train.setup.setup_view import SetupView

            self._setup = SetupView(self._runs)
            self._setup.run_wanted.connect(self._on_run_wanted)
        return self._setup

    def showEvent(self, event: QShowEvent) -> None:
        """The first time with the run that needs looking after, where there is one."""
        super().showEvent(event)
        if self._right.widget() is None:
            waiting = self.unfinished()
            first = self.training() or (waiting[0] if waiting else None)
            if first is None:
                self.show_setup()
            else:
                self.show_run(first)

    def refresh(self) -> None:
        """List the runs as they are now."""
        self._list.refresh(None if self.run is None else self.run.folder)
        self._show_counts()

    def _show_counts(self) -> None:
        self._none.setVisible(self._list.count() == 0)
        self._list.setVisible(self._list.count() > 0)
        self._compare.setVisible(self._list.count() > 1)
        self._compare.setEnabled(len(self._list.chosen()) > 1)

    def unfinished(self) -> Sequence[Path]:
        """Of the runs that are listed, those that were paused or cut off and can be resumed."""
        return [folder for folder, state in self._list.states().items() if state in UNFINISHED]

    def training(self) -> Path | None:
        """The run that trains now."""
        return next((folder for folder in run_folders(self._runs) if RunProcess(folder).alive()), None)

    def show_setup(self) -> None:
        """The page for a new run."""
        self._replace(None)

    def show_run(self, folder: Path) -> None:
        """A run's page."""
        from spinvlm_desktop.train.run.run_view import RunView  # brings pyqtgraph, which the window needn't wait for

        view = RunView(folder)
        view.model_wanted.connect(self.model_wanted)
        view.measurement_wanted.connect(self.measurement_wanted)
        view.resume_wanted.connect(lambda: self._begin(folder, None))
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
        from spinvlm_desktop.train.curves.loss_compare import LossCompare  # brings pyqtgraph

        if len(self._list.chosen()) > 1:
            self._replace(None, LossCompare(self._list.chosen()))

    def _replace(self, view: RunView | None, page: QWidget | None = None) -> None:
        before = self._right.takeWidget()
        if self.run is not None:
            self.run.close_run()
        if before is not None and before is not self._setup:  # pyright: ignore[reportUnnecessaryComparison]
            before.deleteLater()
        self.run = view
        self._right.setWidget(page or view or self.setup)
        self.refresh()
        if page is None:  # the choice of runs to compare stays
            self._list.choose(None if view is None else view.folder)

    def _on_chosen(self, folder: Path) -> None:
        if self.run is None or self.run.folder != folder:
            self.show_run(folder)

    def _on_run_wanted(self, name: str, config: TrainingConfig) -> None:
        folder = self._runs / name
        if folder.exists():
            self.setup.show_error(f"There is a run named “{name}”; choose another name.")
        elif self._begin(folder, config):
            if self.setup.needs.pace is not None:
                keep_pace(folder, self.setup.needs.pace)
            self.setup.offer_name()
            self.show_run(folder)

    def _begin(self, folder: Path, config: TrainingConfig | None) -> bool:
        """Start a run, or have it go on where config is None; it waits where another one trains. Tells what is wrong."""
        process = RunProcess(folder)
        try:
            if self.training() not in (None, folder):
                process.enqueue(config)
            elif config is None:
                process.resume()
            else:
                process.start(config)
        except TrainingError as error:
            QMessageBox.warning(self, "The training doesn't begin", str(error))
            return False
        self.refresh()
        return True

    def _on_turn(self) -> None:
        self._start_next()
        self.refresh()

    def _start_next(self) -> None:
        """Start the run that has waited longest, where none is trained."""
        waiting = [RunProcess(folder) for folder in run_folders(self._runs) if run_state(folder) == "waiting"]
        if not waiting or self.training() is not None:
            return
        process = min(waiting, key=RunProcess.waits_since)
        try:
            process.resume()
        except TrainingError as error:
            process.withdraw()
            QMessageBox.warning(self, "The run doesn't begin", str(error))

    def _on_run_changed(self, folder: Path, before: str, after: str) -> None:
        if before == "training":
            words = STATE_WORDS.get(after, after)  # type: ignore[call-overload]
            self.run_told.emit(f"The training of “{folder.name}” is {words}." if after == "finished" else
                               f"The training of “{folder.name}”: {words}.")
        elif before == "waiting" and after == "training":
            self.run_told.emit(f"It is the turn of “{folder.name}”, which is trained now.")

    def _on_rename(self, folder: Path) -> None:
        name, wanted = QInputDialog.getText(self, "Rename", "Name of the run and of its model:", text=folder.name)
        if wanted and name.strip() != folder.name:
            self.rename(folder, name.strip())

    def rename(self, folder: Path, name: str) -> None:
        """Give a run another name; where that can't be, it is told why."""
        try:
            new = folder.with_name(check_name(name))
            if RunProcess(folder).alive():
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

    def _on_delete(self, folders: list[Path]) -> None:
        for folder in folders:
            if RunProcess(folder).alive():
                QMessageBox.information(
                    self, "The run is being trained", f"Pause or stop “{folder.name}” first; then it can be deleted."
                )
                continue
            if self.run is not None and self.run.folder == folder:
                self.show_setup()
            if not QFile.moveToTrash(str(folder)):
                QMessageBox.warning(self, "Not deleted", f"The folder {folder} couldn't be moved to the bin.")
        self.refresh()
