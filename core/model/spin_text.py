"""Settings of head suppression as text that can be read back: options, lists, short names. Torch-free.

`4` is a number of heads and `0.5` a ratio of them, wherever it is typed or written. Words for people are the window's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from core.config import SpinConfig, require
from core.errors import ConfigError

Value = TypeVar("Value")


def parse_keep(text: str, *, name: str) -> int | float:
    """Heads kept: whole numbers are numbers of heads, all other spellings of a number (`.5`, `1.0`, `1e-05`) are ratios.

    name: of the option or field, for the sentence of the ConfigError that is raised for anything else.
    """
    whole = re.fullmatch(r"\s*\+?\d+\s*", text) is not None
    try:
        value = int(text) if whole else float(text)
    except ValueError:
        raise ConfigError(f"{name} takes a number of heads or a ratio such as 0.5, and “{text}” is no number.") from None
    good = value >= 1 if whole else 0 < value <= 1
    require(good, f"{name} takes a whole number of heads, at least 1, or a ratio above 0 and up to 1, got {text}.")
    return value


def keep_text(keep: int | float) -> str:
    """The same as parse_keep reads it: `4`, `0.5`, `1.0`."""
    return repr(keep)


def parse_alpha(text: str, *, name: str) -> float:
    """What the other heads count. name: see parse_keep. Raises ConfigError."""
    try:
        value = float(text)
    except ValueError:
        raise ConfigError(f"{name} takes a factor from 0 to 1, and “{text}” is no number.") from None
    require(0 <= value <= 1, f"{name} takes a factor from 0 to 1, got {text}.")
    return value


def number_text(number: float) -> str:
    """The shortest text that is read back as the same number: `0`, `0.08`, `1e-05`."""
    short = f"{number:g}"
    return short if float(short) == number else repr(number)


def parse_layers(text: str, *, name: str) -> tuple[int, int | None]:
    """First layer and one past the last (None: all that follow), counted from 0. name: see parse_keep. Raises ConfigError."""
    match = re.fullmatch(r"\s*(\d*)\s*:\s*(\d*)\s*", text)
    if match is None:
        raise ConfigError(f"{name} takes A:B, such as 0:4 or 2:, got “{text}”.")
    first, last = match.groups()
    return int(first or 0), int(last) if last else None


def layers_text(spin: SpinConfig) -> str:
    """The same as parse_layers reads it: `0:4`, `2:`."""
    return f"{spin.first_layer}:{'' if spin.last_layer is None else spin.last_layer}"


def parse_list(text: str, parse: Callable[..., Value], *, name: str) -> list[Value]:
    """What stands between commas, one by one; nothing at all is an empty list."""
    return [parse(part.strip(), name=name) for part in text.split(",") if part.strip()]


def option_text(spin: SpinConfig | None) -> str:
    """A setting as `spinvlm ask` takes it, its options without their dashes: `keep=4 alpha=0 layers=0: score=mass`, or `off`."""
    if spin is None:
        return "off"
    return f"keep={keep_text(spin.keep)} alpha={number_text(spin.alpha)} layers={layers_text(spin)} score={spin.score}"


def short_name(spin: SpinConfig) -> str:
    """A setting's name in reports: `K=4, alpha 0, layers 0:2, logits`. Settings that differ have different names."""
    kept = f"K={spin.keep}" if isinstance(spin.keep, int) else f"r={number_text(spin.keep)}"
    parts = [kept, f"alpha {number_text(spin.alpha)}"]
    if spin.first_layer or spin.last_layer is not None:
        parts.append(f"layers {layers_text(spin)}")
    return ", ".join([*parts, *(["logits"] if spin.score == "logits" else [])])
