"""Settings of head suppression in words."""

from __future__ import annotations

from core.config import SpinConfig


def kept_heads(spin: SpinConfig) -> str:
    """How many heads a setting keeps: `4 heads`, `50% of the heads`."""
    return f"{spin.keep} heads" if isinstance(spin.keep, int) else f"{spin.keep:.0%} of the heads"
