"""The chat tab's layout: conversations, photo above attention, chat."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSplitter, QVBoxLayout, QWidget

from spinvlm_desktop.attention.attention_panel import AttentionPanel
from spinvlm_desktop.chat.changed_note import ChangedNote
from spinvlm_desktop.chat.chat_panel import ChatPanel
from spinvlm_desktop.chat.spin_bar import SpinBar
from spinvlm_desktop.history.sidebar import HistorySidebar
from spinvlm_desktop.image.image_pane import ImagePane


class ChatTab(QWidget):
    """Holds the widgets of the tab; what they do together, the conversation decides."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sidebar = HistorySidebar()
        self.image = ImagePane()
        self.attention = AttentionPanel()
        self.chat = ChatPanel()
        self.spin_bar = SpinBar()
        self.changed = ChangedNote()
        self.chat.field.take_elsewhere = self.image.take_photo
        self.setAcceptDrops(True)
        paste = QShortcut(QKeySequence(QKeySequence.StandardKey.Paste), self)
        paste.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        paste.activated.connect(self.image.paste)

        attention = QScrollArea()
        attention.setWidgetResizable(True)
        attention.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        attention.setWidget(self.attention)

        self.looking = QSplitter(Qt.Orientation.Vertical)
        self.looking.addWidget(self.image)
        self.looking.addWidget(attention)
        self.looking.setStretchFactor(0, 3)
        self.looking.setStretchFactor(1, 2)
        self.looking.setChildrenCollapsible(False)
        self.looking.setSizes([345, 375])
        attention.setMinimumHeight(120)

        talking = QWidget()
        column = QVBoxLayout(talking)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.spin_bar)
        column.addWidget(self.changed)
        column.addWidget(self.chat, 1)

        self.columns = QSplitter(Qt.Orientation.Horizontal)
        for widget, stretch in ((self.sidebar, 0), (self.looking, 2), (talking, 3)):
            self.columns.addWidget(widget)
            self.columns.setStretchFactor(self.columns.count() - 1, stretch)
        self.columns.setHandleWidth(10)
        self.columns.setSizes([210, 490, 560])
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.addWidget(self.columns)

        for before, after in ((self.sidebar, self.image), (self.image, self.attention), (self.attention, self.spin_bar),
                              (self.spin_bar, self.chat)):
            QWidget.setTabOrder(before, after)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A photo may be dropped anywhere."""
        self.image.dragEnterEvent(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.image.dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self.image.dropEvent(event)
