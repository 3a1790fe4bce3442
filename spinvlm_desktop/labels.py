"""Labels and form rows that several parts of the window are made of."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

LABEL_WIDTH = 150
"""Pixels at least, so that forms one below the other line up."""


def sentence_label(name: str) -> QLabel:
    """A label for sentences: plain text that wraps. name: what screen readers call it."""
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setAccessibleName(name)
    return label


def error_label(name: str) -> QLabel:
    """A label for what is wrong, hidden until there is something: see `tell`."""
    label = sentence_label(name)
    label.setProperty("error", True)
    label.hide()
    return label


def tell(label: QLabel, sentence: str | None) -> None:
    """Show a sentence; where there is none, hide the label."""
    label.setText(sentence or "")
    label.setVisible(bool(sentence))


def enlarge(label: QLabel, factor: float) -> QLabel:
    """The label as a title: bold, and larger than other text by this factor."""
    font = label.font()
    font.setPointSizeF(font.pointSizeF() * factor)
    font.setBold(True)
    label.setFont(font)
    return label


def add_form_row(form: QFormLayout, text: str, widget: QWidget, tip: str) -> None:
    """A widget with its label, which leads to it, and its tip."""
    widget.setToolTip(tip)
    widget.setAccessibleName(text.replace("&", ""))
    label = QLabel(text)
    label.setBuddy(widget)
    label.setMinimumWidth(LABEL_WIDTH)
    form.addRow(label, widget)
