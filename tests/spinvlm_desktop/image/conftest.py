"""The pane that shows a photo."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from spinvlm_desktop.image.image_pane import ImagePane


@pytest.fixture
def pane(qtbot: QtBot) -> ImagePane:
    pane = ImagePane()
    qtbot.addWidget(pane)
    pane.resize(500, 500)
    pane.show()
    return pane
