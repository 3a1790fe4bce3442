"""A model's answers to many questions about many photos, in batches."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from core.config import GenerationConfig, SpinConfig
from core.decoding_run import HeadSettings, validate_spin
from core.generation import generate_batch
from core.prompt import encode_prompt
from core.token_choice import AnswerAlphabet
from core.tokenizer import Tokenizer
from core.vlm import VisionLanguageModel
from training.image_store import Progress


def answer_questions(
    model: VisionLanguageModel,
    tokenizer: Tokenizer,
    features: torch.Tensor,
    questions: Sequence[Sequence[str]],
    *,
    spin: SpinConfig | None,
    generation: GenerationConfig,
    progress: Progress,
    batch: int = 32,
) -> list[list[str]]:
    """For each photo (features [N, I, encoder width]) the answers to its questions."""
    validate_spin(model.config, spin)
    device = model.token_embedding.weight.device
    alphabet = AnswerAlphabet.of(tokenizer)
    limit = model.config.max_question_tokens
    answers: list[list[str]] = []
    for start in range(0, len(questions), batch):
        asked = questions[start : start + batch]
        prompts = [[encode_prompt(tokenizer, question, max_tokens=limit) for question in group] for group in asked]
        generated = generate_batch(
            model, features[start : start + batch].to(device).float(), prompts, alphabet=alphabet,
            pad_id=tokenizer.pad_id, generation=generation, heads=HeadSettings(spin=spin),
        )
        answers += [[tokenizer.decode(answer.token_ids) for answer in group] for group in generated]
        progress(min(start + batch, len(questions)), len(questions))
    return answers
