"""Settings of head suppression in words for people, who count layers from 1."""

from __future__ import annotations

from collections.abc import Set

from core.answers import HeadIndex
from core.config import SpinConfig
from core.model.published_spin import PublishedSpin


def suppression(spin: SpinConfig | None) -> str:
    """A setting in short: `SPIN off`, `SPIN on, 4 heads kept, the others × 0.08`."""
    return "SPIN off" if spin is None else f"SPIN on, {_kept(spin)} kept, {_others(spin)}"


def in_words(spin: SpinConfig, *, layers: int | None = None, heads: int | None = None) -> str:
    """What a setting does: `50% of the heads kept in layers 2 to the last, the others silenced, ranked by logits`.

    layers, heads: of a model, where it is known: `7 of 8 heads kept in every layer, the others × 0.08`. Raises ConfigError
    where it has fewer heads than are to be kept.
    """
    ranked = ", ranked by logits" if spin.score == "logits" else ""
    return f"{_kept(spin, heads)} kept in {_layers(spin, layers)}, {_others(spin)}{ranked}"


def explained(spin: SpinConfig, *, layers: int, heads: int) -> str:
    """What a setting does on a model, as a sentence."""
    kept = spin.heads_kept(heads)
    if kept == heads or spin.alpha == 1:
        return "With this setting no head is suppressed."
    others = "are silenced" if spin.alpha == 0 else f"count {_percent(spin.alpha)}"
    rank = "look at the photo most" if spin.score == "mass" else "have the highest logits on the photo"
    return f"For each word, in {_layers(spin, layers)}, the {_kept(spin, heads)} that {rank} are kept; the others {others}."


def published_on_model(published: PublishedSpin, *, layers: int, heads: int) -> str:
    """An authors' setting as it is on a model, and where the authors have it otherwise."""
    last = published.spin.last_layer
    theirs = f" (theirs: layers 1 to {last})" if last is not None and last >= layers else ""
    return f"Authors' for {published.use}: {in_words(published.on(layers), layers=layers, heads=heads)}{theirs}"


def off_by_hand(ablated: Set[HeadIndex]) -> str:
    """How many heads were switched off by hand; empty where none was."""
    return f"{_counted(len(ablated))} off by hand" if ablated else ""


def _kept(spin: SpinConfig, heads: int | None = None) -> str:
    if heads is not None:
        return f"{spin.heads_kept(heads)} of {_counted(heads)}"
    return _counted(spin.keep) if isinstance(spin.keep, int) else f"{_percent(spin.keep)} of the heads"


def _others(spin: SpinConfig) -> str:
    return "the others silenced" if spin.alpha == 0 else f"the others × {spin.alpha:g}"


def _layers(spin: SpinConfig, layers: int | None) -> str:
    first, last = spin.first_layer + 1, spin.last_layer
    if layers is not None:
        last = layers if last is None else min(layers, last)
    if first == 1 and last == layers:
        return "every layer"
    return f"layer {first}" if first == last else f"layers {first} to {'the last' if last is None else last}"


def _counted(heads: int) -> str:
    return f"{heads} {'head' if heads == 1 else 'heads'}"


def _percent(part: float) -> str:
    """With as many digits as it takes: 0.995 of the heads are not all of them."""
    return f"{100 * part:.4g}%"
