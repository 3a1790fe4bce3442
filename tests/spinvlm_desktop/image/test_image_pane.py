from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent, QImage, QNativeGestureEvent, QPointingDevice
from PySide6.QtWidgets import QApplication, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from core.errors import ImageError
from core.photo_layout import PlaceGrid
from spinvlm_desktop.image import photo_reader
from spinvlm_desktop.image.image_pane import ImagePane
from spinvlm_desktop.image.mime_images import read_mime
from spinvlm_desktop.image.opened_image import OpenedImage, Source, open_image
from spinvlm_desktop.image.start_photos import sample_photos
from spinvlm_desktop.image.thumbnail_strip import NAME_ROLE, ThumbnailStrip
from spinvlm_desktop.widgets.elided_label import ElidedLabel
from tests.spinvlm_desktop.driving import named

TIMEOUT = 60_000


@pytest.fixture
def pane(qtbot: QtBot) -> ImagePane:
    pane = ImagePane()
    qtbot.addWidget(pane)
    pane.resize(500, 500)
    pane.show()
    return pane


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
    assert isinstance(data, QImage)
    assert open_image(data).pixels.size() == data.size()
    for refused in (urls("https://example.org/a.jpg"), urls("ftp://example.org/a.jpg")):
        with pytest.raises(ImageError, match="no network calls"):
            read_mime(refused)
    several = QMimeData()
    several.setText(f'"{path}"\n{path.as_uri()}\n')
    assert read_mime(several) == [path, path]
    for words in ("~nobody-of-this-name", f"{path}\nand more", "relative.png"):
        text.setText(words)
        with pytest.raises(ImageError, match="no photo"):
            read_mime(text)
    browser = urls("https://example.org/a.jpg")
    browser.setImageData(QImage(3, 3, QImage.Format.Format_RGB32))
    assert isinstance(read_mime(browser)[0], QImage)
    browser.setUrls([QUrl.fromLocalFile(str(path))])
    assert read_mime(browser) == [path]
    nothing = QMimeData()
    nothing.setText("hello\nworld")
    with pytest.raises(ImageError, match="no photo"):
        read_mime(nothing)


def strip_of(pane: ImagePane) -> ThumbnailStrip:
    return named(pane, ThumbnailStrip, "Photos dropped together")


def read(strip: ThumbnailStrip) -> list[bool]:
    """Of each photo whether its thumbnail is there."""
    return [not strip.item(row).icon().isNull() for row in range(strip.count())]


def name_on_show(pane: ImagePane) -> str:
    return pane.findChildren(ElidedLabel)[0].text()


def test_several_photos_queue_and_a_bad_one_keeps_the_photo(pane: ImagePane, photos: Path, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "bad.png").write_bytes(b"bad")
    sources: list[Path | bytes] = [*sorted(photos.iterdir()), tmp_path / "bad.png"]
    first, strip = show(pane, qtbot, *sources), strip_of(pane)
    assert strip.isVisible()
    assert first.source == sources[0]
    qtbot.waitUntil(lambda: read(strip)[:2] == [True, True])
    with qtbot.waitSignal(pane.reader.ended, timeout=TIMEOUT):
        strip.chosen.emit(2)
    assert pane.current() is first
    assert "bad.png" in pane.error()
    pane.dismiss_error()
    assert pane.error() == ""
    strip.chosen.emit(2)
    with qtbot.waitSignal(pane.image_chosen, timeout=TIMEOUT):
        strip.chosen.emit(1)
    assert pane.current() is not first
    assert pane.error() == ""


def test_keys_show_the_photos_of_the_queue(pane: ImagePane, photos: Path, qtbot: QtBot) -> None:
    sources: list[Path | bytes] = [*sorted(photos.iterdir()), (photos / "grey.png").read_bytes()]
    strip, first = strip_of(pane), show(pane, qtbot, *sources)
    with qtbot.waitSignal(pane.image_chosen, timeout=TIMEOUT):
        qtbot.keyClick(strip, Qt.Key.Key_Right)
    assert strip.currentRow() == 1
    shown = pane.current()
    assert shown is not None
    assert shown is not first
    assert shown.source == sources[1]
    with qtbot.assertNotEmitted(pane.image_chosen):
        qtbot.keyClick(strip, Qt.Key.Key_Return)  # It is on show already: opening it again would clear the chat.
        qtbot.keyClick(strip, Qt.Key.Key_Delete)
    assert strip.count() == 2
    assert strip.source(1) == sources[2]
    assert pane.current() is shown
    qtbot.keyClick(strip, Qt.Key.Key_Delete)
    assert not strip.isVisible()
    assert strip.count() == 0


def marked(pane: ImagePane) -> int:
    """Row of the photo that is marked in the queue."""
    strip = strip_of(pane)
    spoken = [strip.item(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(strip.count())]
    (row,) = [row for row, text in enumerate(spoken) if text.endswith(", on show")]
    assert strip.currentRow() == row
    return row


def test_the_mark_stays_with_the_photo_on_show(pane: ImagePane, photos: Path, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "bad.png").write_bytes(b"bad")
    sources: list[Path | bytes] = [*sorted(photos.iterdir()), tmp_path / "bad.png"]
    strip = strip_of(pane)
    show(pane, qtbot, *sources)
    strip.setCurrentRow(1)
    with qtbot.waitSignal(pane.reader.ended, timeout=TIMEOUT):
        qtbot.keyClick(strip, Qt.Key.Key_Right)
    assert "bad.png" in pane.error()
    assert marked(pane) == 0


def test_a_refused_drop_leaves_the_queue_as_it_was(pane: ImagePane, photos: Path, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "bad.png").write_bytes(b"bad")
    (tmp_path / "worse.png").write_bytes(b"worse")
    strip = strip_of(pane)
    sources = sorted(photos.iterdir())
    first = show(pane, qtbot, *sources)
    with qtbot.waitSignals([pane.reader.ended] * 2, timeout=TIMEOUT):
        pane.open_sources([tmp_path / "bad.png", tmp_path / "worse.png"])
    qtbot.waitUntil(lambda: "bad.png" in pane.error())
    assert pane.current() is first
    assert [strip.source(row) for row in range(strip.count())] == sources
    assert marked(pane) == 0


def test_of_several_the_first_that_is_a_photo_opens(pane: ImagePane, photos: Path, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "bad.png").write_bytes(b"bad")
    with qtbot.waitSignal(pane.image_opened, timeout=TIMEOUT):
        pane.open_sources([tmp_path / "bad.png", *sorted(photos.iterdir())])
    assert marked(pane) == 1
    assert "bad.png" in pane.error()


def test_folders_and_conversations_are_passed_on(pane: ImagePane, photos: Path, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "talk.json").write_text("{}")
    with qtbot.waitSignals([pane.folder_dropped, pane.conversation_dropped, pane.image_opened], timeout=TIMEOUT):
        pane.open_sources([photos, tmp_path / "talk.json", photos / "grey.png"])
    assert pane.error() == ""
    shown = pane.current()
    assert shown is not None
    assert shown.name == "grey.png"


def test_thumbnails_that_were_not_read_yet_can_go(pane: ImagePane, photos: Path, qtbot: QtBot) -> None:
    strip = strip_of(pane)
    show(pane, qtbot, *sorted(photos.iterdir()) * 2)
    assert not all(read(strip))
    strip.remove(0)
    qtbot.waitUntil(lambda: read(strip) == [True] * 3)
    names = [path.name for path in (sorted(photos.iterdir()) * 2)[1:]]
    assert [strip.item(row).data(NAME_ROLE) for row in range(3)] == names
    show(pane, qtbot, *sorted(photos.iterdir()) * 2)
    show(pane, qtbot, photos / "grey.png")
    assert not strip.isVisible()
    qtbot.wait(30)
    assert strip.count() == 0


def test_recent_photos_are_those_that_exist_newest_first(pane: ImagePane, photos: Path, qtbot: QtBot) -> None:
    grey, red = sorted(photos.iterdir())
    pane.set_recent([photos / "gone.png", red])
    with qtbot.waitSignal(pane.recent_changed) as changed:
        pane.open_path(grey)
    assert changed.args == [[grey, red]]
    show(pane, qtbot, red)
    assert pane.recent() == [red, grey]
    show(pane, qtbot, grey.read_bytes())  # A pasted photo is no file to come back to.
    assert pane.recent() == [red, grey]


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


def test_a_dropped_photo_opens_and_a_refused_drop_says_why(pane: ImagePane, photos: Path, qtbot: QtBot) -> None:
    def drop(mime: QMimeData) -> None:
        pane.dropEvent(QDropEvent(
            QPointF(9, 9), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier))

    with qtbot.waitSignal(pane.taken, timeout=TIMEOUT):
        drop(urls((photos / "grey.png").as_uri()))
    opened = pane.current()
    assert opened is not None
    assert opened.name == "grey.png"
    drop(urls("https://example.org/a.jpg"))
    assert "no network calls" in pane.error()
    assert pane.current() is opened


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


class SlowPhoto:
    """Stands before a large photo: reading it takes until `go_on` is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go_on = threading.Event()
        monkeypatch.setattr(photo_reader, "open_image", self._open)

    def _open(self, source: Source) -> OpenedImage:
        if isinstance(source, Path) and source.name == "slow.png":
            assert self.go_on.wait(20)
        return open_image(source)


def test_the_photo_before_stays_while_another_is_read(
    pane: ImagePane, photos: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, slow = show(pane, qtbot, photos / "grey.png"), SlowPhoto(monkeypatch)
    Image.new("RGB", (30, 30)).save(tmp_path / "slow.png")
    pane.open_path(tmp_path / "slow.png")
    qtbot.waitUntil(lambda: "Opening slow.png" in name_on_show(pane))
    assert pane.reader.reading()
    assert pane.current() is before
    with qtbot.waitSignal(pane.image_opened, timeout=TIMEOUT):
        slow.go_on.set()
    assert name_on_show(pane) == "slow.png"
    assert not pane.reader.reading()


def test_of_two_photos_the_later_one_is_shown_however_long_the_other_takes(
    pane: ImagePane, photos: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = SlowPhoto(monkeypatch)
    Image.new("RGB", (30, 30)).save(tmp_path / "slow.png")
    pane.open_path(tmp_path / "slow.png")
    later = show(pane, qtbot, photos / "grey.png")
    with qtbot.assertNotEmitted(pane.reader.ended, wait=100):
        slow.go_on.set()
    assert pane.current() is later
    assert pane.recent() == [photos / "grey.png"]


def test_an_empty_pane_offers_samples_which_are_not_remembered(pane: ImagePane, photos: Path, qtbot: QtBot) -> None:
    def offered() -> list[str]:
        names = [button.accessibleName() for button in pane.findChildren(QToolButton) if button.isVisible()]
        return [name.removeprefix("Open ") for name in names if name.endswith((".jpg", ".png"))]

    pane.resize(700, 500)
    qtbot.waitUntil(lambda: offered() == [path.name for path in sample_photos()])
    assert len(sample_photos()) == 3
    pane.set_recent([photos / "grey.png"])
    qtbot.waitUntil(lambda: offered() == [*(path.name for path in sample_photos()), "grey.png"])
    with qtbot.waitSignal(pane.image_opened, timeout=TIMEOUT):
        named(pane, QToolButton, f"Open {sample_photos()[1].name}").click()
    assert pane.recent() == [photos / "grey.png"]
    assert offered() == []


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
