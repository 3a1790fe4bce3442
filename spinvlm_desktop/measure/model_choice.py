"""Which models are to be measured: a list in which several can be ticked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QGroupBox, QListWidget, QListWidgetItem, QWidget

from spinvlm_desktop.jobs.folder_names import moved
from spinvlm_desktop.measure.measurement import STARTER_NAME
from spinvlm_desktop.models.model_list import MODEL_FILES
from spinvlm_desktop.system.start_folder import StartFolder
from spinvlm_desktop.widgets.controls import push_button
from spinvlm_desktop.widgets.labels import plain_tip
from spinvlm_desktop.widgets.layouts import column_of, row_of

PATH_ROLE = Qt.ItemDataRole.UserRole
SHOWN_ROWS = 4


class ModelChoice(QGroupBox):
    """The starter model is ticked at first."""

    changed = Signal()

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._start = StartFolder()
        self._opened: list[Path] = []
        self.list = QListWidget()
        self.list.setAccessibleName("Models to measure")
        self.list.setToolTip("Space ticks a model; several are measured one after the other, and shown side by side")
        self.list.itemChanged.connect(lambda _item: self.changed.emit())
        add = push_button("&Open a model file…", "Measure a model that lies elsewhere", self._on_add)
        column_of(self.list, row_of(add, 1), parent=self)

    def show_models(self, found: Sequence[tuple[str, Path]]) -> None:
        """Offer the starter model, these, and those opened here; what is ticked stays so."""
        ticked = self.chosen() if self.list.count() else [None]
        known: list[tuple[str, Path | None]] = [(STARTER_NAME, None), *found]
        known += [(path.stem, path) for path in self._opened if path not in [other for _, other in found]]
        self.list.blockSignals(True)
        self.list.clear()
        for name, path in known:
            item = QListWidgetItem(name)
            item.setData(PATH_ROLE, path)
            item.setToolTip(plain_tip("The model that came with the program" if path is None else str(path)))
            item.setCheckState(Qt.CheckState.Checked if path in ticked else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.list.blockSignals(False)
        height = self.list.sizeHintForRow(0) * min(SHOWN_ROWS, len(known)) + 8
        self.list.setFixedHeight(height)

    def chosen(self) -> list[Path | None]:
        """Model files that are ticked; None is the starter model."""
        items = [self.list.item(row) for row in range(self.list.count())]
        return [item.data(PATH_ROLE) for item in items if item.checkState() is Qt.CheckState.Checked]

    def choose(self, models: Sequence[Path | None]) -> None:
        """Tick these and no others; those that aren't listed are added."""
        items = [self.list.item(row) for row in range(self.list.count())]
        self._opened += [path for path in models if path is not None and path not in [item.data(PATH_ROLE) for item in items]]
        found = [(item.text(), path) for item in items if (path := item.data(PATH_ROLE)) is not None]
        self.show_models([(name, path) for name, path in found if path not in self._opened])
        for row in range(self.list.count()):
            item = self.list.item(row)
            item.setCheckState(Qt.CheckState.Checked if item.data(PATH_ROLE) in models else Qt.CheckState.Unchecked)

    def follow_rename(self, old: Path, new: Path) -> None:
        """A folder was renamed, with what was opened here from it."""
        self._opened = [moved(path, old, new) for path in self._opened]

    def _on_add(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Open a model file", self._start.path(), MODEL_FILES)
        if name:
            self._start.remember(Path(name))
            self.choose([*self.chosen(), Path(name)])
            self.changed.emit()
