"""What the Help menu does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QMainWindow

from spinvlm_desktop.models.model_control import ModelControl
from spinvlm_desktop.system.log_file import diagnostics


class HelpActions:
    """Dialogs have the window as parent, and are imported when they are first wanted."""

    def __init__(
        self, window: QMainWindow, models: ModelControl, *, log_path: Path | None, show_notice: Callable[[str], None]
    ) -> None:
        self._window, self._models, self._log_path, self._show_notice = window, models, log_path, show_notice
        self._menus = window.menuBar()

    def explain(self, topic: str = "") -> None:
        """The window's words, beside it. topic: a heading of theirs; the beginning where it is empty."""
        from spinvlm_desktop.startup.help.glossary_dialog import ExplainedDialog

        dialog = next(iter(self._window.findChildren(ExplainedDialog)), None) or ExplainedDialog(self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()
        if topic:
            dialog.show_topic(topic)
        dialog.raise_()

    def show_tour(self) -> None:
        """What can be done here, in a few pictures."""
        from spinvlm_desktop.startup.help.tour_dialog import TourDialog

        dialog = TourDialog(self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def show_shortcuts(self) -> None:
        """Every key of the menus and of the parts of the window."""
        from spinvlm_desktop.startup.help.shortcuts_dialog import ShortcutsDialog

        dialog = ShortcutsDialog(self._menus, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def copy_diagnostics(self) -> None:
        """What a report of a problem needs, on the clipboard."""
        model = self._models.in_use
        QApplication.clipboard().setText(
            diagnostics(Model="none" if model is None else model.name, Device="none" if model is None else model.device)
        )
        self._show_notice("Diagnostics are on the clipboard.")

    def open_log_folder(self) -> None:
        """In the system's own program for folders."""
        if self._log_path is None:
            self._show_notice("There is no log: its folder can't be written.")
        else:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._log_path.parent)))

    def show_about(self) -> None:
        """Version, licences and components of the program."""
        from spinvlm_desktop.startup.help.about_dialog import AboutDialog

        dialog = AboutDialog(self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
