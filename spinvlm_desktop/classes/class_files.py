"""Class questions to and from folders by class, beside the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from spinvlm_desktop.classes.class_editor import ClassEditor
from spinvlm_desktop.system.background import Background
from spinvlm_desktop.system.start_folder import StartFolder
from training.classes.class_folder import read_class_folder, write_class_folder


class ClassFiles:
    """Asks for a folder, and says what came of it."""

    def __init__(self, editor: ClassEditor, window: QWidget, *, tell: Callable[[str], None]) -> None:
        """tell: takes a sentence about what was done."""
        self._editor, self._window, self._tell = editor, window, tell
        self._start = StartFolder("pictures")
        self._background = Background(window)

    def choose_import(self) -> None:
        """Folders by class become classes; those that are there already get more photos."""
        chosen = QFileDialog.getExistingDirectory(self._window, "A folder that holds a folder for each class", self._start.path())
        if chosen:
            self._start.remember(Path(chosen))
            self.import_folder(Path(chosen))

    def import_folder(self, folder: Path) -> None:
        self._background.do(lambda: read_class_folder(folder), self._editor.add_classes, self._editor.problem.emit)

    def choose_export(self) -> None:
        """Copies go into a folder for each class; the photos themselves stay where they are."""
        chosen = QFileDialog.getExistingDirectory(self._window, "An empty folder for the classes", self._start.path())
        if chosen:
            self._start.remember(Path(chosen))
            self.export_folder(Path(chosen))

    def export_folder(self, folder: Path) -> None:
        photos = self._editor.project.photos

        def done(missing: int) -> None:
            left = "" if not missing else f" {missing} could not be read."
            self._tell(f"Copies of {sum(map(len, photos.values())) - missing} photos are in {folder}.{left}")

        self._background.do(lambda: write_class_folder(photos, folder), done, self._editor.problem.emit)
