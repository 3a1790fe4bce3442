"""Settings of head suppression in words."""

from __future__ import annotations

from collections.abc import Set

from core.answers import HeadIndex
from core.config import SpinConfig


def kept_heads(spin: SpinConfig) -> str:
    """How many heads a setting keeps: `4 heads`, `50% of the heads`."""
    return f"{spin.keep} heads" if isinstance(spin.keep, int) else f"{spin.keep:.0%} of the heads"


def suppression(spin: SpinConfig | None) -> str:
    """A setting in short: `SPIN off`, `SPIN on, 4 heads kept, the others × 0`."""
    return "SPIN off" if spin is None else f"SPIN on, {kept_heads(spin)} kept, the others × {spin.alpha:g}"


def off_by_hand(ablated: Set[HeadIndex]) -> str:
    """How many heads were switched off by hand; empty where none was."""
    return f"{len(ablated)} {'head' if len(ablated) == 1 else 'heads'} off by hand" if ablated else ""
