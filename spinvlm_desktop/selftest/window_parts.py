"""The window's parts: Qt's platform plugin, the drawing of icons, and the plots."""

from __future__ import annotations

import os
import sys
from importlib import import_module

from spinvlm_desktop.selftest.part_result import Test, require_that
from spinvlm_desktop.startup.display_check import display_complaint

WINDOW_MODULES = (
    "spinvlm_desktop.startup.main_window", "spinvlm_desktop.train.run.run_view", "spinvlm_desktop.train.curves.loss_compare",
    "spinvlm_desktop.classes.classes_dialog",
)


def window_parts() -> dict[str, Test]:
    """In this order: those after the first need the application that it makes."""
    return {"platform": _platform_loads, "icons": _icons_are_drawn, "plots": _plots_are_there}


def _platform_loads() -> str:
    """Where Qt can't load its plugin, it ends the process: this is why the parts run in processes of their own."""
    complaint = display_complaint(sys.platform, os.environ)
    if complaint is not None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtWidgets import QApplication

    application = QApplication([sys.argv[0]])
    require_that(QApplication.instance() is application, "Qt made no application.")
    screens = QGuiApplication.screens()
    require_that(bool(screens), "Qt sees no screen.")
    size = screens[0].size()
    without = "; there is no display here, so no window was tried" if complaint is not None else ""
    return f"{QGuiApplication.platformName()}, a screen of {size.width()} x {size.height()}{without}"


def _icons_are_drawn() -> str:
    """Qt's own reader for SVG, which the window's icon and the theme's arrows need."""
    from importlib import resources

    from PySide6.QtGui import QPixmap

    drawn = QPixmap()
    drawn.loadFromData(resources.files("resources").joinpath("icons", "spinvlm.svg").read_bytes())
    require_that(not drawn.isNull(), "Qt can't draw the program's icon.")
    return f"{drawn.width()} x {drawn.height()} pixels"


def _plots_are_there() -> str:
    """The library that draws loss curves and maps, and the program's own window with everything in it."""
    from spinvlm_desktop.attention.colour_map import colour_of

    for name in WINDOW_MODULES:
        import_module(name)
    require_that(colour_of(0.0) != colour_of(1.0), "The colour map of the attention is missing.")
    return "the window's modules load, the colour map is there"
