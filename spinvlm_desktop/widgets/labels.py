"""Labels and form rows that several parts of the window are made of."""

from __future__ import annotations

import html
import re

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QFormLayout, QLabel, QSizePolicy, QWidget

LONG_RUN = re.compile(r"\S{20}(?=\S)")
"""Letters after which a word may be broken."""
ZERO_WIDTH_SPACE = "\u200b"
LABEL_WIDTH = 150
"""Pixels at least, so that forms one below the other line up."""


class SentenceLabel(QLabel):
    """Plain text that wraps, also within words, as a file's name may be one: else that would widen the window."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self._text = ""
        self.setText(text)

    def setText(self, text: str) -> None:
        self._text = text
        super().setText(LONG_RUN.sub(lambda run: run.group() + ZERO_WIDTH_SPACE, text))

    def text(self) -> str:
        return self._text


def sentence_label(name: str, text: str = "", *, muted: bool = False) -> SentenceLabel:
    """A label for sentences. name: what screen readers call it; muted: of less weight than other text."""
    label = SentenceLabel(text)
    label.setAccessibleName(name)
    label.setProperty("muted", muted)
    return label


def selectable_label(text: str = "", *, muted: bool = False) -> SentenceLabel:
    """A label whose text can be marked and copied."""
    label = SentenceLabel(text)
    label.setProperty("muted", muted)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def error_label(name: str) -> QLabel:
    """A label for what is wrong, hidden until there is something: see `show_or_hide`."""
    label = sentence_label(name)
    label.setProperty("error", True)
    label.hide()
    return label


def show_or_hide(label: QLabel, sentence: str | None) -> None:
    """Show a sentence; where there is none, hide the label."""
    label.setText(sentence or "")
    label.setVisible(bool(sentence))


def plain_tip(*lines: str) -> str:
    """A tooltip that shows text as it is: one with tags in it, as a file's name may be, would be read as a web page."""
    return f"<p>{'<br>'.join(map(html.escape, lines))}</p>" if any(lines) else ""


def shortened(text: str, most: int) -> str:
    """The text, without its middle where it has more letters than that: a file's ending stays."""
    return text if len(text) <= most else f"{text[: most - most // 2 - 1]}…{text[-(most // 2):]}"


def as_title(label: QLabel, *, large: bool = True) -> QLabel:
    """The label as a title: bold, and larger than other text, whatever its size. The stylesheet says how much."""
    label.setProperty("title", "large" if large else "plain")
    return label


def narrow_combo() -> QComboBox:
    """A list whose longest entry doesn't widen the window; opened, it shows all of it."""
    return make_narrow(QComboBox())


def make_narrow(box: QComboBox) -> QComboBox:
    """The same for a list that is there already."""
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(14)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return box


def wrapping_form(parent: QWidget | None = None) -> QFormLayout:
    """A form whose fields go below their labels where it is too narrow for both."""
    form = QFormLayout(parent)
    form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
    return form


def indent_number(box: QAbstractSpinBox) -> None:
    """Room before the number, which the stylesheet's padding doesn't reach."""
    box.lineEdit().setTextMargins(6, 0, 0, 0)


def add_form_row(form: QFormLayout, text: str, widget: QWidget, tip: str) -> None:
    """A widget with its label, which leads to it, and its tip."""
    widget.setToolTip(tip)
    widget.setAccessibleName(text.replace("&", ""))
    if isinstance(widget, QAbstractSpinBox):
        indent_number(widget)
    label = QLabel(text)
    label.setBuddy(widget)
    label.setMinimumWidth(LABEL_WIDTH)
    form.addRow(label, widget)
