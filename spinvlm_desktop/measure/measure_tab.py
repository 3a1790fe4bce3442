"""The tab in which models are measured: measurements at the left, a new one or the chosen ones beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QFile, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
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

from core.errors import ConfigError, DataError, reason_of
from spinvlm_desktop.jobs.folder_names import check_name
from spinvlm_desktop.measure.measurement import MeasurementSettings
from spinvlm_desktop.measure.measurement_folder import STATE_WORDS, MeasurementFolder, measurement_folders
from spinvlm_desktop.widgets.list_action import add_list_action

if TYPE_CHECKING:
    from spinvlm_desktop.measure.measurement_view import MeasurementView
    from spinvlm_desktop.measure.results.results_view import ResultsView
    from spinvlm_desktop.measure.setup_view import SetupView

TURN_MS = 2000
"""Between two looks whether a waiting measurement can begin."""
FOLDER_ROLE, STATE_ROLE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


class GroundingTab(QWidget):
    """One model is measured at a time; others wait for their turn, which comes while the window is open."""

    results_shown = Signal(object)
    """ResultsView that is now on show."""

    def __init__(
        self, measurements: Path, *, models: Callable[[], Sequence[tuple[str, Path]]], training: Callable[[], Path | None],
        parent: QWidget | None = None,
    ) -> None:
        """measurements: their folder; models: names and files to choose from; training: the run that trains now."""
        super().__init__(parent)
        self._measurements, self._models, self._training = measurements, models, training
        self.view: MeasurementView | None = None
        self._setup: SetupView | None = None
        self._shown: Sequence[Path] = ()
        new = QPushButton("New measurement")
        new.setProperty("primary", True)
        new.setToolTip("Measure a model")
        new.clicked.connect(lambda _checked=False: self.show_setup())
        self._list = QListWidget()
        self._list.setAccessibleName("Measurements")
        self._list.setToolTip("Enter shows a measurement, F2 renames it, Delete moves it to the bin; choose several to see them "
                              "side by side")
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._list.itemActivated.connect(self._on_chosen)
        self._list.itemClicked.connect(self._on_chosen)
        add_list_action(self._list, "Rename…", Qt.Key.Key_F2, self._on_rename)
        add_list_action(self._list, "Side by side", None, self.compare_chosen)
        add_list_action(self._list, "Move to the bin", Qt.Key.Key_Delete, self._on_delete)
        self._list.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._compare = QPushButton("Side by side")
        self._compare.setToolTip("Show the chosen measurements in the same tables and plots")
        self._compare.clicked.connect(lambda _checked=False: self.compare_chosen())
        self._compare.setEnabled(False)
        self._list.itemSelectionChanged.connect(self._on_selection)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(new)
        column.addWidget(self._list, 1)
        column.addWidget(self._compare)
        self._right = QScrollArea()
        self._right.setWidgetResizable(True)
        self._right.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        columns = QSplitter(Qt.Orientation.Horizontal)
        columns.addWidget(left)
        columns.addWidget(self._right)
        columns.setSizes([220, 1040])
        columns.setHandleWidth(10)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.addWidget(columns)
        self._turns = QTimer(self, interval=TURN_MS)
        self._turns.timeout.connect(self._start_next)
        self._turns.start()
        self.refresh()

    # -- pages

    @property
    def setup(self) -> SetupView:
        """The page for a new measurement; made when it is first wanted, so that the window needn't wait for it."""
        if self._setup is None:
            from spinvlm_desktop.measure.setup_view import SetupView

            self._setup = SetupView(self._measurements, self._models)
            self._setup.wanted.connect(self._on_wanted)
        return self._setup

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._right.widget() is None:
            self._show_first()

    def _show_first(self) -> None:
        """What is under way, if anything is, else what was measured last."""
        found = measurement_folders(self._measurements)
        under_way = [folder for folder in found if folder.state() == "measuring"]
        if found:
            self.show_measurement((under_way or found)[0].path)
        else:
            self.show_setup()

    def refresh(self) -> None:
        """List the measurements as they are now; what is chosen stays chosen."""
        self._fill_list([item.data(FOLDER_ROLE) for item in self._list.selectedItems()])

    def _fill_list(self, chosen: Sequence[Path]) -> None:
        self._list.blockSignals(True)
        self._list.clear()
        for folder in measurement_folders(self._measurements):
            state = folder.state()
            item = QListWidgetItem(f"{folder.path.name}\n{STATE_WORDS[state]}")
            item.setData(FOLDER_ROLE, folder.path)
            item.setData(STATE_ROLE, state)
            self._list.addItem(item)
        self._mark(chosen)
        self._list.blockSignals(False)
        self._on_selection()

    def show_setup(self) -> None:
        """The page for a new measurement."""
        self.setup.refresh()
        self._replace(None, self.setup, [])

    def offer_models(self) -> None:
        """Offer a model that was finished meanwhile on the page for a new measurement too, where there is one."""
        if self._setup is not None:
            self._setup.refresh()

    def propose(self, model: Path | None, data: Path, *, name: str) -> None:
        """The page for a new measurement, with this model and these photos chosen."""
        self.show_setup()
        self.setup.choose(model, data)
        self.setup.name.setText(name)

    def show_measurement(self, folder: Path) -> None:
        """A measurement's page."""
        from spinvlm_desktop.measure.measurement_view import MeasurementView  # brings pyqtgraph

        view = MeasurementView(folder)
        view.state_changed.connect(lambda _state: self.refresh())
        view.resume_wanted.connect(self._on_resume_wanted)
        self.results_shown.emit(view.results)
        self._replace(view, view, [folder])

    def compare_chosen(self) -> None:
        """The finished ones of those that are chosen in the list, in the same tables and plots."""
        from spinvlm_desktop.measure.measurement_view import shown_report
        from spinvlm_desktop.measure.results.results_view import ResultsView

        reports = [report for folder in self._finished_chosen() if (report := shown_report(folder)) is not None]
        if len(reports) > 1:
            results = ResultsView()
            results.show_reports(reports)
            self.results_shown.emit(results)
            self._replace(None, results, [report.folder.path for report in reports])

    def page(self) -> QWidget | None:
        """What is on show beside the list."""
        return self._right.widget()

    def close_tab(self) -> None:
        """Before the window goes; what is measured goes on."""
        self._turns.stop()
        if self._setup is not None:
            self._setup.close_setup()
        if self.view is not None:
            self.view.close_view()

    def _replace(self, view: MeasurementView | None, page: QWidget | ResultsView, shown: Sequence[Path]) -> None:
        """Put a page beside the list. shown: the measurements that it is about, which are marked in the list."""
        before = self._right.takeWidget()
        if self.view is not None:
            self.view.close_view()
        if before is not None and before is not self._setup:  # pyright: ignore[reportUnnecessaryComparison]
            before.deleteLater()
        self.view, self._shown = view, shown
        self._right.setWidget(page)
        self._fill_list(shown)

    def _mark(self, chosen: Sequence[Path]) -> None:
        items = [self._list.item(row) for row in range(self._list.count())]
        found = [item for item in items if item.data(FOLDER_ROLE) in chosen]
        if found:
            self._list.setCurrentItem(found[0])
        for item in found:
            item.setSelected(True)

    def _on_selection(self) -> None:
        if not self._list.selectedItems():  # a click beside the names takes the mark from what is still on show
            self._mark(self._shown)
        self._compare.setEnabled(len(self._finished_chosen()) > 1)

    def _finished_chosen(self) -> list[Path]:
        return [item.data(FOLDER_ROLE) for item in self._list.selectedItems() if item.data(STATE_ROLE) == "finished"]

    def _on_chosen(self, item: QListWidgetItem) -> None:
        folder = item.data(FOLDER_ROLE)
        if len(self._list.selectedItems()) < 2 and (self.view is None or self.view.folder != folder):
            self.show_measurement(folder)

    # -- what is measured

    def measuring(self) -> Path | None:
        """What is measured now."""
        return next((each.path for each in measurement_folders(self._measurements) if each.state() == "measuring"), None)

    def unfinished(self) -> list[str]:
        """Names of those listed that were cut off."""
        items = [self._list.item(row) for row in range(self._list.count())]
        return [item.data(FOLDER_ROLE).name for item in items if item.data(STATE_ROLE) == "interrupted"]

    def _on_wanted(self, requests: list[tuple[str, MeasurementSettings]]) -> None:
        taken = [name for name, _ in requests if (self._measurements / name).exists()]
        if taken:
            self.setup.show_error(f"There is a measurement named “{taken[0]}”; choose another name.")
            return
        beside = self._may_run_beside_training()
        if beside is None:
            return
        try:
            for name, settings in requests:
                folder = MeasurementFolder(self._measurements / name)
                folder.enqueue(settings, beside_training=beside)
        except DataError as error:
            self.setup.show_error(str(error))
            return
        self._start_next()
        self.show_measurement(self._measurements / requests[0][0])

    def _on_resume_wanted(self, folder: MeasurementFolder) -> None:
        beside = self._may_run_beside_training()
        if beside is not None:
            folder.wait_in_line(beside_training=beside)
            self._start_next()
            if self.view is not None:
                self.view.look()

    def _may_run_beside_training(self) -> bool | None:
        """Ask where a model is being trained; True where it needn't be waited for, None where nothing is to be done."""
        run = self._training()
        if run is None:
            return False
        box = QMessageBox(self)
        box.setWindowTitle("A model is being trained")
        box.setText(f"“{run.name}” is being trained.")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setInformativeText("Measured meanwhile, both are slower, and the time a word takes says nothing.")
        wait = box.addButton("Measure after it", QMessageBox.ButtonRole.AcceptRole)
        now = box.addButton("Measure now", QMessageBox.ButtonRole.ActionRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(wait)
        box.exec()
        return {wait: False, now: True}.get(box.clickedButton())  # type: ignore[call-overload, arg-type]

    def _start_next(self) -> None:
        """Start what has waited longest, where nothing is measured, and nothing trained unless that needn't be waited for."""
        waiting = [folder for folder in measurement_folders(self._measurements) if folder.queued.is_file()]
        if not waiting or self.measuring() is not None:
            return
        busy = self._training() is not None
        free = [folder for folder in waiting if not busy or folder.beside_training.is_file()]
        if not free:
            return
        first = min(free, key=lambda folder: folder.queued.stat().st_mtime_ns)
        try:
            first.start()
        except DataError as error:
            first.leave_line()
            QMessageBox.warning(self, "It isn't measured", str(error))
        self.refresh()

    # -- the list

    def _on_rename(self) -> None:
        item = self._list.currentItem()
        if item is None:  # pyright: ignore[reportUnnecessaryComparison]  # so it is where nothing is chosen
            return
        folder: Path = item.data(FOLDER_ROLE)
        name, wanted = QInputDialog.getText(self, "Rename", "Name of the measurement:", text=folder.name)
        if wanted and name.strip() != folder.name:
            self.rename(folder, name.strip())

    def rename(self, folder: Path, name: str) -> None:
        """Give a measurement another name; where that can't be, it is told why."""
        try:
            new = folder.with_name(check_name(name))
            if MeasurementFolder(folder).alive():
                raise ConfigError("What is being measured can't be renamed; pause it first.")
            if new.exists():
                raise ConfigError(f"There is a measurement named “{name}” already.")
            folder.rename(new)
        except ConfigError as error:
            QMessageBox.warning(self, "Not renamed", str(error))
            return
        except OSError as error:
            QMessageBox.warning(self, "Not renamed", f"The measurement can't be renamed: {reason_of(error)}.")
            return
        if self.view is not None and self.view.folder == folder:
            self.show_measurement(new)
        else:
            self._shown = [new if each == folder else each for each in self._shown]
            self.refresh()

    def _on_delete(self) -> None:
        chosen: list[Path] = [item.data(FOLDER_ROLE) for item in self._list.selectedItems()]
        for folder in chosen:
            self.delete(folder)

    def delete(self, folder: Path) -> None:
        """Move a measurement to the bin; where that can't be, it is told why."""
        if MeasurementFolder(folder).alive():
            QMessageBox.information(self, "It is being measured", f"Pause “{folder.name}” first; then it can be deleted.")
            return
        if self.view is not None and self.view.folder == folder:
            self.show_setup()
        if not QFile.moveToTrash(str(folder)):
            QMessageBox.warning(self, "Not deleted", f"The folder {folder} couldn't be moved to the bin.")
        self.refresh()
