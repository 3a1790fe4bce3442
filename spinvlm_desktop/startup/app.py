"""Starts the window: one instance, log, settings, theme, and then the model in the background."""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from spinvlm_desktop.startup.display_check import display_complaint
from spinvlm_desktop.startup.torch_library import load_before_qt

NO_DISPLAY = 2
"""Exit code."""
LIBRARIES = ("numpy", "PIL.JpegImagePlugin", "psutil", "filelock")
"""That the window is made with, besides Qt."""


def run_app(photos: Sequence[Path]) -> int:
    """Show the window with these photos until it is closed. Returns the exit code where there can be no window; else
    the process ends here."""
    complaint = display_complaint(sys.platform, os.environ)
    if complaint:
        sys.stderr.write(complaint + "\n")
        return NO_DISPLAY
    # Read when torch is imported: threads that wait busily for work make the window stutter.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    code = _run(photos)
    # All files are closed by now. Taking torch down piece by piece takes seconds, and a model's thread that is in the
    # middle of torch's import can't be interrupted otherwise.
    logging.shutdown()
    os._exit(code)


def _load_libraries() -> None:
    """In a thread of their own: Qt gets ready meanwhile, for the most part without Python's lock, and the window is there a
    tenth of a second sooner."""
    for name in LIBRARIES:
        import_module(name)


def _run(photos: Sequence[Path]) -> int:
    gc.disable()  # what is imported stays, and looking for garbage in it takes a tenth of the start; WindowThreadGarbage does it
    load_before_qt(sys.platform)
    threading.Thread(target=_load_libraries, name="libraries", daemon=True).start()

    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from spinvlm_desktop import __version__
    from spinvlm_desktop.settings.app_settings import AppSettings
    from spinvlm_desktop.settings.settings_store import SettingsStore
    from spinvlm_desktop.startup.opened_files import OpenedFiles
    from spinvlm_desktop.startup.program_icon import program_icon
    from spinvlm_desktop.startup.single_instance import SingleInstance
    from spinvlm_desktop.system import paths
    from spinvlm_desktop.system.log_file import start_log
    from spinvlm_desktop.widgets.theme import apply_colours_and_font, apply_style_sheet, apply_theme

    application = QApplication([sys.argv[0]])
    application.setApplicationName("SpinVLM")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("spinvlm")
    application.setWindowIcon(program_icon())
    opened = OpenedFiles(application)
    instance = SingleInstance(paths.data_folder())
    if instance.hand_over(photos):
        return 0
    instance.listen()
    log_path = start_log()
    store = SettingsStore(paths.config_folder() / "settings.json")
    settings, notice = store.load()

    def dress(settings: AppSettings) -> None:
        apply_theme(application, settings.theme, font_size=settings.font_size)

    apply_colours_and_font(application, settings.theme, font_size=settings.font_size)

    from spinvlm_desktop.startup.main_window import MainWindow

    window = MainWindow(settings, store, log_path=log_path)
    apply_style_sheet(application, settings.theme, font_size=settings.font_size)
    window.appearance_changed.connect(dress)
    application.styleHints().colorSchemeChanged.connect(lambda: dress(window.settings))
    instance.photos_handed.connect(window.open_photos)
    opened.photos_opened.connect(window.open_photos)
    window.show()
    if notice:
        window.show_notice(notice)
    window.open_photos(photos)
    # The model waits for the first frame: importing torch holds Python's lock for long moments.
    QTimer.singleShot(50, window.load_chosen_model)
    code = application.exec()
    instance.close()
    return code
