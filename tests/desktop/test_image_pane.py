from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from core.errors import ImageError
from spinvlm_desktop.image.image_pane import ImagePane
from spinvlm_desktop.image.mime_images import read_mime
from spinvlm_desktop.image.opened_image import open_image


@pytest.fixture
def pane(qtbot: QtBot) -> ImagePane:
    pane = ImagePane()
    qtbot.addWidget(pane)
    pane.resize(500, 500)
    pane.show()
    return pane


def urls(*addresses: str) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl(address) for address in addresses])
    return mime


def test_a_photo_is_shown_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    Image.new("RGB", (80, 40)).save(tmp_path / "turned.jpg", exif=exif)
    assert open_image(tmp_path / "turned.jpg").pixels.size().toTuple() == (40, 80)


def test_what_can_be_dropped(photos: Path) -> None:
    path = next(photos.glob("*.jpg"))
    assert read_mime(urls(path.as_uri())) == [path]
    text = QMimeData()
    text.setText(str(path))
    assert read_mime(text) == [path]
    picture = QMimeData()
    picture.setImageData(QImage(3, 3, QImage.Format.Format_RGB32))
    (data,) = read_mime(picture)
    assert isinstance(data, bytes)
    for refused in (urls("https://example.org/a.jpg"), urls("ftp://example.org/a.jpg")):
        with pytest.raises(ImageError, match="no network calls"):
            read_mime(refused)
    nothing = QMimeData()
    nothing.setText("hello\nworld")
    with pytest.raises(ImageError, match="no photo"):
        read_mime(nothing)


def test_several_photos_queue_and_a_bad_one_keeps_the_photo(pane: ImagePane, photos: Path, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "bad.png").write_bytes(b"bad")
    sources: list[Path | bytes] = [*sorted(photos.iterdir()), tmp_path / "bad.png"]
    with qtbot.waitSignal(pane.image_opened):
        pane.open_sources(sources)
    assert pane._strip.isVisible()
    first = pane.current()
    assert first is not None
    assert first.source == sources[0]
    pane._strip.setCurrentRow(2)
    assert pane.current() is first
    assert "bad.png" in pane.error()
    pane._strip.setCurrentRow(1)
    assert pane.current() is not first
    assert pane.error() == ""


def test_a_click_tells_the_patch_at_every_zoom(pane: ImagePane, photos: Path, qtbot: QtBot) -> None:
    pane.open_path(photos / "grey.png")
    view = pane.view
    for _ in range(2):
        rect = view.picture_rect()
        place = rect.topLeft() + (rect.bottomRight() - rect.topLeft()) * (7.5 / 14)
        with qtbot.waitSignal(pane.patch_clicked) as clicked:
            qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(round(place.x()), round(place.y())))
        assert clicked.args == [7, 7]
        view.zoom(2.0)
    assert view.picture_rect().width() > view.width()
    view.reset_zoom()
    assert view.picture_rect().width() <= view.width()


def test_the_map_covers_exactly_the_photo(pane: ImagePane, photos: Path) -> None:
    pane.open_path(photos / "grey.png")
    heat = QImage(2, 2, QImage.Format.Format_RGBA8888)
    heat.fill(QColor(0, 0, 0))
    heat.setPixelColor(1, 0, QColor(255, 0, 0))
    pane.set_heat_map(heat, opacity=1.0, smooth=False)
    picture = pane.render_picture()
    size = picture.size()
    assert picture.pixelColor(size.width() - 1, 0) == QColor(255, 0, 0)
    assert picture.pixelColor(size.width() // 2, size.height() // 2 - 1) == QColor(255, 0, 0)
    assert picture.pixelColor(size.width() // 2 - 1, 0) == QColor(0, 0, 0)
    assert picture.pixelColor(size.width() - 1, size.height() // 2) == QColor(0, 0, 0)
