from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pytestqt.qtbot import QtBot

from spinvlm_desktop.startup.display_check import display_complaint
from spinvlm_desktop.startup.single_instance import SingleInstance

SECOND_START = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from spinvlm_desktop.startup.single_instance import SingleInstance
application = QCoreApplication([])
sys.exit(not SingleInstance(Path(sys.argv[1])).hand_over([Path(name) for name in sys.argv[2:]]))
"""


def test_a_second_start_hands_its_photos_over(tmp_path: Path, qtbot: QtBot) -> None:
    first = SingleInstance(tmp_path)
    assert first.listen()
    photo = tmp_path / "ein Bild ü.png"
    with (
        qtbot.waitSignal(first.photos_handed, timeout=20_000) as handed,
        subprocess.Popen([sys.executable, "-c", SECOND_START, str(tmp_path), str(photo)]) as second,
    ):
        pass
    assert handed.args == [[photo]]
    assert second.returncode == 0
    first.close()


def test_the_first_start_finds_nobody(tmp_path: Path, qtbot: QtBot) -> None:
    assert not SingleInstance(tmp_path).hand_over([])


def test_a_display_is_asked_for_before_qt_is() -> None:
    complaint = display_complaint("linux", {})
    assert complaint is not None
    assert "run.py ask" in complaint
    assert display_complaint("linux", {"DISPLAY": ":0"}) is None
    assert display_complaint("linux", {"WAYLAND_DISPLAY": "wayland-0"}) is None
    assert display_complaint("linux", {"QT_QPA_PLATFORM": "offscreen"}) is None
    assert display_complaint("darwin", {}) is None
