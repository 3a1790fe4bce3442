"""How far one is, and the search for a photo."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from spinvlm_desktop.captioning.desk import Desk
from spinvlm_desktop.widgets.controls import progress_bar, push_button
from spinvlm_desktop.widgets.layouts import row_of


class ProgressRow(QWidget):
    """Looks through all photos only when the user searches."""

    photo_wanted = Signal(str)
    """Name of a photo that was found"""
    skipped_wanted = Signal()
    """Those that were skipped are to come again."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._found: list[str] = []
        self._searched = ""
        self._at = -1
        self._bar = progress_bar("Photos with a description", "Photos that you said something of")
        self._line = QLabel()
        self._line.setAccessibleName("How far it is")
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search names and descriptions")
        self.search.setAccessibleName("Search names and descriptions")
        self.search.setToolTip("Enter goes to the next photo that was found (Ctrl+F)")
        self.search.setClearButtonEnabled(True)
        self.search.returnPressed.connect(self._on_search)
        self.again = push_button("Skipped ones a&gain", "Show the photos again that were skipped", self.skipped_wanted.emit)
        self.again.setAutoDefault(False)
        row_of((self._bar, 2), self._line, self.again, (self.search, 1), parent=self, margins=())
        self.show_progress()

    def show_progress(self) -> None:
        """As it is now."""
        total, done, skipped = len(self._desk.names), self._desk.done, self._desk.skipped
        self._bar.setRange(0, max(1, total))
        self._bar.setValue(done)
        self._line.setText(f"{done:,} of {total:,} done" + (f", {skipped:,} skipped" if skipped else ""))
        self.again.setVisible(skipped > 0)

    def words(self) -> str:
        """What stands beside the bar."""
        return self._line.text()

    def _on_search(self) -> None:
        words = self.search.text().strip()
        if words != self._searched or not self._found:
            self._searched, self._found, self._at = words, self._desk.find(words), -1
        if not self._found:
            self._line.setText("Nothing found" if words else self._line.text())
            return
        self._at = (self._at + 1) % len(self._found)
        self.photo_wanted.emit(self._found[self._at])
        self._line.setText(f"Found {self._at + 1:,} of {len(self._found):,}")
        self.search.setFocus()
