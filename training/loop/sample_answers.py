"""The model's answers about the same few dev photos while it trains, so that one sees it learn."""

from __future__ import annotations

from typing import Any

import torch

from core.config import GenerationConfig
from core.model.vlm import VisionLanguageModel
from core.text.tokenizer import Tokenizer
from training.batches.image_store import encode_photos
from training.batches.run_data import SplitData
from training.evaluation.sweep.answering import answer_questions
from training.questions.vqa_pairs import CAPTION_QUESTIONS

PHOTOS = 6
QUESTION = CAPTION_QUESTIONS[0]


def sample_answers(
    model: VisionLanguageModel, tokenizer: Tokenizer, dev: SplitData, *, device: torch.device
) -> list[dict[str, Any]]:
    """For each of six dev photos, always the same: image, question, answer and one person's caption as reference."""
    model.eval()
    count = min(PHOTOS, len(dev.images))
    chosen = [number * len(dev.images) // count for number in range(count)]
    batches = encode_photos(
        model.encoder, dev.pixels[chosen], device=device, autocast=False, progress=lambda *_: None, batch=PHOTOS
    )
    features = torch.cat([part for _, part in batches])
    answers = answer_questions(
        model, tokenizer, features, [[QUESTION]] * len(chosen), intervention=None, generation=GenerationConfig(),
        progress=lambda *_: None,
    )
    return [
        {"image": str(image.path), "question": QUESTION, "answer": answer, "reference": image.captions[0]}
        for image, (answer,) in zip([dev.images[number] for number in chosen], answers, strict=True)
    ]
