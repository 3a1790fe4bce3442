"""Captioning a folder as a user does: by keys, to the photos that the Train tab shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from spinvlm_desktop.startup.main_window import MainWindow
from tests.spinvlm_desktop.captioning.captioning_by_keys import PHOTOS, describe, opened, shown, text_of
from tests.spinvlm_desktop.driving import TIMEOUT
from training.data.captions import load_captions
from training.data.entities import read_boxes, read_entities


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
