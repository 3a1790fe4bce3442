"""An interval as text, for sentences and for the cells of tables."""

from __future__ import annotations

from training.evaluation.metrics.bootstrap import Interval


def in_sentence(found: Interval, unit: str = "") -> str:
    """`22.8 (20.9 to 24.9)`; the unit follows the first figure."""
    return f"{found.value:.1f}{unit} ({found.low:.1f} to {found.high:.1f})"


def change_in_words(found: Interval, *, digits: int = 1, unit: str = "") -> str:
    """`+2.9 (-2.1 to +7.1)`; digits: behind the point; unit: as above."""
    return f"{found.value:+.{digits}f}{unit} ({found.low:+.{digits}f} to {found.high:+.{digits}f})"


def in_cell(found: Interval, *, digits: int = 1) -> str:
    """`22.8 (20.9-24.9)`"""
    return f"{found.value:.{digits}f} ({found.low:.{digits}f}-{found.high:.{digits}f})"
