"""A list in which some lines ask for a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QWidget

from spinvlm_desktop.system.start_folder import usual_folder
from spinvlm_desktop.train.setup.choices import Choice
from spinvlm_desktop.widgets.labels import make_narrow, plain_tip


class FileChoice(QComboBox):
    """Where the question for a file is cancelled, the list goes back to its first line."""

    chosen = Signal()

    def __init__(
        self, choices: Sequence[Choice], patterns: Mapping[str, str], *, folder: Path | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """patterns: for each key that takes a file, the names of such files, as file dialogs have them. folder: where to
        look for them first."""
        super().__init__(parent)
        make_narrow(self)
        self._choices, self._patterns, self._folder = choices, patterns, folder
        self._file: Path | None = None
        for choice in choices:
            self.addItem(choice.text, choice.key)
            self.setItemData(self.count() - 1, choice.tip, Qt.ItemDataRole.ToolTipRole)
        self.activated.connect(lambda _row: self._on_activated())

    @property
    def key(self) -> str:
        return str(self.currentData())

    @property
    def file(self) -> Path | None:
        """The file, where the line takes one."""
        return self._file if self.key in self._patterns else None

    def choose(self, key: str) -> None:
        """Choose a line that takes no file."""
        self.setCurrentIndex(self.findData(key))
        self._file = None
        self._reset_texts()
        self.chosen.emit()

    def set_file(self, key: str, file: Path) -> None:
        """Choose a line with its file."""
        self._file = file
        row = self.findData(key)
        self._reset_texts()
        self.setItemText(row, f"{self._choices[row].text.rstrip('…')}: {file.name}")
        self.setCurrentIndex(row)
        self.setToolTip(plain_tip(str(file)))
        self.chosen.emit()

    def _reset_texts(self) -> None:
        for row, choice in enumerate(self._choices):
            self.setItemText(row, choice.text)

    def _on_activated(self) -> None:
        if self.key in self._patterns:
            folder = str(self._folder or usual_folder("documents"))
            name, _ = QFileDialog.getOpenFileName(self, "Choose a file", folder, self._patterns[self.key])
            if name:
                self.set_file(self.key, Path(name))
                return
            self.setCurrentIndex(0)
        self.choose(self.key)
