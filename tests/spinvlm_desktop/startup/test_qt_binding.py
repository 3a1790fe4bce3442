"""What the program relies on in the binding to Qt."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

CALLS = 500


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None isn't counted there")
def test_a_call_without_a_result_takes_no_reference_to_none_away(qtbot: QtBot) -> None:
    """PySide6 6.12.0 does: the process is ended by Python when the last one is gone, after minutes of a window's life."""
    label = QLabel()
    qtbot.addWidget(label)
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        label.setText("something")
    assert abs(sys.getrefcount(None) - before) < CALLS / 10
