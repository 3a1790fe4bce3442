"""The fields of a setting of head suppression."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QSlider,
    QSpinBox,
    QWidget,
)

from core.config import HeadCounts, SpinConfig
from spinvlm_desktop.chat.inside.spin_choice import USUAL_SHAPE
from spinvlm_desktop.widgets.labels import indent_number, narrow_combo, wrapping_form


class SpinDetails(QWidget):
    """Layers are counted from 1 on screen, and as ranges from 0 in SpinConfig."""

    edited = Signal(dict)
    """Fields of SpinConfig that the user has changed; the others are as they were."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shape: HeadCounts = USUAL_SHAPE
        self._filling = False
        form = wrapping_form(self)
        form.setContentsMargins(0, 4, 0, 4)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        form.addRow("Heads kept", self._make_heads())
        self._alpha = QDoubleSpinBox()
        self._alpha.setRange(0, 1)
        self._alpha.setSingleStep(0.01)
        self._alpha.setAccessibleName("Weight of other heads (alpha)")
        self._alpha.setToolTip("What the other heads' output is multiplied by: 0 silences them, 1 leaves them alone")
        form.addRow("Weight of other heads (alpha)", self._alpha)
        form.addRow("Layers", self._make_layers())
        self._score = narrow_combo()
        self._score.addItem("attention on the photo", "mass")
        self._score.addItem("sum of logits (as published)", "logits")
        self._score.setToolTip("How heads are ranked")
        self._score.setAccessibleName("How heads are ranked")
        form.addRow("Ranked by", self._score)
        for box in (self._alpha, self._first, self._last):
            indent_number(box)
        self._connect()

    def _make_heads(self) -> QHBoxLayout:
        self._keep = QSlider(Qt.Orientation.Horizontal)
        self._keep.setAccessibleName("Heads kept per layer")
        self._keep.setToolTip("How many heads of a layer are kept for each word: those that look at the photo most")
        self._keep.setMinimumWidth(120)
        self._keep_number = QLabel()
        self._keep_number.setMinimumWidth(50)
        row = QHBoxLayout()
        row.addWidget(self._keep, 1)
        row.addWidget(self._keep_number)
        return row

    def _make_layers(self) -> QHBoxLayout:
        self._first, self._last = QSpinBox(), QSpinBox()
        for box, name in ((self._first, "First layer"), (self._last, "Last layer")):
            box.setAccessibleName(name)
            box.setToolTip(f"{name} in which heads are suppressed")
        row = QHBoxLayout()
        row.addWidget(self._first)
        row.addWidget(QLabel("to"))
        row.addWidget(self._last)
        row.addStretch(1)
        return row

    def _connect(self) -> None:
        self._keep.valueChanged.connect(lambda kept: self._on_edited(keep=kept))
        self._alpha.valueChanged.connect(lambda alpha: self._on_edited(alpha=round(alpha, 2)))
        self._score.currentIndexChanged.connect(lambda _: self._on_edited(score=self._score.currentData()))
        for box in (self._first, self._last):
            box.valueChanged.connect(lambda _: self._on_layers_edited())

    def _on_layers_edited(self) -> None:
        first = self._first.value() - 1
        last = max(first + 1, self._last.value())
        self._on_edited(first_layer=first, last_layer=None if last >= self._shape.layers else last)

    def _on_edited(self, **changes: object) -> None:
        if not self._filling:
            self.edited.emit(changes)

    def show_setting(self, spin: SpinConfig, shape: HeadCounts) -> None:
        """Show a setting that fits a model of this shape."""
        self._shape = shape
        kept = spin.heads_kept(shape.heads)
        last = shape.layers if spin.last_layer is None else spin.last_layer
        self._filling = True
        self._keep.setRange(1, shape.heads)
        self._keep.setValue(kept)
        self._keep_number.setText(f"{kept} of {shape.heads}")
        self._alpha.setValue(spin.alpha)
        for box, value in ((self._first, spin.first_layer + 1), (self._last, last)):
            box.setRange(1, shape.layers)
            box.setValue(value)
        self._score.setCurrentIndex(self._score.findData(spin.score))
        self._filling = False
