"""What head suppression does to a model's captions: many settings, on the same photos, beside people and chance.

Captions are kept as they are made, so that a sweep that was cut off goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.config import GREEDY, GenerationConfig
from core.files.checkpoint import ModelFile
from training.batches.image_store import Progress
from training.evaluation.judged_captions import JudgedCaption
from training.evaluation.metrics.chair import ChairScores, ObjectJudge, chair_scores, human_floor
from training.evaluation.report_schema import AS_IN_CHAT
from training.evaluation.sweep.dev_set import DevSet, describe
from training.evaluation.sweep.kept_answers import KeptAnswers
from training.evaluation.sweep.photo_by_photo import Condition, answer_photo_by_photo, of_spin
from training.evaluation.sweep.settings_grid import Settings
from training.evaluation.sweep.subject import PretrainedSubject, Subject
from training.evaluation.sweep.sweep_rows import SweepRow, judged_captions, score_row
from training.questions.vqa_pairs import CAPTION_QUESTION

DESCRIBING = "describing, under every setting"
"""The step in which a pretrained model describes all photos, in words."""


@dataclass(frozen=True)
class CaptionReport:
    """All settings, and what people and chance score."""

    rows: tuple[SweepRow, ...]
    """SPIN off comes first; last, of a model file, what the chat says (AS_IN_CHAT)."""
    humans: ChairScores
    """Each reference against the others of its photo."""
    chance: ChairScores
    """Another photo's caption, of the model with SPIN off."""
    judged: dict[str, list[JudgedCaption]]
    """By setting, each photo's caption and what it invents: see judged_captions."""


def kept_captions(folder: Path, *, depends_on: dict[str, Any]) -> KeptAnswers:
    """The folder's captions.json. depends_on: what the captions follow from, but for question and settings."""
    return KeptAnswers(folder / "captions.json", {**depends_on, "question": CAPTION_QUESTION})


def describing(name: str) -> str:
    """The step that describes all photos under a setting, in words."""
    return f"describing: {name}"


def sweep_captions(
    file: Subject, dev: DevSet, settings: Settings, kept: KeptAnswers, *, progress: Callable[[str], Progress]
) -> CaptionReport:
    """Describe all photos under each setting and score it; `settings` begins with the baseline. kept: see kept_captions.

    Settings are compared by greedy captions; those that the chat shows, with SPIN off, are a row of their own.
    """
    if isinstance(file, PretrainedSubject):
        _describe_photo_by_photo(file, dev, settings, kept, progress(DESCRIBING))
    judge = ObjectJudge(dev.known.lexicon, dev.references.values(), present=dev.known.present)
    rows: list[SweepRow] = []
    said: dict[str, list[str]] = {}
    ways = {name: (applied, GREEDY) for name, applied in settings.items()}
    if not isinstance(file, PretrainedSubject):
        ways[AS_IN_CHAT] = None, GenerationConfig()
    for name, (applied, generation) in ways.items():
        captions = kept.get(name, count=len(dev.images))
        if captions is None:
            assert isinstance(file, ModelFile)  # of a pretrained model all are there
            captions = describe(file, dev, applied, generation, progress(describing(name)), so_far=kept.begin(name))
            kept.add(name, captions)
        said[name] = captions
        judged = [
            judge.judge(text, image.captions, photo=image.name) for text, image in zip(captions, dev.images, strict=True)
        ]
        rows.append(score_row(name, applied, captions, judged, dev, rows[0].photos if rows else None))
    first = next(iter(said.values()))
    shuffled = zip([*first[1:], *first[:1]], dev.images, strict=True)
    chance = chair_scores([judge.judge(text, image.captions, photo=image.name) for text, image in shuffled])
    return CaptionReport(
        tuple(rows), human_floor(judge, dev.references), chance,
        {row.name: judged_captions(row, dev, said[row.name]) for row in rows},
    )


def _describe_photo_by_photo(
    subject: PretrainedSubject, dev: DevSet, settings: Settings, kept: KeptAnswers, progress: Progress
) -> None:
    """All captions, kept."""
    missing = {name: spin for name, spin in of_spin(settings).items() if kept.get(name, count=len(dev.images)) is None}
    condition = Condition(missing, [image.path for image in dev.images], [[CAPTION_QUESTION]] * len(dev.images))
    said = answer_photo_by_photo(subject.model, [condition], kept, generation=GREEDY, progress=progress)
    for name, answers in said.items():
        kept.add(name, [captions[0] for captions in answers])
