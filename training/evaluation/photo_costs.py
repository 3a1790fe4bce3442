"""How long a photo takes to be measured with a pretrained model, and how many fit into half an hour. Torch-free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.config import GenerationConfig
from core.model.published_spin import HALF_BY_LOGITS, PUBLISHED, PUBLISHED_OF_LARGE
from training.evaluation.people_record import OTHER_PHOTOS

BUDGET_S = 30 * 60
"""Seconds that a measurement takes where nobody says how many photos it is to have."""
SWEPT_SETTINGS = len((None, HALF_BY_LOGITS, *PUBLISHED, *PUBLISHED_OF_LARGE))
"""Of head suppression where nobody names any, SPIN off among them."""
MEASURED = ("captions", "probes", "pointing", "people")
"""What is measured of pretrained models."""
QUESTIONS_A_PHOTO = 6
ANSWER_TOKENS = 4
"""Of a yes or no."""
PEOPLE_QUESTIONS, PHRASE_TOKENS = 5, 4
"""That people asked about a photo, as in VQA v2, and tokens of an answer to one."""
MARKED_CAPTIONS, CAPTION_TOKENS = 5, 14
"""Of a photo, and tokens of one, where pointing is measured."""


@dataclass(frozen=True)
class AnsweringPace:
    """How fast a model answers on this computer."""

    to_read: float
    """Seconds that a photo with a question takes."""
    token: float
    """Seconds that a token of an answer takes."""


@dataclass(frozen=True)
class PhotoCosts:
    """Seconds that a photo takes, by what is measured."""

    captions: float
    probes: float
    pointing: float
    people_question: float
    """Of a single question that somebody asked."""

    @property
    def people(self) -> float:
        """Of a usual number of them."""
        return PEOPLE_QUESTIONS * self.people_question

    def of(self, measures: Sequence[str]) -> float:
        """Of some of MEASURED together."""
        return sum(getattr(self, name) for name in measures)


def photo_costs(pace: AnsweringPace, *, settings: int) -> PhotoCosts:
    """settings: of head suppression, SPIN off among them. A question is read once for all of them; probes are asked of
    another photo too, people's questions of several and of a blank one."""
    return PhotoCosts(
        pace.to_read + settings * GenerationConfig().max_tokens * pace.token,
        QUESTIONS_A_PHOTO * (2 * pace.to_read + (settings + 1) * ANSWER_TOKENS * pace.token),
        2 * (pace.to_read + MARKED_CAPTIONS * CAPTION_TOKENS * pace.token),
        (OTHER_PHOTOS + 2) * (pace.to_read + PHRASE_TOKENS * pace.token),
    )


def photos_in_budget(seconds_each: float) -> int:
    """How many are measured in half an hour; one at least."""
    return max(1, int(BUDGET_S / seconds_each))
