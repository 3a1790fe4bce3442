"""What can be opened, from where, and what is on show until it is read."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from core.errors import ImageError
from spinvlm_desktop.image import photo_reader
from spinvlm_desktop.image.image_pane import ImagePane
from spinvlm_desktop.image.mime_images import read_mime
from spinvlm_desktop.image.opened_image import OpenedImage, Source, open_image
from spinvlm_desktop.image.start_photos import sample_photos
from tests.spinvlm_desktop.driving import TIMEOUT, named
from tests.spinvlm_desktop.image.photo_pane import name_on_show, show, urls


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


def test_folders_and_conversations_are_passed_on(pane: ImagePane, photos: Path, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "talk.json").write_text("{}")
    with qtbot.waitSignals([pane.folder_dropped, pane.conversation_dropped, pane.image_opened], timeout=TIMEOUT):
        pane.open_sources([photos, tmp_path / "talk.json", photos / "grey.png"])
    assert pane.error() == ""
    shown = pane.current()
    assert shown is not None
    assert shown.name == "grey.png"


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
