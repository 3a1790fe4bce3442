"""Per cent of what runs in the background, on its tab and on the program's entry in the taskbar or dock."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QTabWidget, QWidget

from spinvlm_desktop.jobs.job import percent


class ProgressBadges:
    """A tab is called as before as soon as nothing runs in it."""

    def __init__(self, tabs: QTabWidget) -> None:
        self._tabs = tabs
        self._titles = {tabs.widget(row): tabs.tabText(row) for row in range(tabs.count())}
        self._parts: dict[QWidget, float] = {}

    def show_progress(self, tab: QWidget, part: float | None) -> None:
        """part: from 0 to 1; None where nothing runs."""
        if part is None:
            self._parts.pop(tab, None)
        else:
            self._parts[tab] = part
        badge = "" if part is None else f"  {percent(part)}"
        title = f"{self._titles[tab]}{badge}"
        if self._tabs.tabText(self._tabs.indexOf(tab)) != title:
            self._tabs.setTabText(self._tabs.indexOf(tab), title)
            # Where the system has such a badge; 0 takes it away.
            application = QGuiApplication.instance()
            if isinstance(application, QGuiApplication):
                application.setBadgeNumber(int(100 * max(self._parts.values(), default=0.0)))
