"""What a run does one after the other, with what is done and what is under way."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from spinvlm_desktop.train.run.run_progress import PHASES
from spinvlm_desktop.widgets.flow_layout import FlowLayout


class StageStrip(QWidget):
    """Done, under way, to come."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = FlowLayout(self)
        self._labels = [QLabel() for _ in PHASES]
        for label in self._labels:
            label.setTextFormat(Qt.TextFormat.PlainText)
            row.addWidget(label)
        self.show_phase(0)

    def show_phase(self, phase: int) -> None:
        """phase: index of what is under way; their number where all is done."""
        words: list[str] = []
        for number, (label, name) in enumerate(zip(self._labels, PHASES, strict=True)):
            mark, state = ("✓", "done") if number < phase else ("▸", "under way") if number == phase else ("○", "to come")
            label.setText(f"{mark} {name}")
            label.setProperty("muted", number > phase)
            label.style().polish(label)
            font = label.font()
            font.setBold(number == phase)
            label.setFont(font)
            words.append(f"{name}: {state}")
        self.setAccessibleName("; ".join(words))
        self.setToolTip("\n".join(words))
