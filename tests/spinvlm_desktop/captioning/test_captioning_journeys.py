"""Captioning a folder as a user does: by keys, to the photos that the Train tab shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from spinvlm_desktop.captioning.captioning_window import CaptioningWindow
from spinvlm_desktop.captioning.notes.notes_store import PHOTOS_FILE, NotesStore
from spinvlm_desktop.captioning.photo_pages import ANOTHER
from spinvlm_desktop.pictures.drawn_photos import draw_photo
from spinvlm_desktop.startup.main_window import MainWindow
from spinvlm_desktop.system import paths
from tests.spinvlm_desktop.driving import TIMEOUT, named, visible_text
from training.data.captions import load_captions
from training.data.entities import read_boxes, read_entities
from training.data.json_lines import read_json_lines
from training.data.photo_notes.collection_text import CAPTIONS_FILE, read_captions

PHOTOS = ("a.jpg", "b.jpg", "c.jpg", "d.jpg")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four photos of which two are the same but for their size, and no captions."""
    folder = tmp_path / "holiday"
    folder.mkdir()
    draw_photo(folder / "a.jpg")
    draw_photo(folder / "b.jpg", shirt="blue", dog=False, mirrored=True)
    with Image.open(folder / "a.jpg") as photo:
        photo.resize((300, 225)).save(folder / "c.jpg")
    Image.linear_gradient("L").convert("RGB").save(folder / "d.jpg")
    return folder


@pytest.fixture
def open_captioning(
    open_window: Callable[[], MainWindow], qtbot: QtBot, folder: Path
) -> Iterator[Callable[[], CaptioningWindow]]:
    """Opens the folder, each time in a new start of the program; without a model."""
    windows: list[MainWindow] = []

    def make() -> CaptioningWindow:
        for window in windows:
            window.close()
        windows.append(open_window())
        return opened(windows[-1], qtbot, folder)

    yield make
    for window in windows:
        window.close()


def opened(window: MainWindow, qtbot: QtBot, folder: Path) -> CaptioningWindow:
    with qtbot.waitSignal(window.captioning.opened, timeout=TIMEOUT):
        window.captioning.open(folder)
    captioning = window.captioning.window
    assert captioning is not None
    if captioning.photo is not None:
        shown(captioning, qtbot)
    return captioning


def shown(window: CaptioningWindow, qtbot: QtBot) -> str:
    """Name of the photo, as soon as it is read."""
    name = window.photo
    assert name is not None
    qtbot.waitUntil(lambda: window.pages.loader.get(name) is not None, timeout=TIMEOUT)
    return name


def describe(window: CaptioningWindow, qtbot: QtBot, text: str) -> str:
    """Type what is on the photo, and press Enter; returns the photo."""
    name = shown(window, qtbot)
    field = window.caption.field
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    return name


def said(window: CaptioningWindow) -> dict[str, tuple[str, ...]]:
    """The descriptions that are on the disk."""
    path = window.store.folder / CAPTIONS_FILE
    return read_captions(path) if path.is_file() else {}


def drafts(window: CaptioningWindow) -> dict[str, str]:
    """What is being typed, as it is on the disk."""
    path = window.store.folder / PHOTOS_FILE
    return {values["image"]: values.get("draft", "") for _, values in read_json_lines(path)} if path.is_file() else {}


def text_of(window: CaptioningWindow) -> str:
    return window.caption.text()


def test_photos_are_described_by_keys_and_trained_on(
    open_window: Callable[[], MainWindow], qtbot: QtBot, folder: Path
) -> None:
    main = open_window()
    main.tabs.setCurrentWidget(main.training)
    setup = main.training.setup
    setup.set_folder(folder)
    qtbot.waitUntil(lambda: setup.data.caption.isVisibleTo(setup), timeout=TIMEOUT)
    assert "no captions yet" in setup.data.sentence()
    assert setup.data.problem() == "Caption these photos first.", "nothing is wrong with them"
    with qtbot.waitSignal(main.captioning.opened, timeout=TIMEOUT):
        setup.data.caption.click()
    window = main.captioning.window
    assert window is not None
    qtbot.waitUntil(lambda: "c.jpg" in window.desk.alike.like("a.jpg") and "d.jpg" in window.desk.names, timeout=TIMEOUT)
    first = describe(window, qtbot, "A man in a red shirt walks a dog")
    assert first == "a.jpg"
    second = shown(window, qtbot)
    assert second == "b.jpg"
    qtbot.keyClicks(window.questions.question, "Which shirt?")
    qtbot.keyClick(window.questions.question, Qt.Key.Key_Return)
    qtbot.keyClicks(window.questions.answer, "blue")
    qtbot.keyClick(window.questions.answer, Qt.Key.Key_Return)
    window.objects.begin_box()
    qtbot.keyClicks(window.objects.name, "man")
    qtbot.keyClick(window.objects.name, Qt.Key.Key_Return)
    qtbot.keyClick(window.view, Qt.Key.Key_Left)
    qtbot.keyClick(window.view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    describe(window, qtbot, "A man stands on the beach")
    assert shown(window, qtbot) == "d.jpg", "c.jpg looks like a.jpg and was described with it"
    qtbot.keyClick(window.caption.field, Qt.Key.Key_PageDown)
    assert window.photo is None
    assert "3 of 4 done, 1 skipped" in window.progress.words()
    with qtbot.waitSignal(main.captioning.training_wanted, timeout=TIMEOUT) as wanted:
        window.train_button.click()
    assert main.captioning.window is None, "it makes room for the tab"
    assert wanted.args is not None
    assert main.tabs.currentWidget() is main.training
    qtbot.waitUntil(lambda: setup.data.findings is not None, timeout=TIMEOUT)
    assert setup.data.problem() == ""
    dataset = load_captions(wanted.args[0])
    assert sorted((image.name.split("_")[1], image.captions, len(image.questions)) for image in dataset.images) == [
        ("a.jpg", ("A man in a red shirt walks a dog",), 0), ("b.jpg", ("A man stands on the beach",), 1),
        ("c.jpg", ("A man in a red shirt walks a dog",), 0),
    ]
    assert dataset.entities is not None
    marked = next(image for image in dataset.images if image.questions)
    assert marked.path.read_bytes() == (folder / "b.jpg").read_bytes()
    (phrase,) = [phrase for phrase in read_entities(dataset.entities, marked.name)[0].phrases if phrase.chain == "1"]
    assert phrase.words == ("a", "man")
    assert read_boxes(dataset.entities, marked.name)["1"][0] == pytest.approx((0.29, 0.3, 0.69, 0.71), abs=0.01)
    assert sorted(path.name for path in folder.iterdir()) == list(PHOTOS), "the photos' folder is as it was"


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


def test_steps_are_undone_done_again_and_turned_over(open_captioning: Callable[[], CaptioningWindow], qtbot: QtBot) -> None:
    window = open_captioning()
    window.caption.together.setChecked(False)
    first = describe(window, qtbot, "A man")
    second = describe(window, qtbot, "A boat")
    qtbot.keyClick(window.caption.field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert (window.photo, text_of(window), window.desk.done) == (second, "A boat", 1), "typed, but not taken"
    window.redo_button.click()
    assert (window.photo, text_of(window), window.desk.done) == (second, "A boat", 2)
    qtbot.keyClick(window.caption.field, Qt.Key.Key_PageUp)
    assert window.photo == first
    describe(window, qtbot, "A woman")
    assert window.desk.record(first).notes.captions == ("A woman",)
    qtbot.keyClick(window.caption.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    window.progress.search.setFocus()
    qtbot.keyClicks(window.progress.search, "woman")
    qtbot.keyClick(window.progress.search, Qt.Key.Key_Return)
    assert window.photo == first
    window.caption.field.moveCursor(window.caption.field.textCursor().MoveOperation.End)
    qtbot.keyClick(window.caption.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(window.caption.field, "She waves")
    shown(window, qtbot)
    qtbot.keyClick(window.caption.field, Qt.Key.Key_Return)
    assert window.desk.record(first).notes.captions == ("A woman", "She waves"), "a line each"


def test_behind_the_last_photo_one_turns_back_and_all_are_taught(
    open_window: Callable[[], MainWindow], qtbot: QtBot, folder: Path
) -> None:
    main = open_window()
    window = opened(main, qtbot, folder)
    window.caption.together.setChecked(False)
    last = [describe(window, qtbot, text) for text in ("A man", "A boat", "A dog", "A beach")][-1]
    assert window.photo is None
    focus = window.focusWidget()
    assert focus is window.teach_button, "and not a field that is disabled"
    qtbot.keyClick(focus, Qt.Key.Key_PageUp)
    assert (window.photo, text_of(window)) == (last, "A beach")
    window.reject()
    window = opened(main, qtbot, folder)
    assert window.photo is None, "all was said before"
    qtbot.keyClick(window, Qt.Key.Key_PageUp)
    assert (window.photo, text_of(window)) == (last, "A beach")
    window.teach_button.click()
    qtbot.waitUntil(lambda: main.teach.teach_dialog is not None, timeout=TIMEOUT)
    dialog = main.teach.teach_dialog
    assert dialog is not None
    assert main.captioning.window is None, "it makes room"
    assert dialog.teach.text() == "&Teach (4 photos)"
    with patch.object(main.teach.runner, "begin") as begin:
        dialog.teach.click()
    (data,), _model = begin.call_args.args
    assert sorted(len(image.captions) for image in load_captions(data).images) == [1, 1, 1, 1]
    dialog.close()


def test_the_model_describes_ahead_and_enter_takes_its_words(
    open_window: Callable[[], MainWindow], qtbot: QtBot, folder: Path, tiny_model: Path
) -> None:
    main = open_window()
    with qtbot.waitSignal(main.service.model_loaded, timeout=TIMEOUT):
        main.load_model(tiny_model)
    window = opened(main, qtbot, folder)
    qtbot.waitUntil(lambda: all(window.pages.describer.get(name) is not None for name in PHOTOS), timeout=TIMEOUT)
    name = shown(window, qtbot)
    words = text_of(window)
    assert words
    qtbot.keyClick(window.caption.field, Qt.Key.Key_Return)
    assert window.desk.record(name).notes.captions == (words,)
    assert text_of(window), "the next one's stands there at once"
    qtbot.keyClicks(window.caption.field, " and more")
    draft = window.desk.record(shown(window, qtbot)).draft
    assert draft.endswith(" and more")


def test_a_box_is_drawn_named_and_taken_out(open_captioning: Callable[[], CaptioningWindow], qtbot: QtBot) -> None:
    window = open_captioning()
    name = shown(window, qtbot)
    photo = window.view.picture_rect().toRect()
    begin, end = photo.topLeft() + QPoint(10, 10), photo.center()
    qtbot.mousePress(window.view, Qt.MouseButton.LeftButton, pos=begin)
    qtbot.mouseMove(window.view, end)
    qtbot.mouseRelease(window.view, Qt.MouseButton.LeftButton, pos=end)
    qtbot.keyClicks(window.objects.name, "sky")
    qtbot.keyClick(window.objects.name, Qt.Key.Key_Return)
    (thing,) = window.desk.record(name).notes.objects
    assert thing.name == "sky"
    assert thing.box is not None
    assert thing.box.right == pytest.approx(0.5, abs=0.02)
    assert "sky" in window.view.accessibleDescription()
    qtbot.mouseClick(window.view, Qt.MouseButton.LeftButton, pos=begin + QPoint(5, 5))
    qtbot.keyClick(window.view, Qt.Key.Key_Delete)
    assert window.desk.record(name).notes.objects == ()
    qtbot.keyClick(window.caption.field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.desk.record(name).notes.objects == (thing,)
    window.objects.begin_box()
    qtbot.keyClick(window.objects.name, Qt.Key.Key_Escape)
    assert window.isVisible()
    assert window.view.open_box is None


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


def test_everything_is_reached_by_keys_and_has_a_name(open_captioning: Callable[[], CaptioningWindow], qtbot: QtBot) -> None:
    window = open_captioning()
    for key, wanted in (
        (Qt.Key.Key_2, named(window, QLineEdit, "Your own question")), (Qt.Key.Key_3, window.objects.name),
        (Qt.Key.Key_F, window.progress.search), (Qt.Key.Key_1, window.caption.field),
    ):
        window.activateWindow()
        focus = window.focusWidget()
        assert focus is not None
        qtbot.keyClick(focus, key, Qt.KeyboardModifier.ControlModifier)
        assert window.focusWidget() is wanted
    reached = [
        widget for widget in window.findChildren(QWidget)
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    nameless = [
        widget for widget in reached
        if not widget.accessibleName() and not (isinstance(widget, QPushButton) and widget.text()) and not hasattr(widget, "text")
    ]
    assert nameless == []
    assert named(window, QLabel, "How far it is").text()
