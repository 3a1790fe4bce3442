"""Several photos that were opened together."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from spinvlm_desktop.image.image_pane import ImagePane
from spinvlm_desktop.image.thumbnail_strip import NAME_ROLE, ThumbnailStrip
from tests.spinvlm_desktop.driving import TIMEOUT
from tests.spinvlm_desktop.image.photo_pane import show, strip_of


def read(strip: ThumbnailStrip) -> list[bool]:
    """Of each photo whether its thumbnail is there."""
    return [not strip.item(row).icon().isNull() for row in range(strip.count())]


def marked(pane: ImagePane) -> int:
    """Row of the photo that is marked in the queue."""
    strip = strip_of(pane)
    spoken = [strip.item(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(strip.count())]
    (row,) = [row for row, text in enumerate(spoken) if text.endswith(", on show")]
    assert strip.currentRow() == row
    return row


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
