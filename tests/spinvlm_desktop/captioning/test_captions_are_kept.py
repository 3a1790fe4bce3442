"""What was said of photos is kept: over a restart, elsewhere, and whatever goes wrong on the disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from spinvlm_desktop.captioning.captioning_window import CaptioningWindow
from spinvlm_desktop.captioning.notes.notes_store import NotesStore
from spinvlm_desktop.captioning.photo_pages import ANOTHER
from spinvlm_desktop.system import paths
from tests.spinvlm_desktop.captioning.captioning_by_keys import PHOTOS, describe, drafts, said, shown, text_of
from tests.spinvlm_desktop.driving import TIMEOUT, visible_text
from training.data.photo_notes.collection_text import CAPTIONS_FILE, read_captions


def test_what_was_typed_and_said_is_there_after_a_restart(open_captioning: Callable[[], CaptioningWindow], qtbot: QtBot) -> None:
    window = open_captioning()
    window.caption.together.setChecked(False)  # else photos that look alike are done together, once that is known
    described = describe(window, qtbot, "A man")
    typed_on = shown(window, qtbot)
    qtbot.keyClicks(window.caption.field, "A boat with")
    qtbot.waitUntil(lambda: drafts(window).get(typed_on) == "A boat with" and described in said(window), timeout=TIMEOUT)
    window = open_captioning()
    assert window.photo == typed_on, "what was being typed comes first"
    assert text_of(window) == "A boat with"
    assert "1 of 4 done" in window.progress.words()


def test_the_captions_are_kept_where_the_user_wants_them(
    open_captioning: Callable[[], CaptioningWindow], qtbot: QtBot, folder: Path
) -> None:
    window = open_captioning()
    window.caption.together.setChecked(False)
    first = describe(window, qtbot, "A man")
    qtbot.waitUntil(lambda: first in said(window), timeout=TIMEOUT)
    home = window.store.folder
    window.files.place.beside.trigger()
    qtbot.waitUntil(lambda: f"kept in {folder}" in visible_text(window), timeout=TIMEOUT)
    second = describe(window, qtbot, "A boat")
    qtbot.waitUntil(lambda: set(read_captions(folder / CAPTIONS_FILE)) == {first, second}, timeout=TIMEOUT)
    assert not (home / CAPTIONS_FILE).exists()
    control = window.parent().captioning  # pyright: ignore
    window.reject()
    (folder / "collection.json").unlink()
    with qtbot.waitSignal(control.refused, timeout=TIMEOUT) as refused:
        control.open(folder)
    assert refused.args is not None
    assert "isn't there now" in refused.args[0]
    box = next(box for box in control.parent().findChildren(QMessageBox) if box.isVisible())
    begin = next(button for button in box.buttons() if button.text() == "Begin without it")
    with qtbot.waitSignal(control.opened, timeout=TIMEOUT):
        begin.click()
    assert control.window.store.folder == home
    assert control.window.desk.done == 0


def test_what_can_not_be_written_stays_in_the_window_until_it_can(
    open_captioning: Callable[[], CaptioningWindow], qtbot: QtBot
) -> None:
    window = open_captioning()
    gone = window.store.folder.rename(window.store.folder.with_name("away"))
    described = describe(window, qtbot, "A man")
    qtbot.waitUntil(lambda: "can't be written" in visible_text(window), timeout=TIMEOUT)
    window.reject()
    assert window.isVisible()
    assert window.desk.record(described).is_done
    gone.rename(window.store.folder)
    window.saver.note_change()
    qtbot.waitUntil(lambda: described in said(window), timeout=TIMEOUT)


def test_a_second_program_is_refused(open_captioning: Callable[[], CaptioningWindow], qtbot: QtBot, folder: Path) -> None:
    window = open_captioning()
    control = window.parent().captioning  # pyright: ignore
    other = NotesStore(paths.captioning_folder(), folder)
    window.reject()
    other.open()
    with qtbot.waitSignal(control.refused, timeout=TIMEOUT) as refused:
        control.open(folder)
    assert refused.args is not None
    assert "another window" in refused.args[0]
    other.close()


def test_a_folder_that_vanishes_is_one_sentence_and_nothing_is_lost(
    open_captioning: Callable[[], CaptioningWindow], qtbot: QtBot, folder: Path
) -> None:
    window = open_captioning()
    described = describe(window, qtbot, "A man")
    shown(window, qtbot)
    pages = window.pages
    qtbot.waitUntil(lambda: all(pages.loader.get(name) is not None for name in pages.trail.ahead()), timeout=TIMEOUT)
    for name in PHOTOS:
        pages.loader.forget(name)
    moved = folder.rename(folder.with_name("unplugged"))
    window.pages.go_to("d.jpg")
    qtbot.waitUntil(lambda: "is gone" in visible_text(window), timeout=TIMEOUT)
    qtbot.keyClick(window.caption.field, Qt.Key.Key_Return)
    assert not window.desk.record("d.jpg").is_done, "what can't be seen isn't described"
    qtbot.waitUntil(lambda: described in said(window), timeout=TIMEOUT)
    moved.rename(folder)
    qtbot.keyClick(window.caption.field, Qt.Key.Key_PageUp)
    window.pages.go_to("d.jpg")
    qtbot.waitUntil(lambda: "is gone" not in visible_text(window), timeout=TIMEOUT)


def test_a_photo_that_was_replaced_is_asked_about_again(
    open_captioning: Callable[[], CaptioningWindow], qtbot: QtBot, folder: Path
) -> None:
    window = open_captioning()
    window.caption.together.setChecked(False)
    first = describe(window, qtbot, "A man")
    Image.new("RGB", (50, 40), "green").save(folder / first)
    window = open_captioning()
    assert window.photo == first
    assert ANOTHER in visible_text(window)
    assert text_of(window) == "A man", "what was said stays until something else is"
    describe(window, qtbot, "Green")
    window.pages.go_to(first)
    shown(window, qtbot)
    assert ANOTHER not in visible_text(window)
