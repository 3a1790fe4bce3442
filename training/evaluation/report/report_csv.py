"""A report's figures as CSV, for spreadsheets and other programs: a file a subject, scores with the ends of their intervals."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.model.interventions import Intervention
from training.evaluation.certainty_record import CertaintyRecord
from training.evaluation.metrics.bootstrap import Interval
from training.evaluation.people_record import PeopleRecord
from training.evaluation.report.sweep_report import SweepReport
from training.evaluation.report.sweep_table import PROBE_SCORES
from training.evaluation.report_schema import ALL_STRATEGIES, OTHER_CAPTION, SCORES, Pointing, ProbeRow
from training.evaluation.sweep.sweep_rows import SweepRow

SETTING_COLUMNS = (
    "keep", "alpha", "first_layer", "last_layer", "score", "seed", "gamma", "strength", "plausibility", "noise_step",
)
CAPTION_NUMBERS = ("precision", "f1", "mean_objects", "bleu_1", "bleu_2", "bleu_3", "bleu_4", "rouge_l", "words")
PROBE_NUMBERS = {"precision": ".3f", "recall": ".3f", "yes_rate": ".3f", "invalid": "", "count": ""}
"""With how they are written."""
OTHER_PHOTO = "another photo"
PEOPLE_SCORES = ("right", "another_photo", "question_alone", "gain", "alike")
CERTAINTY_SCORES = ("right", "ece", "aurc", "sure_right")
CERTAINTY_NUMBERS = ("ece_by_chance", "separation", "sure", "held_back", "held_back_right")


def to_csv(report: SweepReport) -> str:
    """A line a setting; people, another photo's caption and another photo at the end. Scores with an interval have its ends
    beside them; what wasn't measured is empty."""
    captions = {} if report.captions is None else {row.name: row for row in report.captions.rows}
    probes = {} if report.probes is None else {row.name: row for row in report.probes.rows}
    lines = [
        {"setting": name, **_setting_cells(captions[name].applied if name in captions else None),
         "ms_per_token": f"{report.ms_per_token[name]:.3f}" if name in report.ms_per_token else "",
         **_caption_cells(captions.get(name)), **_probe_cells(probes.get(name))}
        for name in captions or probes
    ]
    if report.captions is not None:
        for name, chair in (("people", report.captions.humans), (OTHER_CAPTION, report.captions.chance)):
            values = ("chair_i", "chair_s", "recall", "precision", "f1", "mean_objects")
            lines.append({"setting": name, **{key: f"{getattr(chair, key):.3f}" for key in values}})
    if report.probes is not None:
        lines.append({"setting": OTHER_PHOTO, **_probe_cells(report.probes.blind)})
    columns = ["setting", *SETTING_COLUMNS, "ms_per_token", *_with_ends(SCORES), *CAPTION_NUMBERS,
               *_with_ends([f"probe_{name}" for name in PROBE_SCORES]), *(f"probe_{name}" for name in PROBE_NUMBERS)]
    return _written(columns, lines)


def _with_ends(names: Sequence[str]) -> list[str]:
    return [f"{name}{end}" for name in names for end in ("", "_low", "_high")]


def _interval_cells(name: str, interval: Interval) -> dict[str, str]:
    return {name: f"{interval.value:.3f}", f"{name}_low": f"{interval.low:.3f}", f"{name}_high": f"{interval.high:.3f}"}


def _setting_cells(applied: Intervention | None) -> dict[str, Any]:
    return {} if applied is None else {key: value for key, value in applied.to_dict().items() if key in SETTING_COLUMNS}


def _caption_cells(row: SweepRow | None) -> dict[str, str]:
    if row is None:
        return {}
    chair, words = row.chair, row.captions
    numbers = (chair.precision, chair.f1, chair.mean_objects, words.bleu_1, words.bleu_2, words.bleu_3, words.bleu_4,
               words.rouge_l, words.mean_words)
    cells = {name: f"{number:.3f}" for name, number in zip(CAPTION_NUMBERS, numbers, strict=True)}
    for name in SCORES:
        cells |= _interval_cells(name, getattr(row, name))
    return cells


def _probe_cells(row: ProbeRow | None) -> dict[str, str]:
    if row is None:
        return {}
    scores = row.by_strategy[ALL_STRATEGIES]
    cells = {f"probe_{name}": format(scores[name], form) for name, form in PROBE_NUMBERS.items()}
    for name in PROBE_SCORES:
        cells |= _interval_cells(f"probe_{name}", row.intervals[name])
    return cells


def pointing_csv(pointing: Pointing) -> str:
    """A line a head, layers and heads counted from 1, as the window shows them."""
    lines = [
        {"layer": layer, "head": number, "hit": f"{head['hit']:.3f}", "mass": f"{head['mass']:.3f}"}
        for layer, heads in enumerate(pointing.heads, start=1) for number, head in enumerate(heads, start=1)
    ]
    return _written(("layer", "head", "hit", "mass"), lines)


def people_csv(record: PeopleRecord) -> str:
    """Answers to people's questions: a line for all, for each form of answer, and for each kind of question."""
    lines = [
        {"questions_about": row.name, "questions": row.questions,
         **_merged(_interval_cells(name, getattr(row, name)) for name in PEOPLE_SCORES)}
        for row in record.rows
    ]
    return _written(("questions_about", "questions", *_with_ends(PEOPLE_SCORES)), lines)


def certainty_csv(record: CertaintyRecord) -> str:
    """How sure answers are and how many are right: a line for all, and for each kind of question."""
    lines = [
        {"questions_about": row.name, "questions": row.questions,
         **_merged(_interval_cells(name, found) for name in CERTAINTY_SCORES if (found := getattr(row, name)) is not None),
         **{name: f"{number:.3f}" for name in CERTAINTY_NUMBERS if (number := getattr(row, name)) is not None}}
        for row in record.rows
    ]
    return _written(("questions_about", "questions", *_with_ends(CERTAINTY_SCORES), *CERTAINTY_NUMBERS), lines)


def _merged(cells: Iterable[dict[str, str]]) -> dict[str, str]:
    return {name: value for found in cells for name, value in found.items()}


def _written(columns: Sequence[str], lines: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()
