"""A model that rehearses drawn scenes, and a few photos with right answers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from core.files.checkpoint import load_model
from tests.training.conftest import COLOURS, draw_scene
from training.rehearsal.making import make_rehearsal
from training.rehearsal.rehearsal_file import rehearsal_path, write_rehearsal


@pytest.fixture(scope="session")
def rehearsing(tmp_path_factory: pytest.TempPathFactory, untrained_model: Path, scenes: Path) -> Path:
    """A model file with its rehearsal beside it."""
    path = tmp_path_factory.mktemp("rehearsing") / "start.safetensors"
    shutil.copyfile(untrained_model, path)
    made = make_rehearsal(
        load_model(path), [scenes], seed=0, device=torch.device("cpu"), progress=lambda _what: lambda _done, _total: None,
        learnt=6, others=3, directions=8,
    )
    write_rehearsal(rehearsal_path(path), made)
    return path


def write_answers(folder: Path, photos: int) -> Path:
    """A collection of questions alone: what colour a thing has, as somebody would type it."""
    (folder / "photos").mkdir(parents=True)
    lines = []
    for number in range(photos):
        colour = list(COLOURS)[number % len(COLOURS)]
        name = f"mine{number}.png"
        draw_scene(folder / "photos" / name, colour=colour, thing="box", corner=(number * 5 % 60, 20))
        lines.append(json.dumps({"image": name, "question": "what colour is the box??", "answer": colour}))
    (folder / "questions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Right answers about eight photos."""
    return write_answers(tmp_path_factory.mktemp("answers") / "mine", 8)
