"""Drawn photos that people asked something about, without captions."""

from __future__ import annotations

import json
from pathlib import Path

from tests.training.conftest import COLOURS, draw_scene

QUESTIONS = (("Is there a ball?", {"yes": 6, "no": 4}), ("What does the sign say?", {"stop": 9}))


def make_asked_photos(folder: Path, *, photos: int = 20) -> Path:
    """A tenth of the photos is dev; no two are alike."""
    (folder / "Images").mkdir(parents=True)
    lines: list[str] = []
    for number in range(photos):
        name = f"walk{number}.png"
        colour, corner = list(COLOURS)[number % len(COLOURS)], (number * 3 % 60, number * 7 % 40)
        draw_scene(folder / "Images" / name, colour=colour, thing="ball", corner=corner)
        lines += [json.dumps({"image": name, "question": text, "answers": answers}) for text, answers in QUESTIONS]
    (folder / "questions.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder
