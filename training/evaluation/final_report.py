"""What a trained model says about the dev photos, measured: captions and answers, SPIN off and on, and without the photo."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.checkpoint import ModelFile
from core.config import GenerationConfig, SpinConfig
from core.image_input import load_image, squash
from training.captions import CaptionedImage, load_captions
from training.config import TrainingConfig
from training.distributed import trains_in_bfloat16
from training.evaluation.answer_baselines import chance_scores, majority_answers
from training.evaluation.answering import answer_questions
from training.evaluation.caption_metrics import CaptionScores, caption_scores
from training.evaluation.report import EvaluationReport
from training.evaluation.vqa_metrics import KindScore, answer_accuracy
from training.image_store import Progress, encode_photos, usable_images
from training.vqa_pairs import CAPTION_QUESTIONS, QaPair, build_pairs

CAPTION_QUESTION = CAPTION_QUESTIONS[0]
SPIN_SETTINGS: dict[str, SpinConfig] = {
    "SPIN K=H/2, alpha 0": SpinConfig(keep=0.5, alpha=0.0),
    "SPIN r=.95, alpha .08": SpinConfig(keep=0.95, alpha=0.08),
}
"""The hard variant that keeps half of the heads, and the authors' setting for captions (arXiv 2505.16411)."""
PAIRS_PER_PHOTO = 4
"""Derived pairs that are asked per photo; all of them would take longer and tell little more."""


@dataclass(frozen=True)
class DevSet:
    """Photos that the model hasn't trained on, and what is asked about them."""

    images: list[CaptionedImage]
    features: torch.Tensor
    """[N, I, encoder width], float16"""
    pairs: list[list[QaPair]]
    """For each photo."""

    @property
    def references(self) -> dict[str, list[str]]:
        return {image.name: list(image.captions) for image in self.images}


def evaluate_run(
    file: ModelFile, config: TrainingConfig, *, device: torch.device, progress: Callable[[str], Progress]
) -> EvaluationReport:
    """Measure a model on the dev split of its training data, on report_photos of it."""
    started = time.monotonic()
    dataset = load_captions(Path(config.data), seed=config.seed)
    images = usable_images(dataset.split("dev"))
    if config.report_photos and len(images) > config.report_photos:
        chosen = random.Random(config.seed).sample(images, config.report_photos)
        images = sorted(chosen, key=lambda image: image.name)
    model = file.model.to(device)
    pixels = _read_photos(images, file.config.image_size)
    autocast, looking = trains_in_bfloat16(config.precision, device), progress("looking at dev photos")
    batches = encode_photos(model.encoder, pixels, device=device, autocast=autocast, progress=looking)
    features = torch.cat([part.half().cpu() for _, part in batches])
    dev = DevSet(images, features, _dev_pairs(images, build_pairs(dataset, "dev", seed=config.seed), seed=config.seed))
    train_answers = [
        (pair.kind, pair.answer) for pair in build_pairs(dataset, "train", seed=config.seed) if pair.kind != "caption"
    ]
    return EvaluationReport(
        photos=len(images),
        pairs=sum(map(len, dev.pairs)),
        seconds=0.0,
        captions=_captions(file, dev, progress),
        answers=_answers(file, dev, train_answers, progress),
    ).with_seconds(round(time.monotonic() - started, 1))


def _read_photos(images: list[CaptionedImage], size: int) -> NDArray[np.uint8]:
    return np.stack([squash(load_image(image.path, at_least=2 * size), size) for image in images])


def _dev_pairs(images: list[CaptionedImage], pairs: list[QaPair], *, seed: int) -> list[list[QaPair]]:
    by_image: dict[str, list[QaPair]] = {image.name: [] for image in images}
    for pair in pairs:
        if pair.kind != "caption" and pair.image in by_image:
            by_image[pair.image].append(pair)
    return [
        random.Random(f"{seed} {name}").sample(found, min(PAIRS_PER_PHOTO, len(found))) for name, found in by_image.items()
    ]


def _captions(file: ModelFile, dev: DevSet, progress: Callable[[str], Progress]) -> dict[str, CaptionScores]:
    greedy, beam = GenerationConfig(), GenerationConfig(method="beam", beam_width=4)
    conditions: list[tuple[str, SpinConfig | None, GenerationConfig]] = [
        ("SPIN off, greedy", None, greedy),
        ("SPIN off, beam 4", None, beam),
        *((f"{name}, greedy", spin, greedy) for name, spin in SPIN_SETTINGS.items()),
    ]
    scores: dict[str, CaptionScores] = {}
    for name, spin, generation in conditions:
        answers = answer_questions(
            file.model, file.tokenizer, dev.features, [[CAPTION_QUESTION]] * len(dev.images), spin=spin,
            generation=generation, progress=progress(f"describing: {name}"),
        )
        candidates = {image.name: captions[0] for image, captions in zip(dev.images, answers, strict=True)}
        scores[name] = caption_scores(candidates, dev.references)
        if spin is None and generation is greedy:
            shuffled = [candidates[image.name] for image in dev.images[1:] + dev.images[:1]]
            blind = dict(zip(candidates, shuffled, strict=True))
            scores["blind: another photo's caption"] = caption_scores(blind, dev.references)
    return scores


def _answers(
    file: ModelFile, dev: DevSet, train_answers: list[tuple[str, str]], progress: Callable[[str], Progress]
) -> dict[str, dict[str, KindScore]]:
    questions = [[pair.question for pair in pairs] for pairs in dev.pairs]
    kinds = [pair.kind for pairs in dev.pairs for pair in pairs]
    expected = [pair.answer for pairs in dev.pairs for pair in pairs]
    # Each question is asked of the next photo: what is still right then was guessed from the question.
    shuffled = torch.roll(dev.features, -1, dims=0)
    conditions: list[tuple[str, SpinConfig | None, torch.Tensor]] = [
        ("SPIN off", None, dev.features),
        *((name, spin, dev.features) for name, spin in SPIN_SETTINGS.items()),
        ("blind: another photo", None, shuffled),
    ]
    scores: dict[str, dict[str, KindScore]] = {}
    for name, spin, features in conditions:
        asked = [index for index, group in enumerate(questions) if group]
        answers = answer_questions(
            file.model, file.tokenizer, features[asked], [questions[index] for index in asked], spin=spin,
            generation=GenerationConfig(max_tokens=16), progress=progress(f"answering: {name}"),
        )
        predicted = [answer for group in answers for answer in group]
        scores[name] = answer_accuracy(kinds, expected, predicted)
    majority = majority_answers(train_answers)
    scores["majority answer"] = answer_accuracy(kinds, expected, [majority.get(kind, "") for kind in kinds])
    scores["chance"] = chance_scores(train_answers, kinds, expected)
    return scores
