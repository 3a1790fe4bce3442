"""The switch on the photo that has a pretrained model look at it finer, with what that costs; and its place there."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from core.answer_model import ModelDescription, PretrainedDescription


class FinerSwitch(QToolButton):
    """Hidden while a model answers that looks at a photo in one way only."""

    chosen = Signal(bool)
    """By the user"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("pill", True)
        self.setCheckable(True)
        self.clicked.connect(self.chosen)
        self.hide()
        self._can_be_finer = False
        self._say_cost(None)

    @property
    def in_force(self) -> bool:
        """Whether the next question is asked about the photo as it is seen finer."""
        return self._can_be_finer and self.isChecked()

    @property
    def can_be_finer(self) -> bool:
        """Whether the model in use can look finer."""
        return self._can_be_finer

    def show_model(self, described: ModelDescription, *, on: bool) -> None:
        """The model in use. on: whether its photos are looked at finer from now on."""
        seconds = described.finer_seconds if isinstance(described, PretrainedDescription) else None
        self._can_be_finer = described.can_be_finer
        self._say_cost(seconds)
        self.setChecked(on and self._can_be_finer)
        self.setVisible(self._can_be_finer)

    def _say_cost(self, seconds: float | None) -> None:
        """seconds: more for a photo; None where they weren't measured."""
        costs = "takes longer" if seconds is None else f"+{in_words(seconds)}"
        self.setText(f"Finer ({costs})")
        self.setAccessibleName(f"Look finer at the photo ({costs})")
        self.setToolTip(
            "The model looks at the photo in tiles or at a higher resolution, so that it sees small things and text. "
            + ("That takes longer." if seconds is None else f"It takes about {in_words(seconds)} more for a photo.")
            + " Remembered for this model."
        )


def in_words(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3 min`."""
    return f"{seconds:.1f} s" if seconds < 1 else f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


class PhotoSwitches(QWidget):
    """The switches in the photo's corner, side by side."""

    def __init__(self, *switches: QToolButton) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for switch in switches:
            row.addWidget(switch)
