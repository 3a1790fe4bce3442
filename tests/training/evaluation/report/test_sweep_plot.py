"""The picture of a sweep."""

from __future__ import annotations

import io
import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from training.evaluation.metrics.bootstrap import Interval
from training.evaluation.metrics.pareto import pareto_front
from training.evaluation.report.scatter_plot import Line, Mark, PlotWords, draw_scatter, nice_ticks, place_labels, place_name

WORDS = PlotWords("Title", "Subtitle", "x", "y", "notes")


def mark(number: int, *, front: bool = False) -> Mark:
    x, y = 50 + number, 20 + (number * 7) % 5
    return Mark(f"K={number}", "1 / 2", Interval(x, x - 2, x + 2, 0.95), Interval(y, y - 1, y + 1, 0.95), str(number % 3), front)


@pytest.mark.parametrize("number", [1, 11, 60])
def test_a_picture_of_any_number_of_settings(number: int) -> None:
    marks = [mark(n, front=n == 0) for n in range(number)]
    picture = Image.open(io.BytesIO(draw_scatter(marks, [Line("people", y=1.5), Line("", x=52)], WORDS)))
    assert (picture.format, picture.mode) == ("PNG", "RGB")
    colours = {colour for _, colour in picture.getcolors(1_000_000)}
    assert (217, 164, 0) in colours, "the front is gold"
    assert picture.size[1] >= 34 * number
    corner = picture.crop((0, 0, 5, picture.size[1]))
    assert corner.getcolors() == [(5 * picture.size[1], (255, 255, 255))], "nothing runs over the edge"


def test_all_values_alike() -> None:
    flat = Interval(0, 0, 0, 0.95)
    assert draw_scatter([Mark("off", "", flat, flat, "")], [Line("people", y=0)], WORDS)


@given(st.floats(-100, 100), st.floats(0, 100))
def test_ticks_are_round_and_cover_the_values(low: float, span: float) -> None:
    ticks = nice_ticks(low, low + span)
    assert ticks[0] <= low + 1e-6
    assert ticks[-1] >= low + span - 1e-6
    assert 2 <= len(ticks) <= 10
    steps = {round(after - before, 9) for before, after in pairwise(ticks)}
    assert len(steps) == 1


def test_numbers_keep_apart() -> None:
    places = [(500 + 9.0 * math.cos(n), 400 + 9.0 * math.sin(n)) for n in range(12)]
    labels = place_labels(places)
    pairs = [(a, b) for n, a in enumerate(labels) for b in labels[:n]]
    assert min(math.dist(a, b) for a, b in pairs) > 20
    assert min(math.dist(label, place) for label in labels for place in places) > 15


def test_the_name_of_a_line_keeps_out_of_the_way_of_marks() -> None:
    assert place_name(300, 120, []) == (110, 287)
    assert place_name(300, 120, [(100, 200, 170, 320), (280, 290, 400, 310)]) == (400, 287), "the gap between them is too small"
    assert place_name(300, 120, [(100, 310, 900, 400)]) == (110, 287), "what lies below the line isn't in its way"
    assert place_name(300, 120, [(0, 0, 2000, 900)]) == (110, 287)


def test_the_front_is_what_nothing_beats_both_ways() -> None:
    assert pareto_front([(50, 20), (40, 10), (45, 25), (50, 22), (30, 10), (60, 30)]) == {0, 1, 5}
    assert pareto_front([(50, 20), (50, 20)]) == {0, 1}
