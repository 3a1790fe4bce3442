"""The card of a taught model."""

from __future__ import annotations

from training.teaching.report import TeachReport
from training.teaching.result_words import OUTCOME_TITLES, explained, rows


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
        f"Pass {report.best_pass} of {report.passes} was best." if report.best_pass else "No pass was better than the start.", "",
        "How sure it says it is was measured before it was taught.",
    ]
    return "\n".join(lines) + "\n"
