"""A sweep as tables on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from training.evaluation.metrics.interval_words import in_cell
from training.evaluation.metrics.probes import STRATEGIES
from training.evaluation.people.table import COLUMNS, people_rows
from training.evaluation.report.sweep_report import SweepReport, verdict
from training.evaluation.report_schema import ALL_STRATEGIES, OTHER_CAPTION, Probes
from training.evaluation.sweep.spin_sweep import CaptionReport

TABLE_WIDTH = 140
"""Characters, where the table goes into a file."""
CAPTION_COLUMNS = ("captions", "CHAIR_i", "CHAIR_s", "recall", "F1", "CIDEr-D", "BLEU-4", "words")
PROBE_COLUMNS = ("yes or no", "right, %", "F1", "precision", "recall", "yes-rate", "neither", *STRATEGIES)
PROBE_SCORES = ("accuracy", "f1")


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
