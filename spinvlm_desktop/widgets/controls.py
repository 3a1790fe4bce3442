"""Buttons, lists and bars with what people and screen readers need to know of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QComboBox, QMessageBox, QPlainTextEdit, QProgressBar, QPushButton, QToolButton, QWidget

from spinvlm_desktop.widgets.labels import narrow_combo


def push_button(text: str, tip: str, slot: Callable[[], object], *, primary: bool = False) -> QPushButton:
    """primary: the one that is usually wanted."""
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setProperty("primary", primary)
    button.clicked.connect(lambda _checked=False: slot())
    return button


def hand_over_focus(before: QWidget, after: QWidget) -> None:
    """Where a control has the focus that is about to be switched off or hidden, give it to the one in its place. Left to
    itself it goes to one that has nothing to do with it."""
    if before.window().focusWidget() is before:
        after.setFocus()


def flat_button(text: str, tip: str, slot: Callable[[], object]) -> QToolButton:
    """A button that looks like one under the pointer only."""
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setProperty("flat", True)
    button.clicked.connect(lambda _checked=False: slot())
    return button


def tool_button(text: str, tip: str, slot: Callable[[], object] = lambda: None) -> QToolButton:
    """The same with the look of a tool."""
    button = flat_button(text, tip, slot)
    button.setProperty("tool", True)
    return button


def choice_list(
    name: str, options: Iterable[tuple[str, str]] = (), slot: Callable[[], object] | None = None, *, tip: str = ""
) -> QComboBox:
    """A list of options: what is stored, and what is shown for it. slot: is called after a change."""
    box = narrow_combo()
    for value, text in options:
        box.addItem(text, value)
    box.setAccessibleName(name)
    box.setToolTip(tip or name)
    if slot is not None:
        box.currentIndexChanged.connect(lambda _row: slot())
    return box


def progress_bar(name: str, tip: str) -> QProgressBar:
    """Without a text: a line beside it says how far it is."""
    bar = QProgressBar()
    bar.setTextVisible(False)
    bar.setAccessibleName(name)
    bar.setToolTip(tip)
    return bar


def log_pane(height: int) -> QPlainTextEdit:
    """For a log's last lines. height: pixels at most."""
    pane = QPlainTextEdit()
    pane.setReadOnly(True)
    pane.setAccessibleName("The log's last lines")
    pane.setToolTip("The log's last lines")
    pane.setMaximumHeight(height)
    return pane


def question_box(parent: QWidget, title: str, text: str, consequence: str) -> QMessageBox:
    """A question to which buttons are to be added; names in it are shown as they are."""
    box = QMessageBox(QMessageBox.Icon.Question, title, text, parent=parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(consequence)
    return box


def open_folder(folder: Path) -> None:
    """In the system's own program for folders."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
