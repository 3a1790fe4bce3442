"""The runs as a list, which is kept as the folders are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QWidget

from spinvlm_desktop.train.run.run_state import STATE_WORDS, RunState, run_folders, run_state
from spinvlm_desktop.widgets.list_action import add_list_action

FOLDER_ROLE, STATE_ROLE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


class RunList(QListWidget):
    """Tells what the user wants, and which runs are in another state than before."""

    run_chosen = Signal(object)
    """Its folder."""
    rename_wanted = Signal(object)
    """Its folder."""
    compare_wanted = Signal()
    delete_wanted = Signal(list)
    """Folders."""
    run_changed = Signal(object, str, str)
    """Its folder, the state it was in, the state it is in."""

    def __init__(self, runs: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self.setAccessibleName("Training runs")
        self.setToolTip("Enter shows a run, F2 renames it, Delete moves it to the bin; choose several to compare them")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.itemActivated.connect(self._on_chosen)
        self.itemClicked.connect(self._on_chosen)
        add_list_action(self, "Rename…", Qt.Key.Key_F2, self._on_rename)
        add_list_action(self, "Compare the chosen runs", None, self.compare_wanted.emit)
        add_list_action(self, "Move to the bin", Qt.Key.Key_Delete, self._on_delete)

    def chosen(self) -> list[Path]:
        """Folders of the runs that are chosen."""
        return [item.data(FOLDER_ROLE) for item in self.selectedItems()]

    def states(self) -> dict[Path, RunState]:
        """As they are listed."""
        items = [self.item(row) for row in range(self.count())]
        return {item.data(FOLDER_ROLE): item.data(STATE_ROLE) for item in items}

    def refresh(self, shown: Path | None) -> None:
        """List the runs as they are now. shown: the one that is chosen where none is."""
        before = self.states()
        now: dict[Path, RunState] = {folder: run_state(folder) for folder in run_folders(self._runs)}
        if list(now) != list(before):
            self._fill(list(now), chosen=self.chosen() or [shown])
        for row, folder in enumerate(now):
            state = now[folder]
            item = self.item(row)
            if item.data(STATE_ROLE) != state:
                item.setText(f"{folder.name}\n{STATE_WORDS[state]}")
                item.setData(STATE_ROLE, state)
            if folder in before and before[folder] != state:
                self.run_changed.emit(folder, before[folder], state)

    def choose(self, folder: Path | None) -> None:
        """Have this run alone chosen, or none."""
        self.clearSelection()
        for row in range(self.count()):
            if self.item(row).data(FOLDER_ROLE) == folder:
                self.setCurrentRow(row)

    def _fill(self, folders: Sequence[Path], *, chosen: Sequence[Path | None]) -> None:
        current = self.currentItem()
        focused = None if current is None else current.data(FOLDER_ROLE)  # pyright: ignore[reportUnnecessaryComparison]
        self.clear()
        for folder in folders:
            item = QListWidgetItem()
            item.setData(FOLDER_ROLE, folder)
            self.addItem(item)
            if folder == focused:
                self.setCurrentItem(item)
        for item in (self.item(row) for row in range(self.count())):
            item.setSelected(item.data(FOLDER_ROLE) in chosen)

    def _on_chosen(self, item: QListWidgetItem) -> None:
        if len(self.selectedItems()) < 2:
            self.run_chosen.emit(item.data(FOLDER_ROLE))

    def _on_rename(self) -> None:
        if len(self.chosen()) == 1:
            self.rename_wanted.emit(self.chosen()[0])

    def _on_delete(self) -> None:
        if self.chosen():
            self.delete_wanted.emit(self.chosen())
