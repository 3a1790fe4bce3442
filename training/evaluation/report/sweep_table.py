"""A sweep as tables: on the terminal, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from core.model.interventions import Intervention
from training.evaluation.metrics.bootstrap import Interval
from training.evaluation.metrics.interval_words import in_cell
from training.evaluation.metrics.probes import STRATEGIES
from training.evaluation.people.table import COLUMNS, people_rows
from training.evaluation.report.sweep_report import SweepReport, verdict
from training.evaluation.report_schema import ALL_STRATEGIES, SCORES, Pointing, ProbeRow, Probes
from training.evaluation.sweep.spin_sweep import CaptionReport
from training.evaluation.sweep.sweep_rows import SweepRow

TABLE_WIDTH = 140
"""Characters, where the table goes into a file."""
CAPTION_COLUMNS = ("captions", "CHAIR_i", "CHAIR_s", "recall", "F1", "CIDEr-D", "BLEU-4", "words")
PROBE_COLUMNS = ("yes or no", "right, %", "F1", "precision", "recall", "yes-rate", "neither", *STRATEGIES)
PROBE_SCORES = ("accuracy", "f1")
SETTING_COLUMNS = (
    "keep", "alpha", "first_layer", "last_layer", "score", "seed", "gamma", "strength", "plausibility", "noise_step",
)
CAPTION_NUMBERS = ("precision", "f1", "mean_objects", "bleu_1", "bleu_2", "bleu_3", "bleu_4", "rouge_l", "words")
PROBE_NUMBERS = {"precision": ".3f", "recall": ".3f", "yes_rate": ".3f", "invalid": "", "count": ""}
"""With how they are written."""
OTHER_CAPTION, OTHER_PHOTO = "another photo's caption", "another photo"


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
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


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
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["layer", "head", "hit", "mass"])
    for layer, heads in enumerate(pointing.heads, start=1):
        for number, head in enumerate(heads, start=1):
            writer.writerow([layer, number, f"{head['hit']:.3f}", f"{head['mass']:.3f}"])
    return text.getvalue()


def print_report(report: SweepReport, console: Console) -> None:
    """The tables, and in words which setting is best."""
    if not console.is_terminal:
        console.width = max(console.width, TABLE_WIDTH)
    names = report.titles()
    if report.captions is not None:
        _print_table(console, *_caption_table(report.captions, report.ms_per_token), names=names)
    if report.probes is not None:
        _print_table(console, PROBE_COLUMNS, _probe_lines(report.probes), names=names)
    if report.people is not None:
        _print_table(console, COLUMNS, people_rows(report.people), names={})
    console.print(verdict(report))


def _print_table(
    console: Console, columns: Sequence[str], lines: Sequence[Sequence[str]], *, names: Mapping[str, str]
) -> None:
    """names: what settings are called, where that isn't their name."""
    table = Table(box=None, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    for line in lines:
        table.add_row(names.get(line[0], line[0]), *line[1:])
    console.print(table)
    console.print()


def _caption_table(captions: CaptionReport, costs: Mapping[str, float]) -> tuple[Sequence[str], list[list[str]]]:
    """Columns and lines; with the cost of a token where it was measured."""
    lines: list[list[str]] = []
    for row in captions.rows:
        lines.append([row.name, *map(in_cell, (row.chair_i, row.chair_s, row.recall)), f"{row.chair.f1:.1f}",
                      in_cell(row.cider_d), f"{row.captions.bleu_4:.1f}", f"{row.captions.mean_words:.1f}"])
    for name, chair in (("people", captions.humans), (OTHER_CAPTION, captions.chance)):
        lines.append([name, *(f"{value:.1f}" for value in (chair.chair_i, chair.chair_s, chair.recall, chair.f1)), "", "", ""])
    if not costs:
        return CAPTION_COLUMNS, lines
    return (*CAPTION_COLUMNS, "ms a token"), [[*line, f"{costs[line[0]]:.2f}" if line[0] in costs else ""] for line in lines]


def _probe_lines(probes: Probes) -> list[list[str]]:
    lines: list[list[str]] = []
    for row in probes.all_rows:
        scores = row.by_strategy[ALL_STRATEGIES]
        parts = [scores["precision"], scores["recall"], scores["yes_rate"]]
        accuracies = [row.by_strategy[name]["accuracy"] for name in STRATEGIES]
        lines.append([row.name, *(in_cell(row.intervals[name]) for name in PROBE_SCORES), *(f"{part:.1f}" for part in parts),
                      f"{scores['invalid']:,}", *(f"{part:.1f}" for part in accuracies)])
    return lines
