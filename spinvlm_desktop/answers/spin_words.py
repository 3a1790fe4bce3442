"""Settings of head suppression in words."""

from __future__ import annotations

from collections.abc import Set

from core.answers import HeadIndex
from core.config import SpinConfig
from core.model.published_spin import PublishedSpin


def kept_heads(spin: SpinConfig) -> str:
    """How many heads a setting keeps: `4 heads`, `50% of the heads`."""
    return f"{spin.keep} heads" if isinstance(spin.keep, int) else f"{spin.keep:.0%} of the heads"


def suppression(spin: SpinConfig | None) -> str:
    """A setting in short: `SPIN off`, `SPIN on, 4 heads kept, the others × 0`."""
    return "SPIN off" if spin is None else f"SPIN on, {kept_heads(spin)} kept, the others × {spin.alpha:g}"


def in_layers(spin: SpinConfig, *, layers: int) -> str:
    """Where a setting applies, counted from 1: `every layer`, `layer 2`, `layers 1 to 2`."""
    first, last = spin.first_layer + 1, layers if spin.last_layer is None else min(layers, spin.last_layer)
    if last - first + 1 == layers:
        return "every layer"
    return f"layer {first}" if first == last else f"layers {first} to {last}"


def on_model(spin: SpinConfig, *, layers: int, heads: int) -> str:
    """What a setting does on a model: `7 of 8 heads kept in every layer, the others × 0.08`."""
    others = "the others silenced" if spin.alpha == 0 else f"the others × {spin.alpha:g}"
    ranked = ", ranked by logits" if spin.score == "logits" else ""
    return f"{spin.heads_kept(heads)} of {heads} heads kept in {in_layers(spin, layers=layers)}, {others}{ranked}"


def published_on_model(published: PublishedSpin, *, layers: int, heads: int) -> str:
    """An authors' setting as it is on a model, and where the authors have it otherwise."""
    last = published.spin.last_layer
    theirs = f" (theirs: layers 1 to {last})" if last is not None and last >= layers else ""
    return f"Authors' for {published.use}: {on_model(published.on(layers), layers=layers, heads=heads)}{theirs}"


def off_by_hand(ablated: Set[HeadIndex]) -> str:
    """How many heads were switched off by hand; empty where none was."""
    return f"{len(ablated)} {'head' if len(ablated) == 1 else 'heads'} off by hand" if ablated else ""
