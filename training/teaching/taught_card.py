"""The card of a taught model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from training.teaching.report import ShownAnswer, TeachReport
from training.teaching.result_words import OUTCOME_TITLES, explained, rows

MOST_EXAMPLES = 12


def taught_card(report: TeachReport, name: str) -> str:
    """Markdown, for people."""
    head = ["measured on", "before", "after", "change, in points (95 %)"]
    lines = [
        f"# Model card: {name}", "",
        f"Taught in {report.seconds / 60:.1f} minutes: {report.taught.photos} photos were shown to it, "
        f"{report.held_out.photos} were kept back. It started from {report.model} and rehearsed what that knew: "
        f"{report.rehearsed}. Its encoder is the same.", "",
        f"## {OUTCOME_TITLES[report.outcome]}", "", explained(report), "",
        f"| {' | '.join(head)} |", "| --- | ---: | ---: | ---: |",
        *(f"| {' | '.join(row)} |" for row in rows(report)), "",
        _what_was_taken(report), "", "How sure it says it is was measured before it was taught.", *_examples(report.shown),
    ]
    return "\n".join(lines) + "\n"


def _what_was_taken(report: TeachReport) -> str:
    if not report.best_pass:
        return "No pass was better than the start."
    best = f"Pass {report.best_pass} of {report.passes} was best."
    if report.part == 1:
        return best
    return f"{best} The model takes over {report.part:.0%} of what that changed: with more it forgot too much, or was less good."


def _examples(shown: Sequence[ShownAnswer]) -> list[str]:
    """Answers that changed about photos that were kept back: first those that became right, then those that became wrong."""
    changed = [one for one in shown if not one.taught and one.before != one.after]
    changed.sort(key=lambda one: (not (one.is_right and not one.was_right), not (one.was_right and not one.is_right)))
    if not changed:
        return []
    return [
        "", "## What it says now about photos that it wasn't shown", "", "| photo | question | right | before | now |",
        "| --- | --- | --- | --- | --- |", *map(_example, changed[:MOST_EXAMPLES]),
    ]


def _example(one: ShownAnswer) -> str:
    cells = Path(one.image).name, one.question, one.right, _judged(one.before, one.was_right), _judged(one.after, one.is_right)
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _judged(answer: str, right: bool) -> str:
    return f"{answer or 'declined'} - {'right' if right else 'wrong'}"
