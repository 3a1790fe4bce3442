"""VQA v2's own files: questions in one, people's answers in the other (Goyal et al. 2017, arXiv 1612.00837)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from training.data.caption_layouts import SPLIT_VALUES, SplitName
from training.data.image_folder import find_image_folder
from training.data.json_files import entries_of, find_json_files, read_object
from training.data.qa_pair import QaPair, kind_of, most_common


def read_vqa(folder: Path) -> tuple[dict[str, list[QaPair]], dict[str, SplitName]]:
    """The pairs of each image, and the images' splits where the files are of several; nothing where there are no such files.

    Raises DataError for a file that can't be read.
    """
    answers: dict[Any, dict[str, Any]] = {}
    asked: list[tuple[str, dict[str, Any]]] = []
    for path in find_json_files(folder, "*_annotations.json"):
        answers |= {entry.get("question_id"): entry for entry in entries_of(read_object(path), "annotations")}
    for path in find_json_files(folder, "*_questions.json") if answers else ():
        content = read_object(path)
        asked += [(str(content.get("data_subtype", "")), entry) for entry in entries_of(content, "questions")]
    asked = [(subset, entry) for subset, entry in asked if isinstance(entry.get("image_id"), int)]
    long_names = {f"COCO_{subset}_{entry['image_id']:012}.jpg" for subset, entry in asked}
    photos = find_image_folder(folder, long_names)
    named_at_length = any(photos.find(name) is not None for name in long_names)
    pairs: dict[str, list[QaPair]] = {}
    splits: dict[str, SplitName] = {}
    for subset, entry in asked:
        name = f"COCO_{subset}_{entry['image_id']:012}.jpg" if named_at_length else f"{entry['image_id']:012}.jpg"
        pair = _pair(name, entry, answers.get(entry.get("question_id"), {}))
        if pair is not None:
            pairs.setdefault(name, []).append(pair)
            if (split := SPLIT_VALUES.get(subset.rstrip("0123456789"))) is not None:
                splits[name] = split
    return pairs, splits if len(set(splits.values())) > 1 else {}


def _pair(image: str, question: dict[str, Any], annotation: dict[str, Any]) -> QaPair | None:
    """None where either has no text."""
    given = [entry.get("answer") for entry in entries_of(annotation, "answers")]
    answers = Counter(" ".join(text.split()) for text in given if isinstance(text, str) and text.strip())
    asked, answer = question.get("question"), annotation.get("multiple_choice_answer") or most_common(tuple(answers.items()))
    if not isinstance(asked, str) or not asked.strip() or not isinstance(answer, str) or not answer.strip():
        return None
    asked, answer = " ".join(asked.split()), " ".join(answer.split())
    return QaPair(image, asked, answer, kind_of(asked, answer), tuple(answers.items()))
