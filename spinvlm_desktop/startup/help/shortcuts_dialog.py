"""Help, Keyboard shortcuts: what the menus say of themselves, and the keys within the window's parts."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from spinvlm_desktop.widgets.reading_dialog import ReadingDialog

WITHIN = (
    ("Question", (("Enter", "Send"), ("Shift+Enter", "Break the line"), ("Up, in an empty field", "The last question again"))),
    ("Photo", (("+ and -", "Zoom"), ("0", "Fit photo"), ("Arrow keys", "Move a zoomed photo, or choose a place"))),
    ("Photos dropped together", (("Arrow keys", "Show the next one"), ("Delete", "Take it out of the row"))),
    ("Conversations", (("Enter", "Open"), ("F2", "Rename"), ("Delete", "Delete"), ("Ctrl+Z", "Bring it back"))),
    ("Heads", (("Arrow keys", "Go along the heads"), ("Enter", "Show a head's map"), ("Ctrl+click", "Switch a head off"))),
    ("Captioning photos", (
        ("Enter", "Take the description and go on"), ("Shift+Enter", "Another description of the same photo"),
        ("Page Down, Page Up", "Skip the photo, or go back"), ("Ctrl+1, Ctrl+2, Ctrl+3", "Description, questions, marked things"),
        ("Ctrl+B", "A new box"), ("Arrow keys, on a box", "Move it; with Shift resize it"), ("Ctrl+F", "Search"),
    )),
    ("Folder of photos", (("Enter", "Open a photo in the chat"), ("F2", "Correct its answer"))),
)


class ShortcutsDialog(ReadingDialog):
    """Stays open beside the window."""

    def __init__(self, menus: QMenuBar, parent: QWidget | None = None) -> None:
        super().__init__("Keyboard shortcuts", name="Keyboard shortcuts", parent=parent)
        self.resize(520, 620)
        found = [(_plain(menu.title()), tuple(_keys(menu))) for menu in _menus(menus)]
        self.text.setHtml("".join(_table(title, keys) for title, keys in (*found, *WITHIN) if keys))


def _menus(bar: QMenuBar) -> Iterator[QMenu]:
    for action in bar.actions():
        menu = action.menu()
        if isinstance(menu, QMenu):
            yield menu


def _keys(menu: QMenu) -> Iterator[tuple[str, str]]:
    """Keys and what they do, of a menu and of those within it."""
    for action in menu.actions():
        inner = action.menu()
        if isinstance(inner, QMenu):
            yield from _keys(inner)
        elif not action.shortcut().isEmpty():
            yield action.shortcut().toString(QKeySequence.SequenceFormat.NativeText), _plain(action.text())


def _plain(text: str) -> str:
    return text.replace("&", "").removesuffix("…")


def _table(title: str, keys: tuple[tuple[str, str], ...]) -> str:
    rows = "".join(
        f'<tr><td width="40%" style="padding-right:24px"><b>{escape(key)}</b></td><td>{escape(does)}</td></tr>'
        for key, does in keys
    )
    return f'<h3>{escape(title)}</h3><table width="100%" cellpadding="2">{rows}</table>'
