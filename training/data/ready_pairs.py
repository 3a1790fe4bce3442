"""Question-answer pairs that come with the photos: questions.jsonl beside the captions.

A JSON object a line with "image", "question" and "answer", and if wanted "kind"; "image" is the name that the captions
file has. What the file says of a photo takes the place of the pairs that are derived from its captions.
"""

from __future__ import annotations

from pathlib import Path

from core.errors import DataError
from training.data.json_lines import read_json_lines
from training.data.qa_pair import QaPair

FILE_NAME = "questions.jsonl"
MOST_ANSWER_WORDS = 6
"""Of a short answer; longer ones are learnt and measured as captions are."""


def read_ready_pairs(path: Path) -> dict[str, list[QaPair]]:
    """The pairs of each image, in the file's order. Raises DataError naming the first faulty line."""
    pairs: dict[str, list[QaPair]] = {}
    for number, values in read_json_lines(path):
        texts = [values.get(key) for key in ("image", "question", "answer")]
        if not all(isinstance(text, str) and text.strip() for text in texts):
            raise DataError(f'line {number} of {path.name} needs an "image", a "question" and an "answer", each a text')
        image, question, answer = (" ".join(str(text).split()) for text in texts)
        kind = values.get("kind") or kind_of(question, answer)
        if not isinstance(kind, str):
            raise DataError(f'line {number} of {path.name} has a "kind" that is no text')
        name = image.replace("\\", "/")
        pairs.setdefault(name, []).append(QaPair(name, question, answer, kind))
    return pairs


def kind_of(question: str, answer: str) -> str:
    """The kind of a question that names none, from its first word and its answer."""
    asked, said = question.lower().strip(" ?").split(), [word.strip(".,!") for word in answer.lower().split()]
    if said[:1] in (["yes"], ["no"]):
        return "presence"
    if len(said) > MOST_ANSWER_WORDS:
        return "caption"
    if asked[:2] == ["how", "many"]:
        return "count"
    if asked[:1] in (["where"], ["who"]):
        return asked[0]
    return "colour" if "colour" in asked or "color" in asked else "other"
