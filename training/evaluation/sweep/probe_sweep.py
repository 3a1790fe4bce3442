"""Yes/no probes under each setting, scored with intervals over the photos."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from core.config import GenerationConfig
from core.model.interventions import Intervention
from training.batches.image_store import Progress
from training.evaluation.metrics.bootstrap import FloatArray, bootstrap_interval
from training.evaluation.metrics.probe_scores import accuracy_of, count_outcomes, f1_of, score_outcomes, yes_rate_of
from training.evaluation.metrics.probes import STRATEGIES, Probe
from training.evaluation.report_schema import ALL_STRATEGIES, ProbeRow, Probes
from training.evaluation.sweep.dev_set import DevSet
from training.evaluation.sweep.kept_answers import AnswersSoFar, KeptAnswers
from training.evaluation.sweep.settings_grid import Settings
from training.evaluation.sweep.subject import Subject, ask_subject
from training.evaluation.sweep.sweep_rows import SEED, gain_interval

ANSWER_TOKENS = 6
"""Enough for a yes or no and for seeing that an answer is neither."""
BLIND = "another photo"


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
    # Each photo's features stand for the next one's: the questions then ask of what nobody sees.
    blind = replace(dev, features=torch.roll(dev.features, -1, dims=0))
    rows: list[ProbeRow] = []
    counts: dict[str, FloatArray] = {}
    for name, applied in asked_settings(settings):
        answers = kept.get(name, count=len(probes))
        if answers is None:
            seen = blind if name == BLIND else dev
            answers = answer_probes(file, seen, probes, applied, progress(asking(name)), so_far=kept.begin(name))
            kept.add(name, answers)
        by_strategy = _outcomes(probes, answers, dev)
        counts[name] = by_strategy[ALL_STRATEGIES]
        rows.append(_score(name, by_strategy, next(iter(counts.values()))))
    return Probes(tuple(rows[:-1]), rows[-1]), counts


def answer_probes(
    file: Subject, dev: DevSet, probes: Sequence[Probe], intervention: Intervention | None, progress: Progress, *,
    so_far: AnswersSoFar | None = None,
) -> list[str]:
    """The model's answer to each probe; a question that several strategies share is asked once. so_far: see answer_questions."""
    questions: dict[str, dict[str, str]] = {}
    for probe in probes:
        questions.setdefault(probe.photo, {})[probe.question] = ""
    places = [index for index, image in enumerate(dev.images) if image.name in questions]
    asked = [list(questions[dev.images[place].name]) for place in places]
    answers = ask_subject(
        file, dev.images, dev.features[places], asked, intervention=intervention,
        generation=GenerationConfig("greedy", max_tokens=ANSWER_TOKENS), progress=progress,
        distorted=None if dev.distorted is None else dev.distorted[places], so_far=so_far,
    )
    for place, group, said in zip(places, asked, answers, strict=True):
        questions[dev.images[place].name] = dict(zip(group, said, strict=True))
    return [questions[probe.photo][probe.question] for probe in probes]


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
