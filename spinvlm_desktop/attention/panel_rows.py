"""The attention panel's rows of controls. Each emits what was asked for; what follows from it, the panel decides."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QPushButton, QSlider, QToolButton, QWidget

from spinvlm_desktop.attention.head_maps import ALL_KEPT, HeadSelection
from spinvlm_desktop.widgets.labels import SentenceLabel
from spinvlm_desktop.widgets.layouts import row_of

STARTING_OPACITY = 70
LONGEST_LIST = 18
"""Rows of the list of heads before it scrolls."""


class HeadChoice(QComboBox):
    """Whose map is shown: the kept heads', a layer's or one head's."""

    selection_chosen = Signal(object)
    """HeadSelection"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shape = (0, 0)
        self.setAccessibleName("Whose map is shown")
        self.setToolTip("Whose map is shown over the photo")
        self.setMaxVisibleItems(LONGEST_LIST)
        self.setMinimumContentsLength(6)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.activated.connect(lambda row: self.selection_chosen.emit(self.itemData(row)))

    def set_shape(self, layers: int, heads: int) -> bool:
        """Offer the heads of a model; True where they are others than before, and the choice is back at the start."""
        if (layers, heads) == self._shape:
            return False
        self._shape = layers, heads
        self.clear()
        self.addItem("All kept heads", ALL_KEPT)
        for layer in range(layers):
            self.addItem(f"Layer {layer + 1}, kept heads", HeadSelection(layer))
        for layer in range(layers):
            for head in range(heads):
                self.addItem(f"Layer {layer + 1}, head {head + 1}", HeadSelection(layer, head))
        return True

    def show_selection(self, selection: HeadSelection) -> None:
        layers, heads = self._shape
        if selection.layer is None:
            row = 0
        elif selection.head is None:
            row = 1 + selection.layer
        else:
            row = 1 + layers + selection.layer * heads + selection.head
        self.setCurrentIndex(row)

    def wheelEvent(self, e: QWheelEvent) -> None:
        """Left to the column that is being scrolled."""
        e.ignore()


class StepRow(QWidget):
    """Previous, next and play, and the choice of heads beside them."""

    step_requested = Signal(int)
    play_toggled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = _row(self)
        for text, name, keys, step in (("‹", "Previous word", "Alt+Left", -1), ("›", "Next word", "Alt+Right", 1)):
            button = QToolButton()
            button.setText(text)
            button.setToolTip(f"{name} ({keys})")
            button.setAccessibleName(name)
            button.clicked.connect(lambda _checked=False, step=step: self.step_requested.emit(step))
            row.addWidget(button)
        self.play = QToolButton()
        self.play.clicked.connect(lambda: self.play_toggled.emit())
        row.addWidget(self.play)
        self.choice = HeadChoice()
        row.addWidget(self.choice, 1)
        self.set_playing(False)

    def set_playing(self, playing: bool) -> None:
        # As wide as the longer of both texts, so that the list beside it stays where it is.
        self.play.setText("Pause")
        self.play.setMinimumWidth(max(self.play.minimumWidth(), self.play.sizeHint().width()))
        self.play.setText("Pause" if playing else "Play")
        self.play.setToolTip("Stay at this word" if playing else "Step through the answer's words")
        self.play.setAccessibleName(self.play.text())


class LookRow(QWidget):
    """Opacity and smoothing of the map."""

    look_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = _row(self)
        label = QLabel("&Opacity")
        self._opacity = QSlider(Qt.Orientation.Horizontal)
        self._opacity.setRange(0, 100)
        self._opacity.setValue(STARTING_OPACITY)
        self._opacity.setAccessibleName("Opacity of the map")
        self._opacity.setToolTip("How much the map covers the photo")
        self._opacity.valueChanged.connect(lambda: self.look_changed.emit())
        label.setBuddy(self._opacity)
        self._smooth = QCheckBox("&Smooth")
        self._smooth.setToolTip("Smooth between patches; off shows the patches as they are")
        self._smooth.toggled.connect(lambda: self.look_changed.emit())
        row.addWidget(label)
        row.addWidget(self._opacity, 1)
        row.addWidget(self._smooth)

    def set_look(self, *, opacity: float, smooth: bool) -> None:
        """opacity: in [0, 1]."""
        self._opacity.setValue(round(100 * opacity))
        self._smooth.setChecked(smooth)

    @property
    def opacity(self) -> float:
        """In [0, 1]."""
        return self._opacity.value() / 100

    @property
    def smooth(self) -> bool:
        return self._smooth.isChecked()


class NoticeRow(QWidget):
    """A sentence with what can be done about it; hidden while there is nothing to say."""

    def __init__(self, buttons: Sequence[QPushButton], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = _row(self)
        self._label = SentenceLabel()
        row.addWidget(self._label, 1)
        for button in buttons:
            row.addWidget(button)
        self.hide()

    def show_sentence(self, text: str) -> None:
        """An empty text hides the row."""
        self._label.setText(text)
        self.setVisible(bool(text))

    def text(self) -> str:
        return self._label.text()


def _row(widget: QWidget) -> QHBoxLayout:
    return row_of(parent=widget, margins=())
