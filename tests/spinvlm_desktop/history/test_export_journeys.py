"""A conversation given away as a picture, as text and as a file to import, with the real starter model."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from core.answers import Answer, Comparison
from core.config import SpinConfig
from spinvlm_desktop.chat.inside.spin_choice import SpinChoice
from spinvlm_desktop.startup.main_window import MainWindow
from tests.spinvlm_desktop.driving import QUESTION, TIMEOUT, ask, listed, look_inside


def test_the_answer_as_a_picture(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    ask(window, qtbot)
    assert window.conversation.recorder.id is not None
    window.exports.write(window.conversation.recorder.id, "picture", tmp_path / "answer.png")
    with Image.open(tmp_path / "answer.png") as picture:
        assert picture.width == 1200
        assert len(picture.convert("L").resize((32, 32)).getcolors() or []) > 10


def test_the_picture_of_a_comparison_has_both_answers(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    answer = ask(window, qtbot)
    assert isinstance(answer, Answer)
    assert window.conversation.focus.answers() == [("", answer.text.strip())]
    height = picture_height(window, tmp_path)
    look_inside(window)
    window.tab.spin_bar.set_choice(SpinChoice("compare", SpinConfig(keep=4)))
    compared = ask(window, qtbot)
    assert isinstance(compared, Comparison)
    names = "SPIN off", "SPIN on, 4 heads kept, the others silenced"
    texts = compared.baseline.text.strip(), compared.spin.text.strip()
    assert window.conversation.focus.answers() == list(zip(names, texts, strict=True))
    assert picture_height(window, tmp_path) > height + 100, "another answer, and two names"


def picture_height(window: MainWindow, folder: Path) -> int:
    assert window.conversation.recorder.id is not None
    window.exports.write(window.conversation.recorder.id, "picture", folder / "answer.png")
    with Image.open(folder / "answer.png") as picture:
        return picture.height


def test_a_whole_conversation_is_exported_with_its_photo(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    ask(window, qtbot, "Is there a dog?")
    ask(window, qtbot, "Is there a beach?")
    number = window.conversation.recorder.id
    assert number is not None
    window.exports.write(number, "markdown", tmp_path / "two words.md")
    text = (tmp_path / "two words.md").read_text(encoding="utf-8")
    assert "Is there a dog?" in text
    assert "Is there a beach?" in text
    assert "![The photo](two%20words.jpg)" in text
    shown = window.tab.image.current()
    assert shown is not None
    assert isinstance(shown.source, Path)
    assert (tmp_path / "two words.jpg").read_bytes() == shown.source.read_bytes()

    window.exports.write(number, "markdown-embedded", tmp_path / "inside.md")
    inside = (tmp_path / "inside.md").read_text(encoding="utf-8").split("data:image/jpeg;base64,")[1].split(")")[0]
    with Image.open(io.BytesIO(base64.b64decode(inside))) as photo:
        assert photo.size == shown.pixels.size().toTuple()
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".jpg") == ["two words.jpg"]

    window.exports.write(number, "picture", tmp_path / "one.png")
    window.exports.write(number, "whole-picture", tmp_path / "all.png")
    with Image.open(tmp_path / "one.png") as one, Image.open(tmp_path / "all.png") as whole:
        assert whole.height > one.height, "both questions, and not one of them"


def test_another_photo_beside_the_text_is_not_replaced(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    ask(window, qtbot)
    assert window.conversation.recorder.id is not None
    (tmp_path / "talk.jpg").write_bytes(b"something else")
    for _ in range(2):
        window.exports.write(window.conversation.recorder.id, "markdown", tmp_path / "talk.md")
    assert (tmp_path / "talk.jpg").read_bytes() == b"something else"
    assert "(talk%202.jpg)" in (tmp_path / "talk.md").read_text(encoding="utf-8")
    assert not (tmp_path / "talk 3.jpg").exists(), "the copy of before is taken again"


@pytest.mark.parametrize("kind", ["markdown", "picture", "whole-picture"])
def test_an_export_is_called_by_the_given_title(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    proposed: list[str] = []

    def ask_for_name(_parent: object, _title: str, place: str, _kinds: str) -> tuple[str, str]:
        proposed.append(Path(place).stem)
        return "", ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask_for_name)
    ask(window, qtbot, "Where is this?")
    assert window.conversation.recorder.id is not None
    window.tab.sidebar.renamed.emit(window.conversation.recorder.id, "Holidays at the sea")
    window.exports.export_shown(kind)
    assert proposed == ["Holidays at the sea"]


def test_export_and_import_again(window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = ask(window, qtbot)
    assert isinstance(answer, Answer)
    assert window.conversation.recorder.id is not None
    path = tmp_path / "beach.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path.with_suffix("")), ""))
    window.exports.export_shown("json")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    window.tab.sidebar.delete_requested.emit(window.conversation.recorder.id)
    with qtbot.waitSignal(window.tab.image.reader.ended, timeout=TIMEOUT):
        window.tab.sidebar.import_requested.emit()
    assert window.conversation.focus.shown() == (QUESTION, answer.text.strip())
    assert listed(window) == [QUESTION]
