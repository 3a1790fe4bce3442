"""The steps of a measurement, with what each costs and what an earlier go at it left of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.model.interventions import ImageContrast, Intervention
from training.evaluation.metrics.probes import Probe
from training.evaluation.photo_costs import PhotoCosts
from training.evaluation.report_schema import AS_IN_CHAT
from training.evaluation.sweep.kept_answers import KeptAnswers
from training.evaluation.sweep.methods import distortion_of
from training.evaluation.sweep.probe_sweep import ASKING, asked_settings, asking
from training.evaluation.sweep.settings_grid import Settings
from training.evaluation.sweep.spin_sweep import DESCRIBING, describing
from training.evaluation.sweep.work import Step, StepKind

READING, LOOKING, LOOKING_AT_NOISE = "reading the photos", "looking at the photos", "looking at the photos under noise"
TIMING, POINTING = "timing", "pointing"
READING_MORE, LOOKING_MORE = "reading the photos with questions", "looking at the photos with questions"
BEAMS = 4
"""How many times as long a description takes as in the chat, of many photos side by side, as a greedy one."""
SECONDS: dict[StepKind, float] = {
    "reading": 0.002, "looking": 0.012, "asking": 0.0013, "describing": 0.018, "timing": 1.5, "pointing": 0.045,
}
"""What the starter model took of one core of a Xeon with AMX: for a photo, a question, or a setting whose words are timed."""


def steps_of(
    photos: int, settings: Settings, *, probes: Sequence[Probe], answers: KeptAnswers | None, captions: KeptAnswers | None,
    time_tokens: bool, pointing: bool, questions: QuestionsWork | None = None,
) -> list[Step]:
    """All steps, in their order. answers, captions: those that are kept; None where they aren't measured."""
    steps = [
        Step(READING, "reading", photos * SECONDS["reading"]), Step(LOOKING, "looking", photos * SECONDS["looking"])
    ]
    if distortion_of(settings) is not None:
        steps.append(Step(LOOKING_AT_NOISE, "looking", photos * SECONDS["looking"]))
    if answers is not None:
        different, asked = len({(probe.photo, probe.question) for probe in probes}), len({probe.photo for probe in probes})
        for name, applied in asked_settings(settings):
            kept = answers.part(name, count=len(probes), photos=asked)
            steps.append(Step(asking(name), "asking", different * _times(applied) * SECONDS["asking"], kept))
    if captions is not None:
        for name, applied in settings.items():
            kept = captions.part(name, count=photos, photos=photos)
            steps.append(Step(describing(name), "describing", photos * _times(applied) * SECONDS["describing"], kept))
        kept = captions.part(AS_IN_CHAT, count=photos, photos=photos)
        steps.append(Step(describing(AS_IN_CHAT), "describing", photos * BEAMS * SECONDS["describing"], kept))
    if time_tokens:
        steps.append(Step(TIMING, "timing", sum(map(_times, settings.values())) * SECONDS["timing"]))
    if pointing:
        steps.append(Step(POINTING, "pointing", photos * SECONDS["pointing"]))
    return steps if questions is None else [*steps, *_question_steps(questions)]


def steps_photo_by_photo(
    photos: int, settings: Settings, costs: PhotoCosts, *, probes: Sequence[Probe], answers: KeptAnswers | None,
    captions: KeptAnswers | None, pointing: bool, people: Step | None = None,
) -> list[Step]:
    """The same for a pretrained model, which answers about a photo under all settings before it looks at the next one.

    people: the step that asks people's questions, where they are asked.
    """
    steps: list[Step] = []
    if answers is not None:
        asked = len({probe.photo for probe in probes})
        names = [name for name, _ in asked_settings(settings)]
        kept = min(answers.part(name, count=len(probes), photos=asked) for name in names)
        steps.append(Step(ASKING, "asking", asked * costs.probes, kept))
    if captions is not None:
        kept = min(captions.part(name, count=photos, photos=photos) for name in settings)
        steps.append(Step(DESCRIBING, "describing", photos * costs.captions, kept))
    if pointing:
        steps.append(Step(POINTING, "pointing", photos * costs.pointing))
    return steps if people is None else [*steps, people]


@dataclass(frozen=True)
class QuestionsWork:
    """What is asked to measure a certainty, and how people's questions are answered."""

    more_photos: int
    """That aren't measured otherwise."""
    asking: tuple[tuple[str, int], ...]
    """Names of the steps that ask, each with how many questions it asks."""


def _question_steps(work: QuestionsWork) -> list[Step]:
    more = work.more_photos
    looking = [
        Step(READING_MORE, "reading", more * SECONDS["reading"]), Step(LOOKING_MORE, "looking", more * SECONDS["looking"])
    ] if more else []
    return [*looking, *(Step(name, "asking", questions * SECONDS["asking"]) for name, questions in work.asking)]


def _times(applied: Intervention | None) -> int:
    """A contrast decodes twice."""
    return 2 if isinstance(applied, ImageContrast) else 1
