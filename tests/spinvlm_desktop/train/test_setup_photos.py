"""The page of a new run: the folder of photos to learn from."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from spinvlm_desktop.captioned_data.pair_cards import PairCards
from spinvlm_desktop.train.setup.setup_view import SetupView, few_photos
from tests.spinvlm_desktop.train.runs import TIMEOUT
from training.data.data_findings import PreviewPhoto


def test_start_is_off_beside_its_reason(setup: SetupView, qtbot: QtBot, tmp_path: Path) -> None:
    assert not setup.start_button.isEnabled()
    assert "Choose a folder" in setup.why.text()
    with qtbot.waitSignal(setup.data.checked, timeout=TIMEOUT):
        setup.set_folder(tmp_path)
    assert not setup.start_button.isEnabled()
    assert "can't be used" in setup.why.text()


def test_a_folder_that_is_typed_is_taken_without_enter(setup: SetupView, qtbot: QtBot, tmp_path: Path) -> None:
    field = setup.data.field
    qtbot.keyClicks(field, str(tmp_path)[:-3])
    with qtbot.waitSignal(setup.data.checked, timeout=TIMEOUT):
        qtbot.keyClicks(field, str(tmp_path)[-3:])
    assert field.text() == str(tmp_path)
    assert "There is no folder" not in setup.data.sentence(), "what was half typed isn't complained about"
    (tmp_path / "more").mkdir()
    with qtbot.waitSignal(setup.data.checked, timeout=TIMEOUT):
        qtbot.keyClicks(field, "/more/")
    assert field.text() == f"{tmp_path}/more/", "the last stroke stays for whoever goes on typing"


def test_a_dropped_folder_is_looked_over_wherever_it_falls(qtbot: QtBot, setup: SetupView, tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    drop = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    with qtbot.waitSignal(setup.data.checked, timeout=TIMEOUT):
        setup.dropEvent(drop)
    assert setup.data.field.text() == str(tmp_path)
    assert not setup.data.field.acceptDrops(), "it would take an address over as text"
    assert setup.data.sentence(), "there are no captions in it"


def test_a_folder_that_is_not_there_is_reported_and_another_is_forgotten(qtbot: QtBot, setup: SetupView, tmp_path: Path) -> None:
    with qtbot.waitSignal(setup.data.checked):
        setup.set_folder(tmp_path / "nowhere")
    assert "There is no folder" in setup.data.sentence()
    assert not setup.needs.measure.isEnabled()
    dialog = setup.data.show_help()
    for words in ("non-commercial", "Flickr8k_Dataset.zip", "captions.txt", "illinois.edu"):
        assert words in dialog.text.toMarkdown().replace("\n", " ")
    dialog.close()


def test_a_folder_with_something_wrong_says_what(qtbot: QtBot, captioned: Path, tmp_path: Path) -> None:
    (captioned / "Images" / "3.png").write_text("no photo")
    (captioned / "Images" / "4.png").unlink()
    setup = SetupView(tmp_path)
    qtbot.addWidget(setup)
    with qtbot.waitSignal(setup.data.checked, timeout=TIMEOUT):
        setup.set_folder(captioned)
    problems = " ".join(setup.data.summary.problems())
    assert "Missing images: 1" in problems
    assert "Broken images: 1" in problems
    assert setup.data.summary.place_of("3.png (isn't an image)") == captioned / "Images"
    with qtbot.waitSignal(setup.data.checked, timeout=TIMEOUT):
        setup.set_folder(tmp_path)
    assert setup.data.sentence()
    assert setup.data.findings is None
    setup.close_setup()


@pytest.mark.parametrize(("photos", "says"), [(12, "memorises"), (60, "your wording"), (999, "thousands"), (1000, "")])
def test_it_is_said_what_to_expect_of_few_photos(photos: int, says: str) -> None:
    sentence = few_photos(photos)
    assert says in sentence
    assert bool(sentence) == bool(says)


def test_the_wheel_scrolls_the_page_over_its_photos_too(qtbot: QtBot) -> None:
    cards = PairCards()
    qtbot.addWidget(cards)
    cards.resize(400, 300)
    cards.show_photos([PreviewPhoto("none.jpg", ("a dog",), (("Which animal is it?", "a dog"),))] * 6)
    cards.show()
    down, sideways = QPoint(0, -120), QPoint(-120, 0)
    for turned, taken in ((down, False), (sideways, True)):
        event = QWheelEvent(
            QPointF(9, 9), QPointF(9, 9), QPoint(), turned, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )
        QApplication.sendEvent(cards.viewport(), event)
        assert event.isAccepted() == taken
        assert (cards.horizontalScrollBar().value() > 0) == taken
