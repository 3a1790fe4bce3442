"""Head suppression: off, on, or both compared, with its settings and a line that says what is in force."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.config import SpinConfig
from core.errors import ConfigError
from core.model.published_spin import PUBLISHED
from spinvlm_desktop.answers.spin_words import in_layers, on_model, published_on_model, suppression
from spinvlm_desktop.widgets.flow_layout import FlowLayout
from spinvlm_desktop.widgets.labels import indent_number, narrow_combo, wrapping_form

Mode = Literal["off", "on", "compare"]
MODES: tuple[tuple[Mode, str, str], ...] = (
    ("off", "Off", "Answer with all heads"),
    ("on", "On", "Weaken or silence the heads that look least at the photo"),
    ("compare", "Compare", "Answer with head suppression off and on, side by side"),
)
CALIBRATED = "This model's calibrated setting"


@dataclass(frozen=True)
class SpinChoice:
    """What the user wants of head suppression."""

    mode: Mode = "off"
    spin: SpinConfig = field(default_factory=lambda: SpinConfig(keep=0.5))
    own: bool = True
    """False: the user left it to the model's calibration, so that it changes with the model."""


class SpinBar(QWidget):
    """Layers are counted from 1 on screen, and as ranges from 0 in SpinConfig."""

    choice_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layers, self._heads = 4, 8
        self._spin = SpinConfig(keep=0.5)
        self._own = False
        self._calibrated: SpinChoice | None = None
        self._filling = False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(self._mode_row())
        self._line = QLabel()
        self._line.setProperty("muted", True)
        self._line.setWordWrap(True)
        self._line.setAccessibleName("What is in force")
        layout.addWidget(self._line)
        self._details = self._make_details()
        self._details.hide()
        layout.addWidget(self._details)
        self._show()

    def _mode_row(self) -> FlowLayout:
        row = FlowLayout(spacing=4)
        title = QLabel("SPIN")
        title.setToolTip("Image-guided head suppression: the heads that look at the photo most decide (F1 explains it)")
        row.addWidget(title)
        self._modes = QButtonGroup(self)
        for number, (_, text, tip) in enumerate(MODES):
            button = QPushButton(text)
            button.setCheckable(True)
            button.setToolTip(tip)
            button.setAccessibleName(f"SPIN {text.lower()}")
            self._modes.addButton(button, number)
            row.addWidget(button)
        self._modes.idToggled.connect(self._on_mode_toggled)
        self._modes.button(0).setChecked(True)
        self._modes.idClicked.connect(lambda _: self._on_own_choice())
        presets = QToolButton()
        presets.setText("Presets")
        presets.setToolTip("Known settings of head suppression")
        presets.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._presets = QMenu(self)
        self._presets.setToolTipsVisible(True)
        presets.setMenu(self._presets)
        row.addWidget(presets)
        more = QToolButton()
        more.setText("Adjust")
        more.setCheckable(True)
        more.setToolTip("Show how many heads are kept, in which layers, and what the others count")
        more.toggled.connect(lambda shown: self._details.setVisible(shown))
        row.addWidget(more)
        return row

    def _on_mode_toggled(self, number: int, chosen: bool) -> None:
        # Tab comes to the chosen one; the arrow keys lead to the others.
        self._modes.button(number).setFocusPolicy(Qt.FocusPolicy.StrongFocus if chosen else Qt.FocusPolicy.ClickFocus)

    def _make_details(self) -> QScrollArea:
        content = QWidget()
        form = wrapping_form(content)
        form.setContentsMargins(0, 4, 0, 4)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        heads = QHBoxLayout()
        self._keep = QSlider(Qt.Orientation.Horizontal)
        self._keep.setAccessibleName("Heads kept per layer")
        self._keep.setToolTip("How many heads of a layer are kept for each word: those that look at the photo most")
        self._keep_number = QLabel()
        self._keep_number.setMinimumWidth(50)
        self._keep.setMinimumWidth(120)
        heads.addWidget(self._keep, 1)
        heads.addWidget(self._keep_number)
        form.addRow("Heads kept", heads)
        self._alpha = QDoubleSpinBox()
        self._alpha.setRange(0, 1)
        self._alpha.setSingleStep(0.01)
        self._alpha.setToolTip("What the others' output is multiplied by: 0 silences them, 1 leaves them alone")
        form.addRow("Others count α", self._alpha)
        layers = QHBoxLayout()
        self._first, self._last = QSpinBox(), QSpinBox()
        for box, name in ((self._first, "First layer"), (self._last, "Last layer")):
            box.setAccessibleName(name)
            box.setToolTip(f"{name} in which heads are suppressed")
        layers.addWidget(self._first)
        layers.addWidget(QLabel("to"))
        layers.addWidget(self._last)
        layers.addStretch(1)
        form.addRow("Layers", layers)
        self._score = narrow_combo()
        self._score.addItem("attention on the photo", "mass")
        self._score.addItem("sum of logits (as published)", "logits")
        self._score.setToolTip("How heads are ranked")
        self._score.setAccessibleName("How heads are ranked")
        form.addRow("Ranked by", self._score)
        for box in (self._alpha, self._first, self._last):
            indent_number(box)
        for signal in (self._keep.valueChanged, self._alpha.valueChanged, self._first.valueChanged, self._last.valueChanged,
                       self._score.currentIndexChanged):
            signal.connect(self._on_edited)
        area = QScrollArea()  # with large letters there may be too little room for all of it
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        return area

    # -- what is chosen

    def choice(self) -> SpinChoice:
        return SpinChoice(MODES[self._modes.checkedId()][0], self._spin, self._own)

    def set_choice(self, choice: SpinChoice) -> None:
        """Take over a choice, clipped to the model; doesn't tell of it."""
        self._modes.button([mode for mode, _, _ in MODES].index(choice.mode)).setChecked(True)
        self._spin, self._own = choice.spin, choice.own
        self._show()

    def set_model(self, layers: int, heads: int) -> None:
        """Sizes of the model that is loaded."""
        self._layers, self._heads = layers, heads
        self._show()

    def set_calibration(self, calibration: dict[str, Any] | None) -> None:
        """The setting that was measured best for the model, where its file carries one.

        It comes into force unless the user has made a choice of their own; a model without one then answers with all heads.
        """
        self._calibrated = self._read_calibration(calibration)
        if not self._own:
            self._take(self._calibrated or SpinChoice(own=False))
        self._show()

    def _read_calibration(self, calibration: dict[str, Any] | None) -> SpinChoice | None:
        if calibration is None or "spin" not in calibration:
            return None
        values = calibration["spin"]
        try:
            spin = None if values is None else SpinConfig.from_dict(values)
        except (ConfigError, TypeError):
            return None  # a file of another program may carry what this one can't do
        return SpinChoice("off", self._half(), own=False) if spin is None else SpinChoice("on", spin, own=False)

    def _half(self) -> SpinConfig:
        return SpinConfig(keep=max(1, self._heads // 2), alpha=0.0)

    def _take(self, wanted: SpinChoice, _checked: bool = False) -> None:
        """Take a choice over and tell of it; who compares goes on comparing."""
        before = self.choice()
        mode = "compare" if wanted.mode == "on" and before.mode == "compare" else wanted.mode
        self.set_choice(SpinChoice(mode, wanted.spin, wanted.own))
        if self.choice() != before:
            self.choice_changed.emit()

    def _fill_presets(self) -> None:
        self._presets.clear()
        layers, heads = self._layers, self._heads
        half = f"Half of the heads: {on_model(self._half(), layers=layers, heads=heads)}"
        found = [(half, "", SpinChoice("on", self._half()))]
        for published in PUBLISHED:
            name, spin = published_on_model(published, layers=layers, heads=heads), published.spin
            tip = f"Published as r = {spin.keep:g}, α = {spin.alpha:g} (arXiv 2505.16411)"
            found.append((name, tip, SpinChoice("on", published.on(layers))))
        if self._calibrated is not None:
            best = self._calibrated
            does = "SPIN off" if best.mode == "off" else on_model(self._clipped(best.spin), layers=layers, heads=heads)
            found.insert(0, (f"{CALIBRATED}: {does}", "", best))
        for name, tip, choice in found:
            action = self._presets.addAction(name)
            action.setToolTip(tip)
            action.triggered.connect(partial(self._take, choice))

    def _on_edited(self) -> None:
        if self._filling:
            return
        first = self._first.value() - 1
        last = max(first + 1, self._last.value())
        self._spin = SpinConfig(
            keep=self._keep.value(), alpha=round(self._alpha.value(), 2), first_layer=first,
            last_layer=None if last >= self._layers else last, score=self._score.currentData(),
        )
        self._on_own_choice()

    def _on_own_choice(self) -> None:
        self._own = True
        self._show()
        self.choice_changed.emit()

    def _clipped(self, spin: SpinConfig) -> SpinConfig:
        """The same within the model's heads and layers."""
        first = min(spin.first_layer, self._layers - 1)
        last = self._layers if spin.last_layer is None else min(self._layers, max(first + 1, spin.last_layer))
        keep = spin.keep if isinstance(spin.keep, float) else min(self._heads, spin.keep)
        return SpinConfig(keep, spin.alpha, first, None if last == self._layers else last, spin.score)

    def _show(self) -> None:
        """Clip the choice to the model and show it."""
        spin = self._spin = self._clipped(self._spin)
        kept, first = spin.heads_kept(self._heads), spin.first_layer
        last = self._layers if spin.last_layer is None else spin.last_layer
        self._filling = True
        self._keep.setRange(1, self._heads)
        self._keep.setValue(kept)
        self._keep_number.setText(f"{kept} of {self._heads}")
        self._alpha.setValue(spin.alpha)
        for box, value in ((self._first, first + 1), (self._last, last)):
            box.setRange(1, self._layers)
            box.setValue(value)
        self._score.setCurrentIndex(self._score.findData(spin.score))
        self._filling = False
        self._line.setText(" ".join(filter(None, (self._words(kept), self._calibration_words()))))
        self._fill_presets()

    def _calibration_words(self) -> str:
        """Whether what is in force is what was measured best for the model."""
        best = self._calibrated
        if best is None:
            return ""
        mode = self.choice().mode
        same = mode == "off" if best.mode == "off" else mode != "off" and self._spin == self._clipped(best.spin)
        if same:
            return "Measured best for this model."
        return f"Your own choice; measured best for this model: {suppression(None if best.mode == 'off' else best.spin)}."

    def _words(self, kept: int) -> str:
        mode = self.choice().mode
        if mode == "off":
            return "SPIN is off: all attention heads count in full. F1 explains these words."
        layers = in_layers(self._spin, layers=self._layers)
        if kept == self._heads or self._spin.alpha == 1:
            return "With this setting no head is suppressed."
        others = "are silenced" if self._spin.alpha == 0 else f"count {self._spin.alpha:.0%}"
        rank = "look at the photo most" if self._spin.score == "mass" else "have the highest logits on the photo"
        text = f"For each word, in {layers}, the {kept} of {self._heads} heads that {rank} are kept; the others {others}."
        return f"Both answers are made: with all heads, and with SPIN. {text}" if mode == "compare" else text
