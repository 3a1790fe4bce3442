"""What a user has sorted: changed by value, kept in a file, found by its question."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import DataError
from training.classes.class_project import PROJECT, ClassProject, ProjectFolder, find_projects, new_project, project_for

A, B, C = Path("/p/a.jpg"), Path("/p/b.jpg"), Path("/p/c.jpg")


def test_changes_give_another_project_and_leave_this_one() -> None:
    project = ClassProject.of("Which?", {"x": [A, B], "y": [C]})
    assert project.with_photos("x", [B, C]).photos == {"x": [A, B, C], "y": [C]}
    assert project.without_photos("x", [A]).photos == {"x": [B], "y": [C]}
    assert project.with_class("Y", [A]).photos == {"x": [A, B], "y": [C, A]}
    assert project.renamed("x", "z").counts == {"z": 2, "y": 1}
    assert project.renamed("x", "Y").photos == {"y": [C, A, B]}, "of one name, both become one"
    assert project.renamed("x", "X").counts == {"X": 2, "y": 1}
    assert project.without_class("x").counts == {"y": 1}
    assert project.photos == {"x": [A, B], "y": [C]}
    assert project.with_photos("y", [A]).doubles() == ["a.jpg is in “x” and “y”."]


def test_a_file_keeps_it_and_a_damaged_one_is_one_sentence(tmp_path: Path) -> None:
    kept, project = ProjectFolder(tmp_path / "p"), ClassProject.of("Which «é»?", {"x": [A], "写真": [B, C]})
    kept.write(project)
    assert kept.read() == project
    for content in ("", "{}", "[]", '{"version": 99, "question": "", "classes": []}', '{"version": 1, "question": 1}'):
        (kept.path / PROJECT).write_text(content)
        with pytest.raises(DataError):
            kept.read()
    kept.remove()
    assert not kept.path.exists()
    with pytest.raises(DataError):
        kept.read()


def test_a_question_is_found_however_it_is_worded(tmp_path: Path) -> None:
    first = project_for(tmp_path, "Which of my mushrooms is it?")
    first.write(ClassProject("Which of my mushrooms is it?"))
    assert project_for(tmp_path, "what kind of mushroom is this") == first
    other = project_for(tmp_path, "Which dog is it?")
    assert other != first
    assert new_project(tmp_path, "Which of my mushrooms is it?").path != first.path
    other.write(ClassProject("Which dog is it?"))
    assert len(find_projects(tmp_path)) == 2
    assert find_projects(tmp_path / "gone") == []
