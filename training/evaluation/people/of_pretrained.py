"""People's questions put to a pretrained model, for an answer of a word or a phrase.

Each photo is looked at once: for its own questions, and for those of the photos that it stands in for. Without a photo a
blank one is shown.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.config import GenerationConfig
from training.batches.image_store import Progress
from training.evaluation.certainty.asked_photos import AskedPhotos
from training.evaluation.people.asking import ASKING, PeopleQuestion, people_scores, steps_to_others
from training.evaluation.people.measuring import questions_with_others, record_of
from training.evaluation.people_record import PeopleRecord
from training.evaluation.photo_costs import PhotoCosts
from training.evaluation.sweep.kept_answers import KeptAnswers
from training.evaluation.sweep.photo_by_photo import Condition, answer_photo_by_photo
from training.evaluation.sweep.subject import PretrainedSubject
from training.evaluation.sweep.work import Step

SHORT = GenerationConfig("greedy", max_tokens=16)
"""Enough for a phrase."""
OWN, BLANK = "its photo", "a blank photo"


class PretrainedPeople:
    """What is asked of a pretrained model, and its answers, which are kept as they are made."""

    def __init__(self, subject: PretrainedSubject, asked: AskedPhotos, folder: Path, *, depends_on: dict[str, Any]) -> None:
        """folder: keeps people_answers.json; depends_on: what the answers follow from, but for the questions."""
        self._model, self._asked = subject.model, asked
        self.questions = questions_with_others(asked)
        self._groups: dict[int, list[PeopleQuestion]] = {}
        for question in self.questions:
            self._groups.setdefault(question.photo, []).append(question)
        self._steps = {f"another photo {round_}": step for round_, step in enumerate(steps_to_others(len(self._groups)), start=1)}
        """Of each round with another photo: how many photos further that is."""
        self.recipe: dict[str, Any] = {
            "asked_as": self._model.short_question("{question}"), "generation": SHORT.to_dict(), "without": BLANK,
        }
        """How they are asked, for JSON."""
        self._kept = KeptAnswers(folder / "people_answers.json", {
            **depends_on, "people": self.recipe,
            "questions": [(question.photo, question.question) for question in self.questions],
        })

    def step(self, costs: PhotoCosts) -> Step:
        """What it takes, for the plan of a measurement."""
        count, photos = len(self.questions), len(self._groups)
        kept = min(self._kept.part(name, count=count, photos=photos) for name in (OWN, *self._steps, BLANK))
        return Step(ASKING, "asking", count * costs.people_question, kept)

    def measure(self, *, seed: int, progress: Progress) -> PeopleRecord | None:
        """None where people asked about fewer than two photos."""
        if not self.questions:
            return None
        answers = self._answers(progress)
        scores = people_scores(
            self.questions, own=answers[OWN], others=[answers[name] for name in self._steps], alone=answers[BLANK]
        )
        return record_of(self._asked, self.questions, scores, seed=seed)

    def _answers(self, progress: Progress) -> dict[str, list[str]]:
        """By condition an answer to each question."""
        steps = {OWN: 0, **self._steps, BLANK: 0}
        answers = {name: kept for name in steps if (kept := self._kept.get(name, count=len(self.questions))) is not None}
        missing = [name for name in steps if name not in answers]
        if not missing:
            return answers
        conditions = [self._condition(name, steps[name]) for name in missing]
        said = answer_photo_by_photo(self._model, conditions, self._kept, generation=SHORT, progress=progress)
        for name in missing:
            answers[name] = self._by_question(said[name], steps[name])
            self._kept.add(name, answers[name])
        return answers

    def _condition(self, name: str, step: int) -> Condition:
        """In the order of the photos that are shown: a photo's questions come when the one `step` further is looked at."""
        asked = [[self._model.short_question(one.question) for one in group] for group in self._groups.values()]
        shown: list[Path | bytes] = [self._asked.images[photo].path for photo in self._groups]
        if name == BLANK:
            shown = [self._model.blank_photo()] * len(shown)
        return Condition({name: None}, shown, [asked[place - step] for place in range(len(asked))])

    def _by_question(self, said: list[list[str]], step: int) -> list[str]:
        """In the order of the questions. said: in the order of the photos that were shown."""
        count = len(said)
        return [text for place in range(count) for text in said[(place + step) % count]]
