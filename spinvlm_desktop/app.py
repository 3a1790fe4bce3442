"""Starts the window: one instance, theme, and then the model in the background."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from spinvlm_desktop.display_check import display_complaint

NO_DISPLAY = 2
"""Exit code."""
FONT_SIZE = 10
"""Points."""


def run_app(photos: Sequence[Path]) -> int:
    """Show the window with these photos until it is closed. Returns the exit code."""
    complaint = display_complaint(sys.platform, os.environ)
    if complaint:
        sys.stderr.write(complaint + "\n")
        return NO_DISPLAY
    # Read when torch is imported: threads that wait busily for work make the window stutter.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    code, in_time = _run(photos)
    if not in_time:
        # The model's thread is inside torch's import, which nothing can interrupt; no file is open by now.
        logging.shutdown()
        os._exit(code)
    return code


def _run(photos: Sequence[Path]) -> tuple[int, bool]:
    """Exit code, and whether the model's thread ended in time."""
    from platformdirs import user_data_path
    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QIcon, QPixmap
    from PySide6.QtWidgets import QApplication

    from spinvlm_desktop import __version__
    from spinvlm_desktop.single_instance import SingleInstance

    application = QApplication([sys.argv[0]])
    application.setApplicationName("SpinVLM")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("spinvlm")
    instance = SingleInstance(user_data_path("SpinVLM", appauthor=False))
    if instance.hand_over(photos):
        return 0, True
    instance.listen()

    from spinvlm_desktop.main_window import MainWindow
    from spinvlm_desktop.theme import apply_theme

    icon = QPixmap()
    icon.loadFromData(resources.files("resources").joinpath("icons", "spinvlm.svg").read_bytes())
    application.setWindowIcon(QIcon(icon))
    apply_theme(application, "system", font_size=FONT_SIZE)
    application.styleHints().colorSchemeChanged.connect(lambda: apply_theme(application, "system", font_size=FONT_SIZE))
    window = MainWindow()
    instance.photos_handed.connect(window.open_photos)
    window.show()
    window.open_photos(photos)
    # The model waits for the first frame: importing torch holds Python's lock for long moments.
    QTimer.singleShot(50, lambda: window.load_model(None))
    code = application.exec()
    instance.close()
    return code, window.ended_in_time
