"""Classes sorted, learnt and looked at in the page, as a user does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from spinvlm_desktop.classes.class_bin import ClassBin
from spinvlm_desktop.classes.classes_dialog import ClassesDialog
from spinvlm_desktop.system import paths
from tests.spinvlm_desktop.driving import TIMEOUT, visible_text

COPY = Qt.DropAction.CopyAction


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Folders of red and of blue photos, eleven each."""
    for name, colour, start in (("red", (210, 40, 40), 0), ("blue", (40, 40, 210), 50)):
        (tmp_path / "sorted" / name).mkdir(parents=True)
        for number in range(11):
            noise = np.random.default_rng(start + number).integers(-40, 40, (6, 6, 3))
            image = Image.fromarray((np.array(colour) + noise).clip(0, 255).astype(np.uint8)).resize((60, 40))
            image.save(tmp_path / "sorted" / name / f"{number}.png")
    return tmp_path / "sorted"


@pytest.fixture
def dialog(qtbot: QtBot, own_home: Path, tiny_model: Path) -> Iterator[ClassesDialog]:
    dialog = ClassesDialog(paths.classes_folder(), model=lambda: tiny_model)
    qtbot.addWidget(dialog)
    dialog.show()
    yield dialog
    dialog.learning.cancel()


def drop(target: ClassBin, files: list[Path]) -> None:
    """As from a file manager."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in files])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    target.dragEnterEvent(QDragEnterEvent(QPoint(5, 5), COPY, data, left, none))
    target.dropEvent(QDropEvent(QPointF(5, 5), COPY, data, left, none))


def name_bin(shown: ClassBin, name: str) -> None:
    shown.field.setText(name)
    shown.field.editingFinished.emit()


def sort_by_hand(dialog: ClassesDialog, qtbot: QtBot, folder: Path) -> None:
    """Two bins named and filled: with a folder, and with photos."""
    name_bin(dialog.bins.bins[0], "red")
    name_bin(dialog.bins.bins[1], "blue")
    with qtbot.waitSignal(dialog.editor.changed, timeout=TIMEOUT):
        drop(dialog.bins.bins[0], [folder / "red"])
    with qtbot.waitSignal(dialog.editor.changed, timeout=TIMEOUT):
        drop(dialog.bins.bins[1], sorted((folder / "blue").iterdir()))


def type_question(dialog: ClassesDialog, question: str = "Which ball is it?") -> None:
    dialog.question.setText(question)
    dialog.question.editingFinished.emit()


def test_what_is_missing_is_said_until_it_can_be_learnt(dialog: ClassesDialog, qtbot: QtBot, folder: Path) -> None:
    assert "type the question" in dialog.state.text()
    type_question(dialog)
    assert "at least 3 photos" in dialog.state.text()
    assert not dialog.learn.isEnabled()
    sort_by_hand(dialog, qtbot, folder)
    assert dialog.learn.isEnabled()
    assert dialog.bins.bins[0].count.text() == "11 photos; 15 or more are better."
    with qtbot.waitSignal(dialog.editor.changed, timeout=TIMEOUT):
        drop(dialog.bins.bins[1], [folder / "red" / "3.png"])
    assert "3.png is in “red” and “blue”." in dialog.state.text()
    dialog.undo.click()
    assert dialog.editor.project.counts == {"red": 11, "blue": 11}


def test_classes_are_learnt_and_every_cell_shows_its_photos(dialog: ClassesDialog, qtbot: QtBot, folder: Path) -> None:
    type_question(dialog)
    sort_by_hand(dialog, qtbot, folder)
    with qtbot.waitSignal(dialog.learning.ended, timeout=TIMEOUT) as ended:
        dialog.learn.click()
        assert not any(part.isEnabled() for part in (dialog.bins, dialog.choice, dialog.forget, dialog.undo, dialog.new))
    assert ended.args is not None
    assert ended.args[1] == ""
    assert all(part.isEnabled() for part in (dialog.bins, dialog.choice, dialog.forget, dialog.undo, dialog.new))
    assert "of 22 photos that were held out" in dialog.results.figures.text()
    table, photos = dialog.results.confusion.table, dialog.results.confusion.photos
    counts = [[int(table.item(row, column).text() or 0) for column in range(2)] for row in range(2)]
    assert list(map(sum, counts)) == [11, 11]
    for row, name in enumerate(("red", "blue")):
        for column in range(2):
            table.setCurrentCell(row, column)
            assert photos.count() == counts[row][column]
            assert {path.parent.name for path in photos.photos()} <= {name}
    table.setCurrentCell(0, 0)
    with qtbot.waitSignal(dialog.photo_wanted) as opened:
        photos.setCurrentRow(0)
        photos.itemActivated.emit(photos.item(0))
    assert opened.args == [photos.photos()[0]]
    assert not dialog.results.changed.isVisible()
    dialog.editor.remove_photos("red", [folder / "red" / "0.png"])
    assert dialog.results.changed.isVisible(), "what was learnt is older than the classes"


def test_what_was_sorted_and_learnt_is_there_after_a_restart(
    dialog: ClassesDialog, qtbot: QtBot, folder: Path, tiny_model: Path
) -> None:
    type_question(dialog)
    with qtbot.waitSignal(dialog.editor.changed, timeout=TIMEOUT):
        dialog.files.import_folder(folder)
    assert dialog.editor.project.counts == {"blue": 11, "red": 11}
    again = ClassesDialog(paths.classes_folder(), model=lambda: tiny_model)
    qtbot.addWidget(again)
    assert again.editor.project == dialog.editor.project
    assert again.question.text() == "Which ball is it?"


def test_a_learning_can_be_cancelled_and_one_that_fails_says_why(dialog: ClassesDialog, qtbot: QtBot, folder: Path) -> None:
    type_question(dialog)
    sort_by_hand(dialog, qtbot, folder)
    dialog.learn.click()
    assert dialog.cancel.isVisible()
    dialog.cancel.click()
    assert dialog.learn.isVisible()
    assert dialog.editor.kept is not None
    assert dialog.editor.kept.summary() is None
    for photo in (folder / "blue").iterdir():
        photo.unlink()
    with qtbot.waitSignal(dialog.learning.ended, timeout=TIMEOUT):
        dialog.learn.click()
    assert "“blue” has 0" in dialog.problem.text()
    assert dialog.learn.isVisible()


def test_photos_are_dragged_from_class_to_class_and_removed_by_key(
    dialog: ClassesDialog, qtbot: QtBot, folder: Path
) -> None:
    sort_by_hand(dialog, qtbot, folder)
    first, second = dialog.bins.bins
    first.photos.setCurrentRow(2)
    moved = first.photos.chosen()
    dialog.bins._on_dropped("blue", moved, first)
    assert dialog.editor.project.counts == {"red": 10, "blue": 12}
    second.photos.setCurrentRow(0)
    second.photos.setFocus()
    second.photos.actions()[0].trigger()
    assert dialog.editor.project.counts == {"red": 10, "blue": 11}
    assert all(path.exists() for path in moved), "no photo is touched"


def test_a_folder_that_is_gone_or_empty_is_one_sentence(dialog: ClassesDialog, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    before = dialog.editor.project
    for act in (
        lambda: dialog.files.import_folder(tmp_path / "gone"), lambda: drop(dialog.bins.bins[0], [tmp_path / "empty"]),
    ):
        with qtbot.waitSignal(dialog.editor.problem, timeout=TIMEOUT):
            act()
        assert dialog.problem.isVisible()
    assert dialog.editor.project == before


def test_an_export_holds_copies_by_class(dialog: ClassesDialog, qtbot: QtBot, folder: Path, tmp_path: Path) -> None:
    sort_by_hand(dialog, qtbot, folder)
    dialog.files.export_folder(tmp_path / "out")
    qtbot.waitUntil(lambda: "Copies of 22 photos" in visible_text(dialog), timeout=TIMEOUT)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["blue", "red"]


def test_keys_reach_everything_and_it_has_a_name(dialog: ClassesDialog, qtbot: QtBot) -> None:
    dialog.activateWindow()
    dialog.question.setFocus()
    seen: list[QWidget] = []
    for _ in range(60):
        focus = QApplication.focusWidget()
        assert focus is not None
        if focus in seen:
            break
        seen.append(focus)
        qtbot.keyClick(focus, Qt.Key.Key_Tab)
    for widget in (dialog.question, dialog.choice, dialog.bins.bins[0].field, dialog.bins.bins[1].photos, dialog.add):
        assert widget in seen
    assert all(widget.accessibleName() or getattr(widget, "text", str)() for widget in seen)
