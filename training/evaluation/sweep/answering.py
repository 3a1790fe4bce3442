"""A model's answers to many questions about many photos, in batches."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from core.config import GenerationConfig
from core.decoding.generation import AnswerSettings, generate_batch
from core.decoding.token_choice import AnswerAlphabet
from core.decoding.usual_way import describing
from core.model.head_settings import HeadSettings
from core.model.interventions import Intervention, validate_intervention
from core.model.vlm import VisionLanguageModel
from core.text.prompt import encode_prompt
from core.text.tokenizer import Tokenizer
from training.batches.image_store import Progress
from training.evaluation.sweep.kept_answers import AnswersSoFar

BATCH_PHOTOS = 32
"""Answered side by side."""


def answer_questions(
    model: VisionLanguageModel,
    tokenizer: Tokenizer,
    features: torch.Tensor,
    questions: Sequence[Sequence[str]],
    *,
    intervention: Intervention | None,
    generation: GenerationConfig,
    progress: Progress,
    distorted: torch.Tensor | None = None,
    so_far: AnswersSoFar | None = None,
) -> list[list[str]]:
    """For each photo (features [N, I, encoder width]) the answers to its questions.

    generation: `default` makes descriptions as the chat does, whatever is asked; distorted: features of the distorted
    photos, needed where they are contrasted; so_far: answers that were made before, and where those that are made are kept.
    """
    validate_intervention(model.config.shape, intervention)
    device = model.device
    heads = HeadSettings(intervention)
    if generation.method == "default":
        settings = describing(tokenizer, generation, heads)
    else:
        settings = AnswerSettings(AnswerAlphabet.of(tokenizer), generation, heads)
    limit = model.config.max_question_tokens
    made = [] if so_far is None else so_far.answers
    # Whole batches only: among other photos a photo's numbers are rounded otherwise, and nearly tied words may change places.
    answers = made[: len(made) // BATCH_PHOTOS * BATCH_PHOTOS]
    for start in range(len(answers), len(questions), BATCH_PHOTOS):
        part = slice(start, start + BATCH_PHOTOS)
        asked = questions[part]
        prompts = [[encode_prompt(tokenizer, question, max_tokens=limit) for question in group] for group in asked]
        generated = generate_batch(
            model, features[part].to(device).float(), prompts, settings,
            distorted_features=None if distorted is None else distorted[part].to(device).float(),
        )
        answers += [[tokenizer.decode(answer.token_ids) for answer in group] for group in generated]
        if so_far is not None:
            so_far.take(answers)
        progress(min(start + BATCH_PHOTOS, len(questions)), len(questions))
    return answers
