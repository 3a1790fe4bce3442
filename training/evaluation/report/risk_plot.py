"""The picture of a certainty: right answers against answers given, for each source of questions."""

from __future__ import annotations

from collections.abc import Sequence

from core.certainty import SURE_FROM
from training.evaluation.certainty_record import ALL, CAPTIONS, PEOPLE, CertaintyRecord, Point
from training.evaluation.metrics.bootstrap import Interval
from training.evaluation.report.scatter_plot import Line, Mark, PlotWords, draw_scatter

NAMES = {ALL: "all", PEOPLE: "people's", CAPTIONS: "of captions"}
STEP = 10.0
"""Percent of the answers between two marks of one source."""


def plot_certainty(record: CertaintyRecord, *, model: str) -> bytes:
    """PNG. A mark is what is right where so many of the most certain answers are given."""
    sources = [name for name in record.curves if name != ALL] or [ALL]
    marks = [
        Mark(
            f"{NAMES.get(name, name)}, certainty from {certainty:.0f} %", f"{covered:.0f} / {right:.1f}", _exact(covered),
            _exact(right), name,
        )
        for name in sources for certainty, covered, right in _spread(record.curves[name])
    ]
    return draw_scatter(marks, [Line(f"sure: {100 * SURE_FROM:.0f} %", y=100 * SURE_FROM)], PlotWords(
        title=f"How far answers of {model} can be trusted",
        subtitle=f"{record.questions - record.declined:,} answers about {record.photos:,} photos; each certainty was made by "
                 "others of them",
        x="Answers given, the most certain first, %", y="Right ones of those, %", notes="given / right",
    ))


def _spread(points: Sequence[Point]) -> list[Point]:
    """Points some STEP apart, the last one among them."""
    found = [points[-1]]
    for point in reversed(points):
        if point[1] <= found[-1][1] - STEP:
            found.append(point)
    return found[::-1]


def _exact(value: float) -> Interval:
    return Interval(value, value, value, 0.95)
