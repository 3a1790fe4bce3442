"""The chat tab's layout: conversations, the photo with what looks inside below it, the chat beside or below."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QEvent, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QHBoxLayout, QToolButton, QWidget

from spinvlm_desktop.chat.finer_switch import FinerSwitch, PhotoSwitches
from spinvlm_desktop.chat.inside.inspector import Inspector
from spinvlm_desktop.chat.inside.look_switch import LookSwitch
from spinvlm_desktop.chat.panel.chat_panel import ChatPanel
from spinvlm_desktop.history.listing.sidebar import HistorySidebar
from spinvlm_desktop.image.image_pane import ImagePane
from spinvlm_desktop.widgets.drawn_icon import drawn_icon, sidebar
from spinvlm_desktop.widgets.splitter import ResettingSplitter
from spinvlm_desktop.widgets.theme import colours

NARROW = 900
"""Pixels of the tab's width below which the chat goes below the photo."""
SIDEBAR_LINES, SIDEBAR_SHARE = 13, 0.2
CHAT_LINES, CHAT_SHARE = 25, 0.45
INSPECTOR_LINES, INSPECTOR_SHARE = 19, 0.56
"""How large each is by itself: so many heights of a line, and at most this part of the room."""
PHOTO_SHARE = 0.55
"""Of the height, where the chat is below the photo."""
Beside, Below = Qt.Orientation.Horizontal, Qt.Orientation.Vertical


class ChatTab(QWidget):
    """Holds the widgets of the tab; what they do together, the conversation decides."""

    dismissed = Signal()
    """Esc, or a click where nothing is to be clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sidebar = HistorySidebar()
        self.image = ImagePane()
        self.inspector = Inspector()
        self.attention, self.spin_bar = self.inspector.attention, self.inspector.spin_bar
        self.changed = self.inspector.changed
        self.chat = ChatPanel()
        self.chat.setMinimumWidth(240)
        self.chat.field.take_elsewhere = self.image.take_photo
        self.setAcceptDrops(True)
        self._make_actions()
        self.attention.ablation_changed.connect(lambda _heads: self._show_changes())
        self.spin_bar.choice_changed.connect(self._show_changes)
        self.spin_bar.shown_changed.connect(self._show_changes)
        self.chat.chip.clicked.connect(lambda _checked=False: self._put_back())

        self._rows = ResettingSplitter(Below, self._photo_and_inspector)
        self._rows.addWidget(self.image)
        self._rows.addWidget(self.inspector)
        self._rows.setStretchFactor(0, 1)
        self._sides = ResettingSplitter(Beside, self._photo_and_chat)
        self._sides.addWidget(self._rows)
        self._sides.addWidget(self.chat)
        self._sides.setStretchFactor(0, 1)
        self._other_way: dict[Qt.Orientation, QByteArray] = {}
        """Dividers of the photo and the chat, for the orientation that isn't in use."""
        self.columns = ResettingSplitter(Beside, self._sidebar_and_rest)
        self.columns.addWidget(self.sidebar)
        self.columns.addWidget(self._sides)
        self.columns.setStretchFactor(1, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.addWidget(self.columns)
        for before, after in ((self.sidebar, self.image), (self.image, self.inspector), (self.inspector, self.chat)):
            QWidget.setTabOrder(before, after)
        self._show_looking()

    def _make_actions(self) -> None:
        self.look_inside = QAction("&Look inside", self, checkable=True)
        self.look_inside.setShortcut(QKeySequence("Ctrl+I"))
        self.look_inside.toggled.connect(lambda _on: self._show_looking())
        self.image.photo_shown.connect(self._show_looking)
        self.finer = FinerSwitch()
        self.image.view.overlays.set_corner(PhotoSwitches(self.finer, LookSwitch(self.look_inside)))
        self.image.view.photo_clicked.connect(self.dismissed)
        self.conversations_shown = QAction("&Conversations", self, checkable=True, checked=True)
        self.conversations_shown.setShortcut(QKeySequence("F9"))
        self.conversations_shown.toggled.connect(self.sidebar.setVisible)
        self._sidebar_button = QToolButton()
        self._sidebar_button.setCheckable(True)
        self._sidebar_button.setChecked(True)
        self._sidebar_button.setProperty("flat", True)
        self._sidebar_button.setAccessibleName("Conversations")
        self._sidebar_button.setToolTip("Show or hide the conversations (F9)")
        self._sidebar_button.clicked.connect(lambda _checked=False: self.conversations_shown.trigger())
        self.conversations_shown.toggled.connect(self._sidebar_button.setChecked)
        self.image.add_first_tool(self._sidebar_button)
        self._draw_icons()

    def _draw_icons(self) -> None:
        side = self.fontMetrics().height()
        self._sidebar_button.setIconSize(QSize(side, side))
        self._sidebar_button.setIcon(drawn_icon(sidebar, QColor(colours().text), side=side))

    def _show_looking(self) -> None:
        """While nobody looks inside, what can't be seen changes no answer."""
        looking, focused = self.look_inside.isChecked(), QApplication.focusWidget()
        if not looking and focused is not None and self.inspector.isAncestorOf(focused):  # pyright: ignore[reportUnnecessaryComparison]
            self.chat.field.setFocus()
        self.inspector.setVisible(looking and self.image.current() is not None)
        if not self._rows.is_dragged:
            self._rows.reset()
        self.spin_bar.follow_measured(not looking)
        self.image.view.set_choosing_patches(looking)
        self.chat.set_looking(looking)
        self._show_changes()

    def _show_changes(self) -> None:
        looking = self.look_inside.isChecked()
        heads = len(self.attention.ablated()) if looking else 0
        self.chat.chip.show_changes(heads_off=heads, spin_changed=looking and self.spin_bar.is_changed())

    def _put_back(self) -> None:
        self.attention.set_ablated(frozenset())
        self.spin_bar.reset()
        self.chat.field.setFocus()

    # -- dividers

    def dividers(self) -> dict[str, QByteArray]:
        """Where the user has dragged them to, by name, for the next start."""
        states = self._other_way | ({self._sides.orientation(): self._sides.saveState()} if self._sides.is_dragged else {})
        return {
            **{name: splitter.saveState() for name, splitter in self._splitters() if splitter.is_dragged},
            **{name: states[way] for name, way in (("beside", Beside), ("below", Below)) if way in states},
        }

    def _splitters(self) -> tuple[tuple[str, ResettingSplitter], ...]:
        return ("conversations", self.columns), ("inspector", self._rows)

    def restore_dividers(self, states: dict[str, QByteArray]) -> None:
        """As `dividers` had them; those that are missing stay."""
        for name, splitter in self._splitters():
            if name in states:
                splitter.restoreState(states[name])
        self._other_way = {way: states[name] for name, way in (("beside", Beside), ("below", Below)) if name in states}
        way = self._sides.orientation()
        if way in self._other_way:
            self._sides.restoreState(self._other_way[way])

    def _first_and_last(self, size: int, lines: int, share: float) -> tuple[int, int]:
        """Pixels of two parts, the last of which is as large as its text needs."""
        last = min(lines * self.fontMetrics().height(), round(share * size))
        return size - last, last

    def _sidebar_and_rest(self, width: int) -> tuple[int, int]:
        rest, sidebar = self._first_and_last(width, SIDEBAR_LINES, SIDEBAR_SHARE)
        return sidebar, rest

    def _photo_and_chat(self, width: int) -> tuple[int, int]:
        return self._first_and_last(width, CHAT_LINES, CHAT_SHARE)

    def _photo_and_inspector(self, height: int) -> tuple[int, int]:
        return self._first_and_last(height, INSPECTOR_LINES, INSPECTOR_SHARE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        way = Below if event.size().width() < NARROW else Beside
        before = self._sides.orientation()
        if way != before:
            if self._sides.is_dragged:
                self._other_way[before] = self._sides.saveState()
            self._sides.setOrientation(way)
            self._sides.set_usual(_photo_above_chat if way == Below else self._photo_and_chat)
            if way not in self._other_way or not self._sides.restoreState(self._other_way[way]):
                self._sides.reset()

    # -- what no widget took

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismissed.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.dismissed.emit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._draw_icons()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A photo may be dropped anywhere."""
        self.image.dragEnterEvent(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.image.dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self.image.dropEvent(event)


def _photo_above_chat(height: int) -> tuple[int, int]:
    photo = round(PHOTO_SHARE * height)
    return photo, height - photo
