"""Questions and answers as VQA v2 keeps them: questions in one file, answers in another (Goyal et al. 2017, arXiv 1612.00837)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, cast

from training.data.photo_notes.coco_files import image_numbers
from training.data.photo_notes.name_index import NameIndex
from training.data.photo_notes.notes import PhotoNotes, clean_text
from training.data.qa_pair import QaPair, kind_of, most_common


def read_vqa_pair(
    questions: Mapping[str, Any], annotations: Mapping[str, Any], photos: NameIndex
) -> tuple[dict[str, PhotoNotes], int]:
    """Questions by photo, and how many are about photos that aren't there or have no answer."""
    answers = {entry.get("question_id"): entry for entry in _entries(annotations.get("annotations"))}
    found: dict[str, PhotoNotes] = {}
    astray = 0
    for entry in _entries(questions.get("questions")):
        number, given = entry.get("image_id"), entry.get("image")
        name = photos.find(given) if isinstance(given, str) else photos.numbered(number) if isinstance(number, int) else None
        pair = None if name is None else _pair(name, entry, answers.get(entry.get("question_id"), {}))
        if name is None or pair is None:
            astray += 1
        else:
            notes = found.get(name, PhotoNotes())
            found[name] = PhotoNotes(questions=(*notes.questions, pair))
    return found, astray


def vqa_files(notes: Mapping[str, PhotoNotes]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The contents of both files. Beside its number each question has its photo's name, which VQA v2 leaves to COCO."""
    numbers = image_numbers(notes)
    questions: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for name, said in notes.items():
        for pair in said.questions:
            number, image = len(questions) + 1, numbers[name]
            given = [text for text, count in pair.answers or ((pair.answer, 1),) for _ in range(count)]
            questions.append({"question_id": number, "image_id": image, "question": pair.question, "image": name})
            annotations.append({
                "question_id": number, "image_id": image, "question_type": pair.kind, "multiple_choice_answer": pair.answer,
                "answers": [{"answer_id": place, "answer": text} for place, text in enumerate(given, start=1)],
            })
    return {"questions": questions}, {"annotations": annotations}


def _pair(name: str, question: Mapping[str, Any], annotation: Mapping[str, Any]) -> QaPair | None:
    given = [entry.get("answer") for entry in _entries(annotation.get("answers"))]
    answers = tuple(Counter(clean_text(text) for text in given if isinstance(text, str) and clean_text(text)).items())
    asked, said = question.get("question"), annotation.get("multiple_choice_answer") or most_common(answers)
    if not isinstance(asked, str) or not isinstance(said, str) or not clean_text(asked) or not clean_text(said):
        return None
    asked, said = clean_text(asked), clean_text(said)
    return QaPair(name, asked, said, kind_of(asked, said), answers if answers != ((said, 1),) else ())


def _entries(values: Any) -> list[dict[str, Any]]:
    return [entry for entry in cast(list[Any], values) if isinstance(entry, dict)] if isinstance(values, list) else []
