"""What a trained model says about the dev photos, measured: captions and answers, SPIN off and on, and without the photo."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from core.certainty import MeasuredCertainty
from core.config import GREEDY, GenerationConfig, SpinConfig
from core.files.bundled_models import starter_model_path
from core.files.checkpoint import ModelFile, load_model
from core.model.published_spin import HALF, PUBLISHED
from training.batches.image_store import Progress
from training.data.captions import CaptionDataset, CaptionedImage
from training.data.collections import load_collections
from training.data.known_objects import read_known_objects
from training.evaluation.certainty.asked_photos import asked_photos
from training.evaluation.certainty.judged_questions import right_answers
from training.evaluation.certainty.judging import RightAnswers
from training.evaluation.certainty.measuring import measure_certainty
from training.evaluation.metrics.answer_baselines import chance_scores, majority_answers
from training.evaluation.metrics.caption_metrics import CaptionScores, caption_scores
from training.evaluation.metrics.vqa_metrics import KindScore, answer_accuracy
from training.evaluation.people.asking import ASKING
from training.evaluation.people.looking import asked_features
from training.evaluation.people.measuring import measure_people
from training.evaluation.report.examples import choose_examples, write_examples
from training.evaluation.report.run_report import RunReport
from training.evaluation.report_schema import AS_IN_CHAT
from training.evaluation.sweep.answering import answer_questions
from training.evaluation.sweep.dev_set import DevSet, choose_photos, describe, photo_features, read_intact_photos, read_photos
from training.questions.vqa_pairs import QaPair, build_pairs, read_image
from training.run.training_config import TrainingConfig

SPIN_SETTINGS: dict[str, SpinConfig] = {
    "SPIN K=H/2, alpha 0": HALF,
    "SPIN r=.95, alpha .08": PUBLISHED[0].spin,
}
"""The hard variant that keeps half of the heads, and the authors' setting for captions (arXiv 2505.16411)."""
STARTER = "starter model"
PAIRS_PER_PHOTO = 4
"""Derived pairs that are asked per photo; all of them would take longer and show little more."""
LEAST_QUESTIONS = 100
"""That a certainty must rest on: with fewer, most kinds of answers hardly occur."""


def measure_run(
    file: ModelFile, config: TrainingConfig, *, device: torch.device, progress: Callable[[str], Progress],
    examples: Path | None = None,
) -> tuple[RunReport, MeasuredCertainty | None]:
    """Measure a model on the dev split of its training data, on report_photos of it; and its certainty, for the model file, where
    there are enough questions to tell.

    examples: a file for the model's best and worst captions.
    """
    started = time.monotonic()
    dataset = load_collections(config.folders, seed=config.seed)
    chosen = choose_photos(dataset, "dev", limit=config.report_photos, seed=config.seed)
    # A photo that is damaged was grey while the run trained; that is nothing to be measured on.
    images, pixels = read_intact_photos(chosen, file.config.image_size)
    features = photo_features(
        file, pixels, precision=config.precision, device=device, progress=progress("looking at dev photos")
    )
    dev = DevSet(images, features, _dev_pairs(images, build_pairs(dataset, "dev", seed=config.seed), seed=config.seed))
    train_answers = [
        (pair.kind, pair.answer) for pair in build_pairs(dataset, "train", seed=config.seed) if pair.kind != "caption"
    ]
    described_photos = [number for number, image in enumerate(images) if image.captions]
    captioned = dev.part(described_photos)
    captions, described = _captions(file, captioned, progress) if captioned.images else ({}, [])
    rights = _right_answers(dev, dataset)
    answers = _answers(file, dev, rights, train_answers, progress)
    if examples is not None and captioned.images:
        write_examples(examples, *choose_examples(captioned.images, described))
    if config.compare_with_starter:
        starter = load_model(starter_model_path())
        looking = progress("looking at dev photos with the starter model")
        pixels = read_photos(images, starter.config.image_size)
        seen = photo_features(starter, pixels, precision=config.precision, device=device, progress=looking)
        answers[STARTER] = _answered(starter, dev, rights, seen, None, progress(f"answering: {STARTER}"))
        if captioned.images:
            captions[STARTER] = _caption_scores(starter, replace(dev, features=seen).part(described_photos), progress)
    asked = asked_photos(
        dataset, images, (), read_known_objects(dataset.root), split="dev", limit=config.report_photos, seed=config.seed
    )
    looked_at = asked_features(file, dev, asked, precision=config.precision, device=device, progress=progress)
    certainty = None
    if len(asked.questions) >= LEAST_QUESTIONS:
        certainty = measure_certainty(
            file, looked_at, asked.questions, data=asked.data, spin=None, seed=config.seed, progress=progress
        )
    report = RunReport(
        photos=len(images), pairs=sum(map(len, dev.pairs)), seconds=round(time.monotonic() - started, 1), captions=captions,
        answers=answers, certainty=None if certainty is None else certainty.record,
        people=measure_people(file, looked_at, asked, spin=None, seed=config.seed, progress=progress(ASKING)),
    )
    return report, None if certainty is None else certainty.measured


def _right_answers(dev: DevSet, dataset: CaptionDataset) -> list[RightAnswers]:
    """What answers each of the pairs: people's answers, or what any caption says."""
    found: list[RightAnswers] = []
    for image, pairs in zip(dev.images, dev.pairs, strict=True):
        if image.questions:
            found += [RightAnswers(pair.answers or ((pair.answer, 1),), by_people=bool(pair.answers)) for pair in pairs]
        else:
            found += right_answers(pairs, read_image(image, dataset))
    return found


def _dev_pairs(images: list[CaptionedImage], pairs: list[QaPair], *, seed: int) -> list[list[QaPair]]:
    by_image: dict[str, list[QaPair]] = {image.name: [] for image in images}
    for pair in pairs:
        if pair.kind != "caption" and pair.image in by_image:
            by_image[pair.image].append(pair)
    return [
        random.Random(f"{seed} {name}").sample(found, min(PAIRS_PER_PHOTO, len(found))) for name, found in by_image.items()
    ]


def _captions(
    file: ModelFile, dev: DevSet, progress: Callable[[str], Progress]
) -> tuple[dict[str, CaptionScores], list[str]]:
    """Scores under each condition, and the captions with SPIN off, in the order of the photos."""
    conditions: list[tuple[str, SpinConfig | None, GenerationConfig]] = [
        ("SPIN off, greedy", None, GREEDY),
        (AS_IN_CHAT, None, GenerationConfig()),
        ("SPIN off, beam 4", None, GenerationConfig("beam", beam_width=4)),
        *((f"{name}, greedy", spin, GREEDY) for name, spin in SPIN_SETTINGS.items()),
    ]
    scores: dict[str, CaptionScores] = {}
    described: list[str] = []
    for name, spin, generation in conditions:
        said = describe(file, dev, spin, generation, progress(f"describing: {name}"))
        candidates = {image.name: caption for image, caption in zip(dev.images, said, strict=True)}
        scores[name] = caption_scores(candidates, dev.references)
        if spin is None and generation is GREEDY:
            described = said
            shuffled = [candidates[image.name] for image in dev.images[1:] + dev.images[:1]]
            blind = dict(zip(candidates, shuffled, strict=True))
            scores["blind: another photo's caption"] = caption_scores(blind, dev.references)
    return scores, described


def _caption_scores(file: ModelFile, dev: DevSet, progress: Callable[[str], Progress]) -> CaptionScores:
    """Another model's, greedy and with SPIN off."""
    said = describe(file, dev, None, GREEDY, progress(f"describing: {STARTER}"))
    candidates = {image.name: caption for image, caption in zip(dev.images, said, strict=True)}
    return caption_scores(candidates, dev.references)


def _answers(
    file: ModelFile, dev: DevSet, rights: Sequence[RightAnswers], train_answers: list[tuple[str, str]],
    progress: Callable[[str], Progress],
) -> dict[str, dict[str, KindScore]]:
    kinds, expected = dev.kinds, dev.expected
    # Each question is asked of the next photo: what is still right then was guessed from the question.
    shuffled = torch.roll(dev.features, -1, dims=0)
    conditions: list[tuple[str, SpinConfig | None, torch.Tensor]] = [
        ("SPIN off", None, dev.features),
        *((name, spin, dev.features) for name, spin in SPIN_SETTINGS.items()),
        ("blind: another photo", None, shuffled),
    ]
    scores: dict[str, dict[str, KindScore]] = {}
    for name, spin, features in conditions:
        scores[name] = _answered(file, dev, rights, features, spin, progress(f"answering: {name}"))
    majority = majority_answers(train_answers)
    scores["majority answer"] = _scored(dev, rights, [majority.get(kind, "") for kind in kinds])
    scores["chance"] = chance_scores(train_answers, kinds, expected)
    return scores


def _answered(
    file: ModelFile, dev: DevSet, rights: Sequence[RightAnswers], features: torch.Tensor, spin: SpinConfig | None,
    progress: Progress,
) -> dict[str, KindScore]:
    """Scores of the answers to all questions. features: of the photos that they are asked of."""
    questions = [[pair.question for pair in pairs] for pairs in dev.pairs]
    asked = [index for index, group in enumerate(questions) if group]
    answers = answer_questions(
        file.model, file.tokenizer, features[asked], [questions[index] for index in asked], intervention=spin,
        generation=GenerationConfig("greedy", max_tokens=16), progress=progress,
    )
    return _scored(dev, rights, [answer for group in answers for answer in group])


def _scored(dev: DevSet, rights: Sequence[RightAnswers], answers: Sequence[str]) -> dict[str, KindScore]:
    alike = [right.score(answer) for right, answer in zip(rights, answers, strict=True)]
    return answer_accuracy(dev.kinds, dev.expected, answers, alike=alike)
