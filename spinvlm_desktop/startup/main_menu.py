"""The window's menus, each with the shortcuts of its actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from spinvlm_desktop.batch.batch_control import BatchControl
from spinvlm_desktop.chat.chat_tab import ChatTab
from spinvlm_desktop.chat.conversation import Conversation
from spinvlm_desktop.chat.export_dialogs import ExportDialogs
from spinvlm_desktop.models.model_control import ModelControl
from spinvlm_desktop.startup.help_actions import HelpActions
from spinvlm_desktop.worker.answer_service import AnswerService

Shortcut = QKeySequence.StandardKey | str | None
Key = QKeySequence.StandardKey


class MenuWindow(Protocol):
    """What the actions work on."""

    tab: ChatTab
    service: AnswerService
    conversation: Conversation
    exports: ExportDialogs
    models: ModelControl
    batch: BatchControl
    help: HelpActions

    def menuBar(self) -> QMenuBar: ...
    def close(self) -> bool: ...
    def open_settings(self) -> None: ...
    def import_conversation(self) -> None: ...


def make_menus(window: MenuWindow) -> None:
    """Fill the window's menu bar; all that the actions work on must be there."""
    bar, tab, exports = window.menuBar(), window.tab, window.exports
    file = bar.addMenu("&File")
    _add(file, "&Open photo…", tab.image.choose_file, Key.Open)
    _add(file, "&Paste photo", tab.image.paste, "Ctrl+Shift+V")
    _add(file, "&Ask about a folder of photos…", window.batch.show, "Ctrl+B")
    file.addSeparator()
    kinds = file.addMenu("&Export this conversation")
    _add(kinds, "As a p&icture…", lambda: exports.export_shown("picture"), "Ctrl+E")
    _add(kinds, "As &Markdown…", lambda: exports.export_shown("markdown"))
    _add(kinds, "As &JSON, with all attention…", lambda: exports.export_shown("json"))
    _add(file, "I&mport a conversation…", window.import_conversation)
    file.addSeparator()
    _add(file, "&Settings…", window.open_settings, "Ctrl+,")
    _add(file, "&Quit", window.close, Key.Quit)
    chat = bar.addMenu("&Chat")
    _add(chat, "&New chat", window.conversation.start_new, Key.New)
    stop = _add(chat, "&Stop", window.service.stop, "Esc")
    stop.setEnabled(False)
    window.conversation.busy_changed.connect(stop.setEnabled)
    chat.addSeparator()
    _add(chat, "&Previous word", lambda: tab.attention.step(-1), "Alt+Left")
    _add(chat, "Ne&xt word", lambda: tab.attention.step(1), "Alt+Right")
    view = bar.addMenu("&View")
    view.addAction(tab.look_inside)
    view.addAction(tab.conversations_shown)
    bar.addMenu(window.models.menu)
    help_menu, help_actions = bar.addMenu("&Help"), window.help
    _add(help_menu, "&What you see", help_actions.explain, Key.HelpContents)
    _add(help_menu, "Copy &diagnostics", help_actions.copy_diagnostics)
    _add(help_menu, "Open the &log's folder", help_actions.open_log_folder)
    _add(help_menu, "&About SpinVLM", help_actions.show_about)


def _add(menu: QMenu, text: str, slot: Callable[[], object], shortcut: Shortcut = None) -> QAction:
    action = menu.addAction(text)
    if shortcut is not None:
        action.setShortcut(QKeySequence(shortcut))
    action.triggered.connect(lambda _checked=False: slot())
    return action
