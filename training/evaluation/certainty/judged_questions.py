"""Questions whose right answers are known: people's where a photo comes with some, else made of its captions."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from core.text.question_kinds.model_wording import DESCRIBE
from training.data.captions import CaptionDataset, CaptionedImage
from training.data.known_objects import KnownObjects
from training.data.qa_pair import QaPair
from training.evaluation.certainty.either_or import EitherOr, either_or_questions
from training.evaluation.certainty.judging import RightAnswers, stems
from training.evaluation.metrics.chair import ObjectJudge
from training.evaluation.metrics.vqa_metrics import normalised_words
from training.questions.rules.read_image import ReadImage
from training.questions.vqa_pairs import RULES, build_pairs, read_image

PER_KIND = 2
"""Questions of a kind that are made of a photo's captions and asked beside its description: so there are enough of rare kinds."""
OPEN_KINDS = ("action", "wearing", "where", "who")
"""Kinds of derived pairs whose answers may be put in many ways."""
Score = Callable[[str], float]
"""From an answer to how right it is, 0 to 1."""


@dataclass(frozen=True)
class JudgedQuestion:
    """A question about a photo, and what its answer is worth."""

    photo: int
    """Place in the list of photos."""
    question: str
    score: Score
    by_people: bool
    """Whether somebody asked it; else it was made of captions."""

    def about(self, places: int) -> JudgedQuestion:
        """The same where the photo comes so many places later."""
        return replace(self, photo=self.photo + places)


def judged_questions(
    dataset: CaptionDataset, images: Sequence[CaptionedImage], known: KnownObjects, *, split: str, seed: int
) -> list[JudgedQuestion]:
    """What is asked about these photos of a split, photo by photo."""
    places = {image.name: place for place, image in enumerate(images)}
    read = {image.name: read_image(image, dataset) for image in images if image.captions and not image.questions}
    derived: dict[str, list[QaPair]] = {name: [] for name in read}
    for pair in build_pairs(dataset, split, seed=seed, read=list(read.values())) if read else ():
        if pair.kind != "caption" and pair.image in derived:
            derived[pair.image].append(pair)
    either_or: dict[str, list[EitherOr]] = {name: [] for name in read}
    for asked in either_or_questions(list(read.values()), seed=seed):
        either_or[asked.image].append(asked)
    judge = ObjectJudge(
        known.lexicon, [image.captions for image in images if image.captions], present=known.present
    )
    found: list[JudgedQuestion] = []
    for image in images:
        place = places[image.name]
        found += [_ready(place, pair) for pair in image.questions]
        if image.captions:
            found.append(JudgedQuestion(place, DESCRIBE, _invents_nothing(judge, image), by_people=False))
        if image.name in derived:
            pairs = derived[image.name]
            found += _derived(place, _some_of_each_kind(pairs, chance=random.Random(f"{seed} {image.name}")), read[image.name])
            found += [_of_choices(place, asked) for asked in either_or[image.name]]
    return found


def _some_of_each_kind(pairs: Sequence[QaPair], *, chance: random.Random) -> list[QaPair]:
    by_kind: dict[str, list[QaPair]] = {}
    for pair in pairs:
        by_kind.setdefault(pair.kind, []).append(pair)
    return [pair for kind in sorted(by_kind) for pair in chance.sample(by_kind[kind], min(PER_KIND, len(by_kind[kind])))]


def _ready(place: int, pair: QaPair) -> JudgedQuestion:
    answers = pair.answers or ((pair.answer, 1),)
    right = RightAnswers(answers, by_people=len(pair.answers) > 0)
    return JudgedQuestion(place, pair.question, right.score, by_people=right.by_people)


def _of_choices(place: int, asked: EitherOr) -> JudgedQuestion:
    return JudgedQuestion(place, asked.question, RightAnswers(((asked.right, 1),)).score, by_people=False)


def _derived(place: int, pairs: Sequence[QaPair], read: ReadImage) -> list[JudgedQuestion]:
    return [
        JudgedQuestion(place, pair.question, right.score, by_people=False)
        for pair, right in zip(pairs, right_answers(pairs, read), strict=True)
    ]


def right_answers(pairs: Sequence[QaPair], read: ReadImage) -> list[RightAnswers]:
    """For each of the pairs that were made of a photo's captions all that the captions answer to the same question."""
    said: dict[tuple[str, str], Counter[str]] = {}
    for kind in {pair.kind for pair in pairs} & RULES.keys():
        for candidate in RULES[kind](read):
            for question in candidate.questions:
                said.setdefault((kind, question), Counter())[candidate.answer] += 1
    words = frozenset(stems(normalised_words(" ".join(sorted(read.words)))))
    return [
        RightAnswers(
            tuple(said.get((pair.kind, pair.question), Counter({pair.answer: 1})).items()), is_open=pair.kind in OPEN_KINDS,
            said=words,
        )
        for pair in pairs
    ]


def _invents_nothing(judge: ObjectJudge, image: CaptionedImage) -> Score:
    """A description is right where it names a thing that people see, and none that they don't."""

    def score(caption: str) -> float:
        judged = judge.judge(caption, image.captions, photo=image.name)
        return float(bool(judged.named) and not judged.invented)

    return score
