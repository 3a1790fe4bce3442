"""`spinvlm classes`, as a user types it, and the question that it makes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from spinvlm_desktop.system import paths
from training.classes.class_project import ClassProject, ProjectFolder, find_projects

QUESTION = "Which of my balls is it?"


def draw(path: Path, colour: tuple[int, int, int], seed: int) -> Path:
    noise = np.random.default_rng(seed).integers(-40, 40, (6, 6, 3))
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray((np.array(colour) + noise).clip(0, 255).astype(np.uint8)).resize((60, 40)).save(path)
    return path


@pytest.fixture
def balls(tmp_path: Path) -> Path:
    """Folders of red and of blue photos."""
    for number in range(11):
        draw(tmp_path / "balls" / "red" / f"{number}.png", (210, 40, 40), number)
        draw(tmp_path / "balls" / "blue" / f"{number}.png", (40, 40, 210), 50 + number)
    return tmp_path / "balls"


def test_a_folder_becomes_a_question_that_can_be_asked(
    run: Any, own_home: Path, tiny_model: Path, balls: Path, tmp_path: Path
) -> None:
    before = {path: path.read_bytes() for path in balls.rglob("*.png")}
    done = run("classes", balls, "--question", QUESTION, "--model", tiny_model)
    assert done.code == 0, done.err
    assert "of 22 photos that were held out" in done.out
    assert "taken for:" in done.out
    new = draw(tmp_path / "new.png", (205, 45, 45), 99)
    asked = run("ask", "--model", tiny_model, "--image", new, "--prompt", "what kind of ball is this?", "--json")
    answer = json.loads(asked.out)
    assert (answer["answer"], answer["asked"]) == ("red", QUESTION)
    assert {name for name, _ in answer["class_shares"]} == {"red", "blue"}
    assert len(answer["tokens"]) == 1
    assert QUESTION in run("classes").out
    assert {path: path.read_bytes() for path in balls.rglob("*.png")} == before
    assert run("classes", "--forget", "--question", "Which ball is it?").code == 0
    assert find_projects(paths.classes_folder()) == []


@pytest.mark.parametrize(("folders", "said"), [
    ({"red": 4}, "no two folders"), ({"red": 4, "blue": 1}, "“blue” has 1"), ({}, "no two folders"), (None, "There is no folder"),
])
def test_what_cannot_be_learnt_is_one_sentence(
    run: Any, own_home: Path, tmp_path: Path, folders: dict[str, int] | None, said: str
) -> None:
    folder = tmp_path / "f"
    if folders is not None:
        folder.mkdir()
    for name, count in (folders or {}).items():
        for number in range(count):
            draw(folder / name / f"{number}.png", (9, 9, 9), number)
    done = run("classes", folder, "--question", QUESTION)
    assert done.code == 1
    assert said in done.err
    assert not paths.classes_folder().exists()


def test_a_learning_that_is_killed_leaves_what_was_learnt_before(
    run: Any, own_home: Path, tiny_model: Path, balls: Path
) -> None:
    run("classes", balls, "--question", QUESTION, "--model", tiny_model)
    (kept,) = find_projects(paths.classes_folder())
    learnt = kept.learnt.read_bytes()
    changed = ProjectFolder(kept.path)
    changed.write(ClassProject.of(QUESTION, {name: photos[::-1] for name, photos in kept.read().photos.items()}))
    command = [sys.executable, "-m", "spinvlm_desktop", "classes", "--json", "--project", str(kept.path), "--model"]
    with subprocess.Popen([*command, str(tiny_model)], stdout=subprocess.PIPE, env=dict(os.environ)) as process:
        assert process.stdout is not None
        assert "done" in json.loads(process.stdout.readline())
        process.kill()
    now = kept.summary()
    assert now is not None
    assert kept.learnt.read_bytes() == learnt or now.photos[0].path.endswith("10.png"), "the old one, or the new one whole"
    assert kept.read().photos["red"][0].name == changed.read().photos["red"][0].name
