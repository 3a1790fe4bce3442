"""The photo on show: zoom, patches, the map over it, and its picture for exports."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QNativeGestureEvent, QPointingDevice
from PySide6.QtWidgets import QApplication, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from core.photo_layout import PlaceGrid
from spinvlm_desktop.image.image_pane import ImagePane
from tests.spinvlm_desktop.image.photo_pane import show


def test_a_click_gives_the_patch_at_every_zoom(pane: ImagePane, photos: Path, qtbot: QtBot) -> None:
    show(pane, qtbot, photos / "grey.png")
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


def test_arrow_keys_choose_a_patch_and_pan_when_zoomed(pane: ImagePane, photos: Path, qtbot: QtBot) -> None:
    pane.set_places(PlaceGrid.even(4, 4), ())
    show(pane, qtbot, photos / "grey.png")
    view, chosen = pane.view, []
    pane.patch_clicked.connect(lambda row, column: chosen.append((row, column)))
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Up):
        qtbot.keyClick(view, key)
    assert chosen == [(2, 2), (2, 3), (2, 3), (1, 3)]
    assert "row 2 of 4, column 4 of 4" in view.accessibleDescription()
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    before = view.picture_rect().x()
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert view.picture_rect().x() > before
    assert len(chosen) == 4


def test_a_pinch_zooms_where_the_fingers_are(pane: ImagePane, photos: Path, qtbot: QtBot) -> None:
    show(pane, qtbot, photos / "grey.png")
    at, before = QPointF(150, 150), pane.view.picture_rect()
    QApplication.sendEvent(pane.view, QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture, QPointingDevice.primaryPointingDevice(), 2, at, at, at, 0.5, QPointF()))
    after = pane.view.picture_rect()
    assert after.width() == pytest.approx(1.5 * before.width())
    assert (at.x() - after.x()) / after.width() == pytest.approx((at.x() - before.x()) / before.width())


def test_a_panned_photo_stays_in_sight_when_the_window_shrinks(pane: ImagePane, photos: Path, qtbot: QtBot) -> None:
    show(pane, qtbot, photos / "grey.png")
    pane.resize(1200, 1200)
    qtbot.waitUntil(lambda: pane.view.width() > 1000)
    pane.view.zoom(4.0, at=QPointF(0, 0))
    pane.resize(400, 400)
    qtbot.waitUntil(lambda: pane.view.width() < 500)
    assert pane.view.picture_rect().contains(pane.view.rect().toRectF())


def test_the_map_covers_exactly_the_photo(pane: ImagePane, photos: Path, qtbot: QtBot) -> None:
    show(pane, qtbot, photos / "grey.png")
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


def test_the_map_lies_on_the_photo_on_screen_too(pane: ImagePane, photos: Path, qtbot: QtBot) -> None:
    show(pane, qtbot, photos / "grey.png")
    heat = QImage(14, 14, QImage.Format.Format_RGBA8888)
    heat.fill(QColor(255, 0, 0))
    pane.set_heat_map(heat, opacity=1.0, smooth=False)
    view = pane.view
    shot, rect = view.grab().toImage(), view.picture_rect()
    ratio = view.devicePixelRatioF()
    red = [shot.pixelColor(x, y) == QColor(255, 0, 0) for x, y in (
        ((rect.left() + 2) * ratio, (rect.top() + 2) * ratio), ((rect.right() - 2) * ratio, (rect.bottom() - 2) * ratio),
        ((rect.left() - 3) * ratio, (rect.top() + 9) * ratio), ((rect.right() + 3) * ratio, (rect.bottom() - 9) * ratio))]
    assert red == [True, True, False, False]


def test_a_picture_to_export_has_the_photos_own_size(pane: ImagePane, tmp_path: Path, qtbot: QtBot) -> None:
    Image.new("RGB", (3000, 1500)).save(tmp_path / "wide.png")
    show(pane, qtbot, tmp_path / "wide.png")
    pane.view.zoom(3.0)
    assert pane.render_picture().size().toTuple() == (2048, 1024)


@pytest.mark.parametrize("width", [330, 900])
def test_a_caption_over_the_photo_is_whole_beside_the_switch(pane: ImagePane, photos: Path, qtbot: QtBot, width: int) -> None:
    switch = QToolButton()
    switch.setText("Look inside, once more")
    pane.view.overlays.set_corner(switch)
    pane.resize(width, 500)
    show(pane, qtbot, photos / "grey.png")
    pane.view.overlays.set_caption("Where the model looked for “beach”")
    caption = next(label for label in pane.view.findChildren(QLabel) if label.isVisible())
    assert caption.width() >= caption.sizeHint().width()
    assert not caption.geometry().intersects(switch.geometry())
    assert pane.view.rect().contains(caption.geometry())
