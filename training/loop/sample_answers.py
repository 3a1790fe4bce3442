"""The model's answers about the same few dev photos while it trains, so that one sees it learn."""

from __future__ import annotations

from typing import Any

import torch

from core.config import GREEDY
from core.model.vlm import VisionLanguageModel
from core.text.tokenizer import Tokenizer
from training.batches.image_store import encode_photos
from training.batches.run_data import SplitData
from training.evaluation.sweep.answering import answer_questions
from training.questions.vqa_pairs import CAPTION_QUESTION

PHOTOS = 6


def sample_answers(
    model: VisionLanguageModel, tokenizer: Tokenizer, dev: SplitData, *, device: torch.device
) -> list[dict[str, Any]]:
    """For each of six dev photos, always the same: image, question, answer and one person's caption or answer as reference."""
    model.eval()
    count = min(PHOTOS, len(dev.images))
    chosen = [number * len(dev.images) // count for number in range(count)]
    batches = encode_photos(
        model.encoder, dev.pixels[chosen], device=device, autocast=False, progress=lambda *_: None, batch=PHOTOS
    )
    features = torch.cat([part for _, part in batches])
    images = [dev.images[number] for number in chosen]
    asked = [
        (CAPTION_QUESTION, image.captions[0]) if image.captions else (image.questions[0].question, image.questions[0].answer)
        for image in images
    ]
    answers = answer_questions(
        model, tokenizer, features, [[question] for question, _ in asked], intervention=None, generation=GREEDY,
        progress=lambda *_: None,
    )
    return [
        {"image": str(image.path), "question": question, "answer": answer, "reference": reference}
        for image, (question, reference), (answer,) in zip(images, asked, answers, strict=True)
    ]
