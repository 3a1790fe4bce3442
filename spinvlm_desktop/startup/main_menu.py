"""The window's menus, each with the shortcuts of its actions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from spinvlm_desktop.batch.batch_control import BatchControl
from spinvlm_desktop.captioning.captioning_control import CaptioningControl
from spinvlm_desktop.chat.chat_tab import ChatTab
from spinvlm_desktop.chat.conversation import Conversation
from spinvlm_desktop.chat.export_dialogs import ExportDialogs
from spinvlm_desktop.classes.classes_control import ClassesControl
from spinvlm_desktop.image.image_view import ZOOM_STEP
from spinvlm_desktop.models.model_control import ModelControl
from spinvlm_desktop.settings.app_settings import AppSettings
from spinvlm_desktop.startup.edit_menu import EditMenu
from spinvlm_desktop.startup.help.help_actions import HelpActions
from spinvlm_desktop.teach.teach_control import TeachControl
from spinvlm_desktop.widgets.theme import ThemeName
from spinvlm_desktop.worker.answer_service import AnswerService

THEMES: tuple[tuple[ThemeName, str], ...] = (("system", "As the &system"), ("light", "&Light"), ("dark", "&Dark"))
Shortcut = QKeySequence.StandardKey | str | None
Key = QKeySequence.StandardKey
TEACH = "&Teach…"


class MenuWindow(Protocol):
    """What the actions work on."""

    tab: ChatTab
    service: AnswerService
    conversation: Conversation
    exports: ExportDialogs
    models: ModelControl
    batch: BatchControl
    captioning: CaptioningControl
    help: HelpActions
    teach: TeachControl
    classes: ClassesControl

    @property
    def settings(self) -> AppSettings: ...

    def set_theme(self, theme: ThemeName) -> None: ...
    def menuBar(self) -> QMenuBar: ...
    def close(self) -> bool: ...
    def open_settings(self) -> None: ...
    def import_conversation(self) -> None: ...


def make_menus(window: MenuWindow) -> None:
    """Fill the window's menu bar; all that the actions work on must be there."""
    bar, tab, exports = window.menuBar(), window.tab, window.exports
    file = bar.addMenu("&File")
    _add(file, "&Open photo…", tab.image.choose_file, Key.Open)
    _add(file, "&Ask about a folder of photos…", window.batch.show, "Ctrl+B")
    _add(file, "&Caption a folder of photos…", window.captioning.choose)
    file.addSeparator()
    kinds = file.addMenu("&Export this conversation")
    picture = _add(kinds, "This answer as a p&icture…", lambda: exports.export_shown("picture"), "Ctrl+E")
    _add(kinds, "All of it as a pi&cture…", lambda: exports.export_shown("whole-picture"), "Ctrl+Shift+E")
    _add(kinds, "As &Markdown, with the photo beside it…", lambda: exports.export_shown("markdown"))
    _add(kinds, "As Markdown, with the &photo inside…", lambda: exports.export_shown("markdown-embedded"))
    _add(kinds, "As &JSON, with all attention…", lambda: exports.export_shown("json"))
    _add(file, "I&mport a conversation…", window.import_conversation)
    file.addSeparator()
    _add(file, "&Settings…", window.open_settings, "Ctrl+,")
    _add(file, "&Quit", window.close, Key.Quit)
    EditMenu(bar.addMenu("&Edit"), tab)
    whole = _fill_view(bar.addMenu("&View"), window)
    tab.image.view.addActions([tab.look_inside, picture, whole])
    tab.image.view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
    chat = bar.addMenu("&Chat")
    _add(chat, "&New chat", window.conversation.start_new, Key.New)
    stop = _add(chat, "&Stop", window.service.stop, "Esc")
    stop.setEnabled(False)
    window.conversation.busy_changed.connect(stop.setEnabled)
    chat.addSeparator()
    _add(chat, "&Previous word", lambda: tab.attention.step(-1), "Alt+Left")
    _add(chat, "Ne&xt word", lambda: tab.attention.step(1), "Alt+Right")
    chat.addSeparator()
    _add(chat, "&Corrections…", window.teach.open_dialog)
    teach = _add(chat, TEACH, lambda: window.teach.open_teaching())
    chat.aboutToShow.connect(lambda: teach.setText(_counted(window.teach.count())))
    _add(chat, "C&lasses as a question…", window.classes.show)
    bar.addMenu(window.models.menu)
    help_menu, help_actions = bar.addMenu("&Help"), window.help
    _add(help_menu, "A short &tour", help_actions.show_tour)
    _add(help_menu, "&What you see", help_actions.explain, Key.HelpContents)
    _add(help_menu, "&Keyboard shortcuts", help_actions.show_shortcuts, "Ctrl+F1")
    _add(help_menu, "Copy &diagnostics", help_actions.copy_diagnostics)
    _add(help_menu, "Open the &log's folder", help_actions.open_log_folder)
    _add(help_menu, "&About SpinVLM", help_actions.show_about)


def _fill_view(view: QMenu, window: MenuWindow) -> QAction:
    """Returns what shows the whole photo."""
    tab, photo = window.tab, window.tab.image.view
    view.addAction(tab.look_inside)
    view.addAction(tab.conversations_shown)
    view.addSeparator()
    _add(view, "Zoom &in", lambda: photo.zoom(ZOOM_STEP), Key.ZoomIn)
    _add(view, "Zoom &out", lambda: photo.zoom(1 / ZOOM_STEP), Key.ZoomOut)
    whole = _add(view, "&Fit photo", photo.reset_zoom, "Ctrl+0")
    whole.setEnabled(False)
    photo.zoomed_changed.connect(whole.setEnabled)
    view.addSeparator()
    themes, group = view.addMenu("C&olours"), QActionGroup(view)
    for theme, text in THEMES:
        action = _add(themes, text, partial(window.set_theme, theme))
        action.setCheckable(True)
        group.addAction(action)
        themes.aboutToShow.connect(lambda action=action, theme=theme: action.setChecked(window.settings.theme == theme))
    return whole


def _counted(corrections: int) -> str:
    """What teaching is called while there are so many to teach."""
    return f"&Teach ({corrections:,} correction{'s' * (corrections != 1)})…" if corrections else TEACH


def _add(menu: QMenu, text: str, slot: Callable[[], object], shortcut: Shortcut = None) -> QAction:
    action = menu.addAction(text)
    if shortcut is not None:
        action.setShortcut(QKeySequence(shortcut))
    action.triggered.connect(lambda _checked=False: slot())
    return action
