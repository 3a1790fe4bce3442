"""Yes/no probes under each setting, scored with intervals over the photos."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from core.config import GenerationConfig
from core.files.checkpoint import ModelFile
from core.model.interventions import Intervention
from training.batches.image_store import Progress
from training.evaluation.metrics.bootstrap import FloatArray, bootstrap_interval
from training.evaluation.metrics.probe_scores import accuracy_of, count_outcomes, f1_of, score_outcomes, yes_rate_of
from training.evaluation.metrics.probes import STRATEGIES, Probe
from training.evaluation.report_schema import ALL_STRATEGIES, ProbeRow, Probes
from training.evaluation.sweep.answering import answer_questions
from training.evaluation.sweep.dev_set import DevSet
from training.evaluation.sweep.kept_answers import AnswersSoFar, KeptAnswers
from training.evaluation.sweep.photo_by_photo import Condition, answer_photo_by_photo, of_spin
from training.evaluation.sweep.settings_grid import Settings
from training.evaluation.sweep.subject import PretrainedSubject, Subject
from training.evaluation.sweep.sweep_rows import SEED, gain_interval

ANSWER_TOKENS = 6
"""Enough for a yes or no and for seeing that an answer is neither."""
BLIND = "another photo"
ASKING = "yes or no, under every setting"
"""The step in which a pretrained model is asked all probes, in words."""


def kept_probe_answers(folder: Path, probes: Sequence[Probe], *, depends_on: dict[str, Any]) -> KeptAnswers:
    """The folder's probe_answers.json. depends_on: what the answers follow from, but for questions and settings."""
    asked = [(probe.photo, probe.question) for probe in probes]
    return KeptAnswers(folder / "probe_answers.json", {**depends_on, "questions": asked})


def asking(name: str) -> str:
    """The step that asks all probes under a setting, in words."""
    return f"yes or no: {name}"


def asked_settings(settings: Settings) -> list[tuple[str, Intervention | None]]:
    """The settings, and SPIN off with another photo at the end."""
    return [*settings.items(), (BLIND, None)]


def sweep_probes(
    file: Subject, dev: DevSet, probes: Sequence[Probe], settings: Settings, kept: KeptAnswers, *,
    progress: Callable[[str], Progress],
) -> tuple[Probes, dict[str, FloatArray]]:
    """Ask all probes under each setting, and by setting how the answers came out, [N, 6] (see probe_scores).

    `settings` begins with the baseline. kept: see kept_probe_answers. Another photo's: each question asked of another
    photo, with SPIN off; what is right then was guessed.
    """
    if isinstance(file, PretrainedSubject):
        _ask_photo_by_photo(file, dev, probes, settings, kept, progress(ASKING))
    # Each photo's features stand for the next one's: the questions then ask of what nobody sees.
    blind = replace(dev, features=torch.roll(dev.features, -1, dims=0))
    rows: list[ProbeRow] = []
    counts: dict[str, FloatArray] = {}
    for name, applied in asked_settings(settings):
        answers = kept.get(name, count=len(probes))
        if answers is None:
            assert isinstance(file, ModelFile)  # of a pretrained model all are there
            seen = blind if name == BLIND else dev
            answers = answer_probes(file, seen, probes, applied, progress(asking(name)), so_far=kept.begin(name))
            kept.add(name, answers)
        by_strategy = _outcomes(probes, answers, dev)
        counts[name] = by_strategy[ALL_STRATEGIES]
        rows.append(_score(name, by_strategy, next(iter(counts.values()))))
    return Probes(tuple(rows[:-1]), rows[-1]), counts


def answer_probes(
    file: ModelFile, dev: DevSet, probes: Sequence[Probe], intervention: Intervention | None, progress: Progress, *,
    so_far: AnswersSoFar | None = None,
) -> list[str]:
    """The model's answer to each probe; a question that several strategies share is asked once. so_far: see answer_questions."""
    places, asked = _asked(probes, dev)
    answers = answer_questions(
        file.model, file.tokenizer, dev.features[places], asked, intervention=intervention,
        generation=GenerationConfig("greedy", max_tokens=ANSWER_TOKENS), progress=progress,
        distorted=None if dev.distorted is None else dev.distorted[places], so_far=so_far,
    )
    return _of_probes(probes, dev, places, asked, answers)


def _ask_photo_by_photo(
    subject: PretrainedSubject, dev: DevSet, probes: Sequence[Probe], settings: Settings, kept: KeptAnswers, progress: Progress
) -> None:
    """All answers of a pretrained model, kept. Each photo is looked at for its own questions and for those of the one before."""
    places, asked = _asked(probes, dev)
    photos = [dev.images[place].path for place in places]
    others = [dev.images[(place + 1) % len(dev.images)].path for place in places]
    conditions = [
        Condition(
            {name: spin for name, spin in of_spin(part).items() if kept.get(name, count=len(probes)) is None}, looked_at, asked
        )
        for part, looked_at in ((settings, photos), ({BLIND: None}, others))
    ]
    said = answer_photo_by_photo(
        subject.model, conditions, kept, generation=GenerationConfig("greedy", max_tokens=ANSWER_TOKENS), progress=progress
    )
    for name, answers in said.items():
        kept.add(name, _of_probes(probes, dev, places, asked, answers))


def _asked(probes: Sequence[Probe], dev: DevSet) -> tuple[list[int], list[list[str]]]:
    """Places of the photos that are asked about, and the questions about each."""
    questions: dict[str, dict[str, None]] = {}
    for probe in probes:
        questions.setdefault(probe.photo, {})[probe.question] = None
    places = [index for index, image in enumerate(dev.images) if image.name in questions]
    return places, [list(questions[dev.images[place].name]) for place in places]


def _of_probes(
    probes: Sequence[Probe], dev: DevSet, places: Sequence[int], asked: Sequence[Sequence[str]], answers: Sequence[Sequence[str]]
) -> list[str]:
    """The answer to each probe. answers: to what was asked, see _asked."""
    said = {
        dev.images[place].name: dict(zip(group, texts, strict=True))
        for place, group, texts in zip(places, asked, answers, strict=True)
    }
    return [said[probe.photo][probe.question] for probe in probes]


def _outcomes(probes: Sequence[Probe], answers: Sequence[str], dev: DevSet) -> dict[str, FloatArray]:
    """[N, 6] for each strategy and for all together."""
    photos = [image.name for image in dev.images]
    found: dict[str, FloatArray] = {}
    for strategy in STRATEGIES:
        own = [(probe, said) for probe, said in zip(probes, answers, strict=True) if probe.strategy == strategy]
        found[strategy] = count_outcomes([probe for probe, _ in own], [said for _, said in own], photos)
    return {**found, ALL_STRATEGIES: sum(found.values(), start=found[STRATEGIES[0]] * 0)}


def _score(name: str, by_strategy: Mapping[str, FloatArray], baseline: FloatArray) -> ProbeRow:
    """95 % intervals over the photos, of all strategies together. baseline: all outcomes with SPIN off."""
    counts = by_strategy[ALL_STRATEGIES]
    statistics = {"f1": f1_of, "accuracy": accuracy_of, "yes_rate": yes_rate_of}
    intervals = {score: bootstrap_interval(counts, statistic, seed=SEED) for score, statistic in statistics.items()}
    for score in ("f1", "accuracy"):
        intervals[f"{score}_gain"] = gain_interval(baseline, counts, statistics[score], more_is_better=True)
    return ProbeRow(name, {strategy: score_outcomes(own).to_dict() for strategy, own in by_strategy.items()}, intervals)
