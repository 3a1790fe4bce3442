"""Yes/no probes under each setting, scored with intervals over the photos."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from core.config import GenerationConfig
from core.files.checkpoint import ModelFile
from core.model.interventions import Intervention
from training.batches.image_store import Progress
from training.evaluation import report_schema
from training.evaluation.metrics.bootstrap import FloatArray, Interval, bootstrap_interval
from training.evaluation.metrics.probe_scores import ProbeScores, accuracy_of, count_outcomes, f1_of, score_outcomes, yes_rate_of
from training.evaluation.metrics.probes import STRATEGIES, Probe
from training.evaluation.sweep.answering import answer_questions
from training.evaluation.sweep.dev_set import DevSet
from training.evaluation.sweep.kept_answers import AnswersSoFar, KeptAnswers
from training.evaluation.sweep.settings_grid import Settings
from training.evaluation.sweep.sweep_rows import SEED, gain_interval

ANSWER_TOKENS = 6
"""Enough for a yes or no and for seeing that an answer is neither."""
BLIND = "another photo"
INTERVALS = ("f1", "accuracy", "yes_rate", "f1_gain", "accuracy_gain")


@dataclass(frozen=True)
class ProbeRow:
    """One setting's answers, scored; 95 % intervals over the photos, of all strategies together."""

    name: str
    by_strategy: dict[str, ProbeScores]
    """random, popular, adversarial, and all."""
    f1: Interval
    accuracy: Interval
    yes_rate: Interval
    f1_gain: Interval
    """Above that of SPIN off, on the same photos."""
    accuracy_gain: Interval
    counts: FloatArray = field(repr=False)
    """[N, 6]: see probe_scores."""

    @property
    def all(self) -> ProbeScores:
        return self.by_strategy[report_schema.ALL_STRATEGIES]

    def for_report(self) -> report_schema.ProbeRow:
        """As the report has it."""
        strategies = {name: scores.to_dict() for name, scores in self.by_strategy.items()}
        return report_schema.ProbeRow(self.name, strategies, {name: getattr(self, name) for name in INTERVALS})


@dataclass(frozen=True)
class ProbeReport:
    """All settings; SPIN off comes first."""

    rows: tuple[ProbeRow, ...]
    blind: ProbeRow
    """Each question asked of another photo, with SPIN off: what is right then was guessed."""

    def for_report(self) -> report_schema.Probes:
        """As the report has it."""
        return report_schema.Probes(tuple(row.for_report() for row in self.rows), self.blind.for_report())


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
    file: ModelFile, dev: DevSet, probes: Sequence[Probe], settings: Settings, kept: KeptAnswers, *,
    progress: Callable[[str], Progress],
) -> ProbeReport:
    """Ask all probes under each setting; `settings` begins with the baseline. kept: see kept_probe_answers."""
    # Each photo's features stand for the next one's: the questions then ask of what nobody sees.
    blind = replace(dev, features=torch.roll(dev.features, -1, dims=0))
    rows: list[ProbeRow] = []
    for name, applied in asked_settings(settings):
        answers = kept.get(name, count=len(probes))
        if answers is None:
            seen = blind if name == BLIND else dev
            answers = answer_probes(file, seen, probes, applied, progress(asking(name)), so_far=kept.begin(name))
            kept.add(name, answers)
        rows.append(_score(name, probes, answers, dev, rows[0].counts if rows else None))
    return ProbeReport(tuple(rows[:-1]), rows[-1])


def answer_probes(
    file: ModelFile, dev: DevSet, probes: Sequence[Probe], intervention: Intervention | None, progress: Progress, *,
    so_far: AnswersSoFar | None = None,
) -> list[str]:
    """The model's answer to each probe; a question that several strategies share is asked once. so_far: see answer_questions."""
    questions: dict[str, dict[str, str]] = {}
    for probe in probes:
        questions.setdefault(probe.photo, {})[probe.question] = ""
    places = [index for index, image in enumerate(dev.images) if image.name in questions]
    asked = [list(questions[dev.images[place].name]) for place in places]
    answers = answer_questions(
        file.model, file.tokenizer, dev.features[places], asked, intervention=intervention,
        generation=GenerationConfig(max_tokens=ANSWER_TOKENS), progress=progress,
        distorted=None if dev.distorted is None else dev.distorted[places], so_far=so_far,
    )
    for place, group, said in zip(places, asked, answers, strict=True):
        questions[dev.images[place].name] = dict(zip(group, said, strict=True))
    return [questions[probe.photo][probe.question] for probe in probes]


def _score(
    name: str, probes: Sequence[Probe], answers: Sequence[str], dev: DevSet, baseline: FloatArray | None
) -> ProbeRow:
    photos = [image.name for image in dev.images]
    by_strategy: dict[str, FloatArray] = {}
    for strategy in STRATEGIES:
        own = [(probe, said) for probe, said in zip(probes, answers, strict=True) if probe.strategy == strategy]
        by_strategy[strategy] = count_outcomes([probe for probe, _ in own], [said for _, said in own], photos)
    counts = sum(by_strategy.values(), start=by_strategy[STRATEGIES[0]] * 0)
    off = counts if baseline is None else baseline
    return ProbeRow(
        name, {strategy: score_outcomes(own) for strategy, own in {**by_strategy, report_schema.ALL_STRATEGIES: counts}.items()},
        f1=bootstrap_interval(counts, f1_of, seed=SEED), accuracy=bootstrap_interval(counts, accuracy_of, seed=SEED),
        yes_rate=bootstrap_interval(counts, yes_rate_of, seed=SEED),
        f1_gain=gain_interval(off, counts, f1_of, more_is_better=True),
        accuracy_gain=gain_interval(off, counts, accuracy_of, more_is_better=True), counts=counts,
    )
