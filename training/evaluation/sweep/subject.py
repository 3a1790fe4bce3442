"""What is measured: a model file of this program, or a pretrained model, which answers photo by photo.

Of a pretrained model a photo's "features" are its place among the photos, [N, 1]: it looks at the photo itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from core.answer_model import AnswerModel, PretrainedDescription
from core.answers import AnswerRequest
from core.config import GenerationConfig, ModelShape, SpinConfig
from core.errors import ConfigError
from core.files.checkpoint import ModelFile
from core.model.interventions import Intervention
from training.batches.image_store import Progress
from training.data.captions import CaptionedImage
from training.evaluation.sweep.answering import answer_questions
from training.evaluation.sweep.kept_answers import AnswersSoFar

BUDGET_S = 30 * 60
"""Seconds that a measurement takes where nobody says how many photos it is to have."""
USUAL_TOKEN_S = 0.05
"""Of a token, where that wasn't measured: on a GPU."""
QUESTIONS_A_PHOTO = 6
ANSWER_TOKENS = 4
"""Of a yes or no."""


@dataclass(frozen=True)
class PretrainedSubject:
    """A loaded pretrained model, with what a report says of it."""

    model: AnswerModel
    described: PretrainedDescription
    seconds_to_read: float
    """That a photo and a question take."""

    @property
    def path(self) -> Path:
        return self.described.path

    @property
    def content_hash(self) -> str:
        """The hub's commit; empty where that isn't known."""
        return self.described.revision or ""

    @property
    def shape(self) -> ModelShape:
        known = self.described
        return ModelShape(
            known.layers, known.heads, grid_side=1, image_tokens=known.image_tokens,
            max_question_tokens=known.longest_question, max_answer_tokens=known.longest_answer,
        )

    def seconds_a_photo(self, *, settings: int, captions: bool, probes: bool) -> float:
        """About how long all that is asked about one photo takes. settings: of head suppression, SPIN off among them."""
        token = self.described.seconds_a_token or USUAL_TOKEN_S
        caption = self.seconds_to_read + GenerationConfig().max_tokens * token if captions else 0.0
        asked = QUESTIONS_A_PHOTO * (self.seconds_to_read + ANSWER_TOKENS * token) if probes else 0.0
        return settings * caption + (settings + probes) * asked

    def answer_questions(
        self, images: Sequence[CaptionedImage], places: torch.Tensor, questions: Sequence[Sequence[str]], *,
        intervention: Intervention | None, generation: GenerationConfig, progress: Progress, so_far: AnswersSoFar | None,
    ) -> list[list[str]]:
        """For each photo (places [N, 1] among the images) the answers to its questions. so_far: see answer_questions."""
        if intervention is not None and not isinstance(intervention, SpinConfig):
            raise ConfigError("pretrained models are measured with SPIN only, not with other methods")
        answers = [] if so_far is None else so_far.answers
        for number in range(len(answers), len(questions)):
            photo = images[int(places[number, 0])].path
            requests = [
                AnswerRequest(photo, question, spin=intervention, generation=generation, free_form=True)
                for question in questions[number]
            ]
            answers.append([self.model.answer(request).text.strip() for request in requests])
            if so_far is not None:
                so_far.take(answers)
            progress(number + 1, len(questions))
        return answers


Subject = ModelFile | PretrainedSubject


def ask_subject(
    subject: Subject, images: Sequence[CaptionedImage], features: torch.Tensor, questions: Sequence[Sequence[str]], *,
    intervention: Intervention | None, generation: GenerationConfig, progress: Progress,
    distorted: torch.Tensor | None = None, so_far: AnswersSoFar | None = None,
) -> list[list[str]]:
    """For each photo (its features) the answers to its questions. images: all of the measurement; for the rest see
    answer_questions."""
    if isinstance(subject, PretrainedSubject):
        return subject.answer_questions(
            images, features, questions, intervention=intervention, generation=generation, progress=progress, so_far=so_far
        )
    return answer_questions(
        subject.model, subject.tokenizer, features, questions, intervention=intervention, generation=generation,
        progress=progress, distorted=distorted, so_far=so_far,
    )


def open_subject(folder: Path, *, device: str) -> PretrainedSubject:
    """The pretrained model in this folder, loaded and tried. Raises ConfigError and ModelFileError."""
    from core.open_model import open_folder

    session = open_folder(folder, choices=None, device=device)
    return PretrainedSubject(session, session.describe(), session.seconds_to_read(finer=False))
