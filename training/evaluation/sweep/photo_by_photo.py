"""What a pretrained model answers under many settings, photo by photo: each photo is looked at once, each question read once.

So a setting more costs its answers' tokens alone. The answers are kept by setting, as those of a model file are.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.answers import AnswerRequest
from core.config import GenerationConfig, SpinConfig
from core.errors import ConfigError, QuestionError
from core.model.interventions import Intervention
from training.batches.image_store import Progress
from training.evaluation.sweep.kept_answers import KeptAnswers

if TYPE_CHECKING:
    from core.pretrained.session import PretrainedSession

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Condition:
    """Settings under which the same questions are asked about the same photos.

    Conditions have equally many groups. Of each one after the other is asked, so that a photo that has the same place in
    several of them is looked at once.
    """

    settings: Mapping[str, SpinConfig | None]
    """By name."""
    photos: Sequence[Path | bytes]
    """One for each group of questions."""
    questions: Sequence[Sequence[str]]
    """A group for each photo."""


def of_spin(settings: Mapping[str, Intervention | None]) -> dict[str, SpinConfig | None]:
    """The same settings. Raises ConfigError for a method that isn't SPIN."""
    found: dict[str, SpinConfig | None] = {}
    for name, applied in settings.items():
        if applied is not None and not isinstance(applied, SpinConfig):
            raise ConfigError("pretrained models are measured with SPIN only, not with other methods")
        found[name] = applied
    return found


def answer_photo_by_photo(
    model: PretrainedSession, conditions: Sequence[Condition], kept: KeptAnswers, *, generation: GenerationConfig,
    progress: Progress,
) -> dict[str, list[list[str]]]:
    """By setting the answers to each group of questions; a question that the model can't be asked has an empty one.

    kept: has those that were made before, and gets those that are made.
    """
    so_far = {name: kept.begin(name) for condition in conditions for name in condition.settings}
    answers = {name: begun.answers for name, begun in so_far.items()}
    groups = len(conditions[0].photos)
    for number in range(groups):
        for condition in conditions:
            wanted = {name: spin for name, spin in condition.settings.items() if len(answers[name]) <= number}
            if not wanted:
                continue
            requests = [
                AnswerRequest(condition.photos[number], question, generation=generation, free_form=True)
                for question in condition.questions[number]
            ]
            said = [_answers(model, request, list(wanted.values())) for request in requests]
            for place, name in enumerate(wanted):
                answers[name].append([texts[place] for texts in said])
                so_far[name].take(answers[name])
        progress(number + 1, groups)
    return answers


def _answers(model: PretrainedSession, request: AnswerRequest, settings: Sequence[SpinConfig | None]) -> list[str]:
    """One for each setting."""
    try:
        return [answer.text.strip() for answer in model.sweep(request, settings)]
    except QuestionError as error:
        log.warning("%s: %s", request.question, error)
        return [""] * len(settings)
