"""The picture of a sweep: objects that are invented against objects that are found, setting by setting."""

from __future__ import annotations

from collections.abc import Mapping

from core.model.spin_text import keep_text
from training.evaluation.metrics.pareto import pareto_front
from training.evaluation.report.scatter_plot import Line, Mark, PlotWords, draw_scatter
from training.evaluation.sweep.spin_sweep import CaptionReport
from training.evaluation.sweep.sweep_rows import SweepRow


def plot_sweep(report: CaptionReport, titles: Mapping[str, str], *, model: str, photos: int, calibrated: str) -> bytes:
    """PNG. The best settings are at the lower right; the Pareto front joins those that none beats both ways.

    titles: what settings are called, by name.
    """
    front = pareto_front([(row.recall.value, row.chair_i.value) for row in report.rows])
    marks = [
        Mark(titles[row.name], _note(row), row.recall, row.chair_i, _group(row), index in front)
        for index, row in enumerate(report.rows)
    ]
    off = report.rows[0]
    lines = [
        Line(f"SPIN off: {off.chair_i.value:.1f} %", y=off.chair_i.value), Line("", x=off.recall.value),
        Line(f"people: {report.humans.chair_i:.1f} % (they find {report.humans.recall:.1f} %)", y=report.humans.chair_i),
    ]
    best = f"best for this model: {titles[calibrated]}"
    return draw_scatter(marks, lines, PlotWords(
        title=f"What SPIN does to the captions of {model}",
        subtitle=f"{photos:,} photos; thin lines: 95 % intervals; gold: the Pareto front; {best}",
        x="Objects found (recall), %: more is better", y="Invented objects (CHAIR_i), %: less is better",
        notes="CHAIR_i / recall",
    ))


def _note(row: SweepRow) -> str:
    return f"{row.chair_i.value:.1f} / {row.recall.value:.1f}"


def _group(row: SweepRow) -> str:
    """Settings that keep as many heads have one colour, and each kind of other method."""
    if row.spin is None:
        return "" if row.method is None else str(row.method["kind"])
    return keep_text(row.spin.keep)
