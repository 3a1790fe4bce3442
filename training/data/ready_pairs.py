"""Question-answer pairs that come with the photos: questions.jsonl, or VQA v2's files.

questions.jsonl has a JSON object a line with "image", "question" and "answer", or in place of the last "answers": what several
people said, each with how many said it; and if wanted "kind". "image" is the photo's name. What is said of a photo takes the
place of the pairs that are derived from its captions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from core.errors import DataError
from training.data.caption_layouts import SplitName
from training.data.json_lines import read_json_lines
from training.data.qa_pair import QaPair, kind_of, most_common
from training.data.vqa_files import read_vqa

FILE_NAME = "questions.jsonl"


@dataclass(frozen=True)
class ReadyQuestions:
    """The questions that come with a collection."""

    layout: str = ""
    pairs: dict[str, list[QaPair]] = field(default_factory=dict[str, list[QaPair]])
    """Of each image, in the file's order."""
    splits: dict[str, SplitName] = field(default_factory=dict[str, SplitName])
    """Split of the images for which the files name one."""


def find_questions(folder: Path) -> ReadyQuestions:
    """A collection's questions, where it has some. Raises DataError naming the first faulty line."""
    path = folder / FILE_NAME
    if path.is_file():
        return ReadyQuestions(f"questions ({FILE_NAME})", read_ready_pairs(path))
    pairs, splits = read_vqa(folder)
    return ReadyQuestions("VQA v2", pairs, splits) if pairs else ReadyQuestions()


def read_ready_pairs(path: Path) -> dict[str, list[QaPair]]:
    """The pairs of each image, in the file's order. Raises DataError naming the first faulty line."""
    pairs: dict[str, list[QaPair]] = {}
    for number, values in read_json_lines(path):
        place = f"line {number} of {path.name}"
        answers = _answers(values.get("answers"), place)
        texts = [values.get("image"), values.get("question"), values.get("answer", most_common(answers))]
        if not all(isinstance(text, str) and text.strip() for text in texts):
            raise DataError(f'{place} needs an "image", a "question" and an "answer" (or "answers"), each a text')
        image, question, answer = (" ".join(str(text).split()) for text in texts)
        kind = values.get("kind") or kind_of(question, answer)
        if not isinstance(kind, str):
            raise DataError(f'{place} has a "kind" that is no text')
        name = image.replace("\\", "/")
        pairs.setdefault(name, []).append(QaPair(name, question, answer, kind, answers))
    return pairs


def _answers(given: Any, place: str) -> tuple[tuple[str, int], ...]:
    """What people answered, and how many each."""
    if given is None:
        return ()
    if not isinstance(given, dict) or not all(type(count) is int and count > 0 for count in cast(dict[str, Any], given).values()):
        raise DataError(f'{place} has "answers" that aren\'t {{"an answer": number of people, ...}}')
    return tuple((" ".join(text.split()), count) for text, count in cast(dict[str, int], given).items() if text.strip())
