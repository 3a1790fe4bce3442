"""What can be done with the chosen entries of a list, by its menu and by keys."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QListWidget


def add_list_action(entries: QListWidget, text: str, key: Qt.Key | None, slot: Callable[[], None]) -> None:
    """key: does it while the list has the focus."""
    action = QAction(text, entries)
    if key is not None:
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
    action.triggered.connect(lambda _checked=False: slot())
    entries.addAction(action)
