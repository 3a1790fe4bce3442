"""Answers as tables on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.answers import AnswerToken, Comparison, Declining, FloatArray
from spinvlm_desktop.answers.comparison_words import describe_divergence

LEGEND = """\
mass: attention of the kept heads on the photo, the rest is on the question
most: layer and head that look at it most, and how much"""
HEADS_LEGEND = "; ■ kept, · suppressed"
MOST_HEADS = 128
"""Of all layers together, that are drawn one by one."""
LEVELS = "▁▂▃▄▅▆▇█"


def print_explanation(console: Console, tokens: Sequence[AnswerToken]) -> None:
    """A row per token: its probability, how much the heads looked at the image, and which heads were kept.

    80 columns hold the heads of a small model; those of a larger one go on in the next line, layer by layer. Where there are
    too many to be drawn, each layer is one bar: how much its kept heads looked at the image.
    """
    drawn = not tokens or tokens[0].head_gate.size <= MOST_HEADS
    table = Table(title="What the heads did for each word", title_justify="left", box=None, pad_edge=False)
    table.add_column("word", no_wrap=True)
    table.add_column("prob.", justify="right", no_wrap=True)
    table.add_column("mass", justify="right", no_wrap=True)
    table.add_column("most", no_wrap=True)
    table.add_column("heads kept, layer by layer" if drawn else "mass, layer by layer")
    for token in tokens:
        is_last = token is tokens[-1]
        kept = token.head_gate >= 1
        mass = float(token.image_mass[kept].mean()) if kept.any() else 0.0
        layer, head = (int(i) for i in np.unravel_index(np.argmax(token.image_mass * kept), kept.shape))
        table.add_row(
            Text(token.text.strip() or ("(end)" if is_last else "…")),
            f"{token.probability:.2f}",
            f"{mass:.2f}",
            f"L{layer} H{head} {token.image_mass[layer, head]:.2f}",
            _drawn_heads(kept) if drawn else _layer_bars(token.image_mass, kept),
        )
    console.print(table)
    console.print(LEGEND + (HEADS_LEGEND if drawn else ""), style="dim")


def _drawn_heads(kept: NDArray[np.bool_]) -> str:
    """kept: [L, H]"""
    return " ".join("".join("■" if on else "·" for on in row) for row in kept)


def _layer_bars(mass: FloatArray, kept: NDArray[np.bool_]) -> str:
    """mass, kept: [L, H] -> a character a layer"""
    means = (mass * kept).sum(1) / kept.sum(1).clip(min=1)
    return "".join(LEVELS[min(int(mean * len(LEVELS)), len(LEVELS) - 1)] for mean in means)


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
