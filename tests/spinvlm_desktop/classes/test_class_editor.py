"""Sorting photos into classes: every change is kept at once and can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from spinvlm_desktop.classes.class_editor import ClassEditor
from training.classes.class_project import ProjectFolder, find_projects

A, B, C = Path("/p/a.jpg"), Path("/p/b.jpg"), Path("/p/c.jpg")


@pytest.fixture
def editor(tmp_path: Path, qtbot: object) -> ClassEditor:
    editor = ClassEditor(tmp_path / "all")
    editor.begin()
    return editor


def on_disk(editor: ClassEditor) -> object:
    assert editor.kept is not None
    return ProjectFolder(editor.kept.path).read()


def test_nothing_is_kept_before_the_first_change_and_everything_after(editor: ClassEditor, tmp_path: Path) -> None:
    assert find_projects(tmp_path / "all") == []
    editor.set_question("Which  one?")
    editor.rename("Class 1", "oak")
    editor.add_photos("oak", [A, B, A])
    editor.move_photos("oak", "Class 2", [B])
    assert editor.project.photos == {"oak": [A], "Class 2": [B]}
    assert on_disk(editor) == editor.project
    assert len(find_projects(tmp_path / "all")) == 1


def test_every_change_can_be_taken_back_and_made_again(editor: ClassEditor) -> None:
    states = [editor.project]
    for change in (
        lambda: editor.add_photos("Class 1", [A]), lambda: editor.rename("Class 1", "x"), lambda: editor.add_class(),
        lambda: editor.add_none(), lambda: editor.remove_photos("x", [A]), lambda: editor.rename("x", "Class 2"),
        lambda: editor.remove_class("Class 2"), lambda: editor.set_question("Which?"),
    ):
        change()
        states.append(editor.project)
    assert len(set(map(str, states))) == len(states)
    for state in states[-2::-1]:
        editor.undo()
        assert editor.project == state == on_disk(editor)
    assert not editor.can_undo()
    for state in states[1:]:
        editor.redo()
        assert editor.project == state
    assert not editor.can_redo()


def test_folders_by_class_take_the_place_of_unnamed_ones(editor: ClassEditor) -> None:
    editor.add_classes({"oak": [A], "beech": [B]})
    assert editor.project.photos == {"oak": [A], "beech": [B]}
    editor.add_classes({"Oak": [C]})
    assert editor.project.photos["oak"] == [A, C]


def test_a_name_that_cannot_be_is_said_and_changes_nothing(editor: ClassEditor) -> None:
    said: list[str] = []
    editor.problem.connect(said.append)
    before = editor.project
    editor.rename("Class 1", "  ")
    assert said[-1]
    assert editor.project == before


def test_what_cannot_be_written_stays_on_show_and_is_said(editor: ClassEditor, tmp_path: Path) -> None:
    (tmp_path / "all").write_text("no folder")
    said: list[str] = []
    editor.problem.connect(said.append)
    editor.add_photos("Class 1", [A])
    assert "couldn't be kept" in said[-1]
    assert editor.project.photos["Class 1"] == [A]
    (tmp_path / "all").unlink()
    editor.add_photos("Class 1", [B])
    assert said[-1] == ""
    assert on_disk(editor) == editor.project


def test_a_damaged_file_leaves_the_question_on_show(editor: ClassEditor, tmp_path: Path) -> None:
    editor.add_photos("Class 1", [A])
    damaged = tmp_path / "all" / "damaged"
    damaged.mkdir()
    (damaged / "classes.json").write_text("{")
    said: list[str] = []
    editor.problem.connect(said.append)
    before = editor.project
    editor.open(ProjectFolder(damaged))
    assert "damaged" in said[-1]
    assert editor.project == before
