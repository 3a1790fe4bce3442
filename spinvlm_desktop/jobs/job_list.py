"""Jobs as a list that is kept as their folders are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QWidget

from spinvlm_desktop.jobs.job import Job, JobState
from spinvlm_desktop.widgets.list_action import add_list_action

FOLDER_ROLE, STATE_ROLE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


class JobList(QListWidget):
    """Says what the user wants, and which jobs are in another state than before. What is on show stays marked."""

    job_chosen = Signal(object)
    """Its folder."""
    rename_wanted = Signal(object)
    """Its folder."""
    compare_wanted = Signal()
    delete_wanted = Signal(list)
    """Folders."""
    job_changed = Signal(object, str, str)
    """The job, the state it was in, the state it is in."""
    choice_changed = Signal()

    def __init__(self, jobs: Callable[[], Sequence[Job]], *, compare: str, parent: QWidget | None = None) -> None:
        """jobs: those that are there now; compare: what to see several side by side is called."""
        super().__init__(parent)
        self._jobs = jobs
        self._shown: Collection[Path] = ()
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.itemActivated.connect(self._on_chosen)
        self.itemClicked.connect(self._on_chosen)
        self.itemSelectionChanged.connect(self._on_selection)
        add_list_action(self, "Rename…", Qt.Key.Key_F2, self._on_rename)
        add_list_action(self, compare, None, self.compare_wanted.emit)
        add_list_action(self, "Move to the bin", Qt.Key.Key_Delete, self._on_delete)

    def chosen(self) -> list[Path]:
        """Folders of the jobs that are chosen."""
        return [item.data(FOLDER_ROLE) for item in self.selectedItems()]

    def lines(self) -> list[str]:
        """What is written on each: its name, and below it its state."""
        return [item.text() for item in self._items()]

    def states(self) -> dict[Path, JobState]:
        """By folder, as they are listed."""
        return {item.data(FOLDER_ROLE): item.data(STATE_ROLE) for item in self._items()}

    def refresh(self) -> None:
        """List the jobs as they are now; what is chosen stays chosen."""
        before, jobs = self.states(), self._jobs()
        now: list[tuple[Job, JobState]] = [(job, job.state()) for job in jobs]
        if [job.path for job in jobs] != list(before):
            self._fill([job.path for job in jobs])
        for item, (job, state) in zip(self._items(), now, strict=True):
            if item.data(STATE_ROLE) != state or state == "running":
                item.setText(f"{job.name}\n{job.state_words(state)}")
                item.setData(STATE_ROLE, state)
        self._on_selection()
        for job, state in now:
            if before.get(job.path, state) != state:
                self.job_changed.emit(job, before[job.path], state)

    def mark(self, shown: Collection[Path]) -> None:
        """Have these chosen, which are on show now, and no others."""
        self._shown = shown
        self.blockSignals(True)
        self.clearSelection()
        self._choose(shown)
        self.blockSignals(False)
        self.choice_changed.emit()

    def _items(self) -> list[QListWidgetItem]:
        return [self.item(row) for row in range(self.count())]

    def _choose(self, folders: Collection[Path]) -> None:
        found = [item for item in self._items() if item.data(FOLDER_ROLE) in folders]
        if found:
            self.setCurrentItem(found[0])
        for item in found:
            item.setSelected(True)

    def _fill(self, folders: Sequence[Path]) -> None:
        chosen, current = self.chosen(), self.currentItem()
        focused = None if current is None else current.data(FOLDER_ROLE)  # pyright: ignore[reportUnnecessaryComparison]
        self.blockSignals(True)
        self.clear()
        for folder in folders:
            item = QListWidgetItem()
            item.setData(FOLDER_ROLE, folder)
            self.addItem(item)
            if folder == focused:
                self.setCurrentItem(item)
        for item in self._items():
            item.setSelected(item.data(FOLDER_ROLE) in chosen)
        self.blockSignals(False)

    def _on_selection(self) -> None:
        if not self.selectedItems():  # a click beside the names takes the mark from what is still on show
            self.blockSignals(True)
            self._choose(self._shown)
            self.blockSignals(False)
        self.choice_changed.emit()

    def _on_chosen(self, item: QListWidgetItem) -> None:
        if len(self.selectedItems()) < 2:
            self.job_chosen.emit(item.data(FOLDER_ROLE))

    def _on_rename(self) -> None:
        if len(self.chosen()) == 1:
            self.rename_wanted.emit(self.chosen()[0])

    def _on_delete(self) -> None:
        if self.chosen():
            self.delete_wanted.emit(self.chosen())
