"""Answers as the program gives them: questions understood first, and answered in the form that they ask for."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import torch

from core.answers import AnswerRequest
from core.certainty import signal_of
from core.config import GenerationConfig, SpinConfig
from core.decoding.asked_question import AskedQuestion, read_question
from core.decoding.generation import generate_batch
from core.decoding.usual_way import answer_settings
from core.errors import QuestionError
from core.files.checkpoint import ModelFile
from core.model.head_settings import HeadSettings
from core.text.question_kinds.kinds import QuestionKind
from core.text.question_kinds.understanding import understand_question
from training.batches.image_store import Progress

PHOTOS_AT_ONCE = 32


class Question(Protocol):
    """What is asked about a photo."""

    @property
    def photo(self) -> int:
        """Place in the list of photos."""
        ...

    @property
    def question(self) -> str: ...


@dataclass(frozen=True)
class GivenAnswer:
    """What the model says, whatever its certainty."""

    kind: QuestionKind
    question: str
    """As the model was given it."""
    text: str
    log_probability: float
    """Of all its tokens together."""
    tokens: int
    """The end token counted."""
    log_share: float | None = None
    """See ChosenToken."""

    @property
    def signal(self) -> float | None:
        """See signal_of."""
        return signal_of(self.kind, self.log_probability, tokens=self.tokens, log_share=self.log_share)


def read_questions(file: ModelFile, questions: Sequence[Question], *, ask_anyway: bool = False) -> list[AskedQuestion | None]:
    """What goes to the model; None for those that are declined for their kind, or too long.

    ask_anyway: questions that are declined go to the model too, as they were typed.
    """
    read: dict[str, AskedQuestion | None] = {}
    for question in questions:
        if question.question not in read:
            read[question.question] = _read(file, question.question, ask_anyway=ask_anyway)
    return [read[question.question] for question in questions]


def _read(file: ModelFile, text: str, *, ask_anyway: bool) -> AskedQuestion | None:
    def read(*, free_form: bool) -> AskedQuestion:
        shape = file.config.shape
        return read_question(
            file.tokenizer, AnswerRequest(b"", text, free_form=free_form), max_tokens=shape.max_question_tokens,
            max_answer_tokens=shape.max_answer_tokens,
        )

    try:
        asked = read(free_form=False)
        if asked.declined is None:
            return asked
        return replace(read(free_form=True), kind=understand_question(text).kind) if ask_anyway else None
    except QuestionError:
        return None


def give_answers(
    file: ModelFile, features: torch.Tensor, questions: Sequence[Question], asked: Sequence[AskedQuestion | None], *,
    spin: SpinConfig | None, progress: Progress, photos_hidden: bool = False,
) -> list[GivenAnswer | None]:
    """The answer to each question that is read. features: [N, I, encoder width]; asked: see read_questions; photos_hidden: the
    questions alone are answered."""
    groups: dict[Hashable, list[int]] = {}
    for place, question in enumerate(asked):
        if question is not None:
            groups.setdefault(_form(question), []).append(place)
    given: list[GivenAnswer | None] = [None] * len(asked)
    total, done = sum(map(len, groups.values())), 0
    for places in groups.values():
        by_photo: dict[int, list[int]] = {}
        for place in places:
            by_photo.setdefault(questions[place].photo, []).append(place)
        photos = sorted(by_photo, key=lambda photo: (len(by_photo[photo]), photo))
        for start in range(0, len(photos), PHOTOS_AT_ONCE):
            batch = {photo: by_photo[photo] for photo in photos[start : start + PHOTOS_AT_ONCE]}
            for place, answer in _answer_batch(file, features, batch, asked, spin, photos_hidden=photos_hidden):
                given[place] = answer
                done += 1
            progress(done, total)
    return given


def _form(question: AskedQuestion) -> Hashable:
    """Questions of one form can be answered side by side."""
    return question.kind == "describe", None if question.allowed is None else tuple(sorted(question.allowed.following))


def _answer_batch(
    file: ModelFile, features: torch.Tensor, batch: dict[int, list[int]], asked: Sequence[AskedQuestion | None],
    spin: SpinConfig | None, *, photos_hidden: bool,
) -> list[tuple[int, GivenAnswer]]:
    """batch: photo -> places of its questions, all of one form."""
    groups = [[question for place in places if (question := asked[place]) is not None] for places in batch.values()]
    settings = answer_settings(file.tokenizer, groups[0][0], GenerationConfig(), HeadSettings(spin))
    model = file.model
    answers = generate_batch(
        model, features[list(batch)].to(model.device).float(), [[question.prompt for question in group] for group in groups],
        settings, photos_hidden=photos_hidden,
    )
    found: list[tuple[int, GivenAnswer]] = []
    for places, group, generated in zip(batch.values(), groups, answers, strict=True):
        for place, question, answer in zip(places, group, generated, strict=True):
            assert question.kind is not None
            text = file.tokenizer.decode(answer.token_ids).strip()
            found.append((place, GivenAnswer(
                question.kind, question.text, text, sum(token.log_probability for token in answer.tokens), len(answer.tokens),
                answer.tokens[-1].log_share if answer.tokens else None,
            )))
    return found
