"""Answers as tables on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.answers import AnswerToken, Comparison, Declining
from spinvlm_desktop.answers.comparison_words import describe_divergence

LEGEND = """\
mass: attention of the kept heads on the photo, the rest is on the question
most: layer and head that look at it most, and how much; ■ kept, · suppressed"""


def print_explanation(console: Console, tokens: Sequence[AnswerToken]) -> None:
    """A row per token: its probability, how much the heads looked at the image, and which heads were kept.

    80 columns hold the heads of a small model; those of a larger one go on in the next line, layer by layer.
    """
    table = Table(title="What the heads did for each word", title_justify="left", box=None, pad_edge=False)
    table.add_column("word", no_wrap=True)
    table.add_column("prob.", justify="right", no_wrap=True)
    table.add_column("mass", justify="right", no_wrap=True)
    table.add_column("most", no_wrap=True)
    table.add_column("heads kept, layer by layer")
    for token in tokens:
        kept = token.head_gate >= 1
        mass = float(token.image_mass[kept].mean()) if kept.any() else 0.0
        layer, head = (int(i) for i in np.unravel_index(np.argmax(token.image_mass * kept), kept.shape))
        table.add_row(
            Text(token.text.strip() or "(end)"),
            f"{token.probability:.2f}",
            f"{mass:.2f}",
            f"L{layer} H{head} {token.image_mass[layer, head]:.2f}",
            " ".join("".join("■" if on else "·" for on in row) for row in kept),
        )
    console.print(table)
    console.print(LEGEND, style="dim")


def print_declined(console: Console, declined: Declining) -> None:
    """Why there is no answer, and what can be asked instead."""
    console.print(declined.sentence, soft_wrap=True, markup=False)
    for suggestion in declined.suggestions:
        console.print(f"Try: {suggestion}", soft_wrap=True, markup=False)


def print_comparison(console: Console, comparison: Comparison, *, explain: bool) -> None:
    """Both answers, and the first token at which they differ; the sentence where the question is declined."""
    if comparison.declined is not None:
        print_declined(console, comparison.declined)
        return
    console.print(f"SPIN off: {comparison.baseline.text}", soft_wrap=True)
    console.print(f"SPIN on:  {comparison.spin.text}", soft_wrap=True)
    console.print(describe_divergence(comparison), soft_wrap=True)
    if explain:
        for title, answer in (("SPIN off", comparison.baseline), ("SPIN on", comparison.spin)):
            console.print(f"\n{title}", style="bold")
            print_explanation(console, answer.tokens)
