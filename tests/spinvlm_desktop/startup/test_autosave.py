"""What the user has chosen is on the disk within seconds, however the program ends."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from spinvlm_desktop.settings.app_settings import AppSettings
from spinvlm_desktop.settings.settings_store import SettingsStore

USER = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QPushButton
from spinvlm_desktop.startup.app import run_app
from spinvlm_desktop.startup.main_window import MainWindow

def choose(window):
    window.load_model(Path(sys.argv[1]))
    (compare,) = [b for b in window.findChildren(QPushButton) if b.accessibleName() == "SPIN compare"]
    compare.click()

MainWindow.load_chosen_model = choose  # what the program does once its window is shown
run_app([Path(sys.argv[2])])
"""


def test_a_killed_program_has_kept_spin_model_and_recent_photos(tiny_model: Path, beach_photo: Path, own_home: Path) -> None:
    store = SettingsStore(own_home / "config" / "settings.json")
    wanted = ("compare", str(tiny_model), (str(beach_photo),))

    def kept() -> tuple[object, ...]:
        settings = store.load()[0] if store.path.exists() else AppSettings()
        return settings.spin_mode, settings.model, settings.recent_images

    command = [sys.executable, "-c", USER, str(tiny_model), str(beach_photo)]
    with subprocess.Popen(command, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}) as program:
        try:
            deadline = time.monotonic() + 90
            while kept() != wanted and time.monotonic() < deadline:
                assert program.poll() is None, "the program ended"
                time.sleep(0.1)
        finally:
            program.kill()
    assert kept() == wanted
