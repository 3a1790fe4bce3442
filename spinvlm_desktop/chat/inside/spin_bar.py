"""Head suppression: off, on, or both compared, with its settings and a line that says what is in force."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QLabel, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from core.config import HeadCounts, ScoreName, SpinConfig
from core.model.published_spin import HALF, HALF_BY_LOGITS
from spinvlm_desktop.answers.spin_words import explained, suppression
from spinvlm_desktop.chat.inside.spin_choice import USUAL_SHAPE, Mode, SpinChoice, calibrated_choice, fitted, presets
from spinvlm_desktop.chat.inside.spin_details import SpinDetails
from spinvlm_desktop.widgets.flow_layout import FlowLayout
from spinvlm_desktop.widgets.help.help_mark import HelpMark
from spinvlm_desktop.widgets.help.help_topics import SETTINGS, SPIN
from spinvlm_desktop.widgets.labels import sentence_label
from spinvlm_desktop.widgets.layouts import row_of

MODES: tuple[tuple[Mode, str, str], ...] = (
    ("off", "Off", "Answer with all heads"),
    ("on", "On", "Weaken or silence the heads that look least at the photo"),
    ("compare", "Compare", "Answer with head suppression off and on, side by side"),
)


class SpinBar(QWidget):
    """Keeps what the user wants apart from what of it fits the model that answers."""

    choice_changed = Signal()
    """By the user, or with the model's calibration."""
    shown_changed = Signal()
    """Whatever is in force may be another, also where it was set from elsewhere."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shape: HeadCounts = USUAL_SHAPE
        self._family: str | None = None
        self._score: ScoreName = "mass"
        self._other = SpinChoice(spin=HALF_BY_LOGITS, by_user=False)
        """What the user wants of models of the other kind: of pretrained ones, or of the program's own."""
        self._wanted = HALF
        self._by_user = False
        self._follows_measured = False
        self._calibrated: SpinChoice | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self._details = SpinDetails()
        self._details.edited.connect(self._on_edited)
        self._details.hide()
        layout.addLayout(self._mode_row())
        self._line = sentence_label("What is in force")
        self._line.setProperty("muted", True)
        layout.addWidget(self._line)
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
            row.addWidget(button if number + 1 < len(MODES) else _in_one_line(button, HelpMark(SPIN)))
        self._modes.idToggled.connect(self._on_mode_toggled)
        self._modes.button(0).setChecked(True)
        self._modes.idClicked.connect(lambda _: self._on_users_choice())
        presets = QToolButton()
        presets.setText("Presets")
        presets.setToolTip("Known settings of head suppression")
        presets.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.presets = QMenu(self)
        self.presets.setToolTipsVisible(True)
        presets.setMenu(self.presets)
        row.addWidget(presets)
        more = QToolButton()
        more.setText("Adjust")
        more.setCheckable(True)
        more.setToolTip("Show how many heads are kept, in which layers, and what the others count")
        more.toggled.connect(lambda shown: self._details.setVisible(shown))
        row.addWidget(_in_one_line(more, HelpMark(SETTINGS)))
        return row

    def _on_mode_toggled(self, number: int, chosen: bool) -> None:
        # Tab comes to the chosen one; the arrow keys lead to the others.
        self._modes.button(number).setFocusPolicy(Qt.FocusPolicy.StrongFocus if chosen else Qt.FocusPolicy.ClickFocus)

    # -- what is chosen

    def choice(self) -> SpinChoice:
        """What is in force: what the user wants, or what was measured for the model, as far as it fits the model that answers."""
        choice = self._measured() if self._follows_measured else self.wanted()
        return replace(choice, spin=fitted(choice.spin, self._shape))

    def follow_measured(self, follows: bool) -> None:
        """Whether what was measured for the model is in force, whatever the user wants; that comes back afterwards."""
        before = self.choice()
        self._follows_measured = follows
        if self.choice() != before:
            self.choice_changed.emit()

    def is_changed(self) -> bool:
        """Whether what is in force differs from what was measured for the model."""
        choice, measured = self.choice(), self._measured()
        spin = fitted(measured.spin, self._shape)
        return choice.mode != measured.mode or (choice.mode != "off" and choice.spin != spin)

    def reset(self) -> None:
        """Back to what was measured for the model."""
        self.set_choice(self._measured())
        self.choice_changed.emit()

    def _measured(self) -> SpinChoice:
        """The setting measured best for the model; all heads where nothing was measured."""
        return self._calibrated or SpinChoice(spin=replace(HALF, score=self._score), by_user=False)

    def wanted(self) -> SpinChoice:
        """What the user wants, whatever model answers."""
        return SpinChoice(MODES[self._modes.checkedId()][0], self._wanted, self._by_user)

    def set_choice(self, choice: SpinChoice) -> None:
        """What the user wants from now on; `choice_changed` isn't emitted."""
        self._modes.button([mode for mode, _, _ in MODES].index(choice.mode)).setChecked(True)
        self._wanted, self._by_user = choice.spin, choice.by_user
        self._show()

    def set_model(self, shape: HeadCounts, *, family: str | None = None, score: ScoreName = "mass") -> None:
        """The model that answers from now on. family: of a pretrained one; score: how its heads are ranked by default.

        What the user wants of pretrained models and of the program's own is kept apart.
        """
        before = self.choice()
        self._shape, self._score = shape, score
        if (family is None) != (self._family is None):
            mine, self._other = self._other, self.wanted()
            self._family = family
            self.set_choice(mine)
        self._family = family
        self._show()
        if self.choice() != before:
            self.choice_changed.emit()

    @property
    def is_for_pretrained(self) -> bool:
        """Whether what is chosen is for pretrained models."""
        return self._family is not None

    def set_choice_for_pretrained(self, choice: SpinChoice) -> None:
        """What the user wants of pretrained models, while none answers."""
        self._other = choice

    def set_calibration(self, calibration: dict[str, Any] | None) -> None:
        """The setting that was measured best for the model, where its file carries one.

        It comes into force unless the user has made a choice of their own; a model without one then answers with all heads.
        """
        self._calibrated = calibrated_choice(calibration, self._shape)
        if not self._by_user:
            self._take(self._measured())
        self._show()

    def _take(self, wanted: SpinChoice, _checked: bool = False) -> None:
        """Take a choice over as the user's; who compares goes on comparing."""
        before = self.wanted()
        self.set_choice(replace(wanted, mode="compare" if wanted.mode == "on" and before.mode == "compare" else wanted.mode))
        if self.wanted() != before:
            self.choice_changed.emit()

    def _on_edited(self, changes: dict[str, Any]) -> None:
        self._wanted = replace(self._wanted, **changes)
        self._on_users_choice()

    def _on_users_choice(self) -> None:
        self._by_user = True
        self._show()
        self.choice_changed.emit()

    # -- what is shown

    def _show(self) -> None:
        spin = fitted(self._wanted, self._shape)
        self._details.show_setting(spin, self._shape)
        self._line.setText(" ".join(filter(None, (self._words(spin), self._calibration_words(spin)))))
        self.presets.clear()
        for preset in presets(self._shape, self._calibrated, family=self._family, score=self._score):
            action = self.presets.addAction(preset.name)
            action.setToolTip(preset.tip)
            action.triggered.connect(partial(self._take, preset.choice))
        self.shown_changed.emit()

    def line(self) -> str:
        """The sentences that say what is in force."""
        return self._line.text()

    def _calibration_words(self, spin: SpinConfig) -> str:
        """Whether what is in force is what was measured best for the model."""
        best = self._calibrated
        if best is None:
            return ""
        mode = self.wanted().mode
        if mode == "off" if best.mode == "off" else mode != "off" and spin == fitted(best.spin, self._shape):
            return "Measured best for this model."
        return f"Your own choice; measured best for this model: {suppression(None if best.mode == 'off' else best.spin)}."

    def _words(self, spin: SpinConfig) -> str:
        mode = self.wanted().mode
        if mode == "off":
            return "SPIN is off: all attention heads count in full."
        text = explained(spin, layers=self._shape.layers, heads=self._shape.heads)
        return f"Both answers are made: with all heads, and with SPIN. {text}" if mode == "compare" else text


def _in_one_line(*parts: QWidget) -> QWidget:
    """A question mark stays beside what it explains, also where a row is broken."""
    line = QWidget()
    row_of(*parts, parent=line, margins=(), spacing=0)
    return line
