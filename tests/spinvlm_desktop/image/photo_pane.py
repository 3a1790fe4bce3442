"""What a user does with the pane, and what is seen in it."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QUrl
from pytestqt.qtbot import QtBot

from spinvlm_desktop.image.image_pane import ImagePane
from spinvlm_desktop.image.opened_image import OpenedImage, Source
from spinvlm_desktop.image.thumbnail_strip import ThumbnailStrip
from spinvlm_desktop.widgets.elided_label import ElidedLabel
from tests.spinvlm_desktop.driving import TIMEOUT, named


def show(pane: ImagePane, qtbot: QtBot, *sources: Source) -> OpenedImage:
    """Open photos as a user does; the one that is on show then."""
    with qtbot.waitSignal(pane.reader.ended, timeout=TIMEOUT):
        pane.open_sources(sources)
    shown = pane.current()
    assert shown is not None
    return shown


def urls(*addresses: str) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl(address) for address in addresses])
    return mime


def name_on_show(pane: ImagePane) -> str:
    return pane.findChildren(ElidedLabel)[0].text()


def strip_of(pane: ImagePane) -> ThumbnailStrip:
    return named(pane, ThumbnailStrip, "Photos dropped together")
