"""Answers as tables on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.answers import AnswerToken, Comparison
from spinvlm_desktop.comparison_words import describe_divergence


def print_explanation(console: Console, tokens: Sequence[AnswerToken]) -> None:
    """A row per token: its probability, how much the heads looked at the image, and which heads were kept."""
    table = Table(title="What the heads did for each word", title_justify="left", box=None, pad_edge=False)
    table.add_column("word")
    table.add_column("probability", justify="right")
    table.add_column("image mass", justify="right")
    table.add_column("most on image", justify="left")
    table.add_column("heads kept, layer by layer", justify="left")
    for token in tokens:
        kept = token.head_gate >= 1
        mass = float(token.image_mass[kept].mean()) if kept.any() else 0.0
        layer, head = (int(i) for i in np.unravel_index(np.argmax(token.image_mass * kept), kept.shape))
        table.add_row(
            Text(token.text.strip() or "(end)"),
            f"{token.probability:.2f}",
            f"{mass:.2f}",
            f"layer {layer} head {head}: {token.image_mass[layer, head]:.2f}",
            " ".join("".join("■" if on else "·" for on in row) for row in kept),
        )
    console.print(table)
    console.print("image mass: attention of the kept heads on the photo, the rest is on the question; ■ kept, · suppressed",
                  style="dim", highlight=False)


def print_comparison(console: Console, comparison: Comparison, *, explain: bool) -> None:
    """Both answers, and the first token at which they differ."""
    console.print(f"SPIN off: {comparison.baseline.text}", markup=False, highlight=False, soft_wrap=True)
    console.print(f"SPIN on:  {comparison.spin.text}", markup=False, highlight=False, soft_wrap=True)
    console.print(describe_divergence(comparison), markup=False, highlight=False, soft_wrap=True)
    if explain:
        for title, answer in (("SPIN off", comparison.baseline), ("SPIN on", comparison.spin)):
            console.print(f"\n{title}", style="bold")
            print_explanation(console, answer.tokens)
