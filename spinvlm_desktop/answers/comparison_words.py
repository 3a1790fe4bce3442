"""Where two answers begin to differ, in words."""

from __future__ import annotations

from core.answers import Comparison


def describe_divergence(comparison: Comparison) -> str:
    """Where the answers with SPIN off and on begin to differ, or that they don't, as a sentence."""
    found = comparison.divergence
    if found is None:
        return _alike(comparison)
    off, on = (text.strip() or "the end" for text in (found.baseline_text, found.spin_text))
    return (
        f"They differ from token {found.index + 1} on: “{off}” ({found.baseline_probability:.0%}) with SPIN off, "
        f"“{on}” ({found.spin_probability:.0%}) with SPIN on."
    )


def _alike(comparison: Comparison) -> str:
    """Two answers without a difference: one that was stopped says nothing about the words that didn't come."""
    if not was_stopped(comparison):
        return "Both answers are the same."
    if comparison.baseline.tokens and comparison.spin.tokens:
        return "Stopped: as far as both answers came, they are the same."
    return "Stopped before there were two answers to compare."


def was_stopped(comparison: Comparison) -> bool:
    return "stopped" in (comparison.baseline.finish, comparison.spin.finish)
