"""Which settings of head suppression are measured: the program's own choice, or every combination of what the user names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import TypeVar, cast

from core.config import ModelConfig, ScoreName, SpinConfig
from core.errors import ConfigError
from core.model.interventions import Intervention, validate_intervention
from core.model.published_spin import PUBLISHED

BASELINE = "SPIN off"
PARTS_KEPT = (0.75, 0.5, 0.25)
ALPHAS = (0.0, 0.1)
Value = TypeVar("Value")
Settings = Mapping[str, Intervention | None]
"""By name; SPIN off comes first."""


def default_grid(config: ModelConfig) -> Settings:
    """SPIN off; three quarters, half and a quarter of the heads kept, the others silenced or faint; half of them also in the
    first and in the second half of the layers alone, and ranked by logits; the authors' setting for captions."""
    kept = _default_keeps(config.heads)
    middle, half = kept[len(kept) // 2], config.layers // 2
    found = [SpinConfig(keep=keep, alpha=alpha) for keep in kept for alpha in ALPHAS]
    if half:
        found += [SpinConfig(middle, last_layer=half), SpinConfig(middle, first_layer=half)]
    return named([*found, SpinConfig(middle, score="logits"), PUBLISHED[0].spin])


def user_grid(config: ModelConfig, *, keep: str = "", alpha: str = "", layers: str = "", score: str = "") -> Settings:
    """SPIN off and all combinations of what is listed, commas between: `2,4,0.95` heads (a number with a point is a ratio),
    `0,0.1`, ranges `0:4,0:2` of layers counted from 0, `mass,logits`.

    Nothing listed means: three numbers of heads, alpha 0, all layers, mass. Raises ConfigError for what can't be read or
    doesn't fit the model.
    """
    keeps = _listed(keep, _keep, "--keep") or list[int | float](_default_keeps(config.heads))
    alphas = _listed(alpha, float, "--alpha") or [0.0]
    ranges = _listed(layers, _layer_range, "--layers") or [(0, None)]
    scores: list[ScoreName] = _listed(score, lambda text: cast(ScoreName, text), "--score") or ["mass"]
    found = [
        SpinConfig(kept, factor, first, None if last is None or last >= config.layers else last, ranked)
        for kept, factor, (first, last), ranked in product(keeps, alphas, ranges, scores)
    ]
    for spin in found:
        validate_intervention(config.shape, spin)
    return named(found)


def named(settings: Iterable[SpinConfig]) -> Settings:
    """SPIN off and these settings, each once, by name."""
    return {BASELINE: None, **{name_of(spin): spin for spin in settings}}


def name_of(spin: SpinConfig) -> str:
    """A short name: `K=4, alpha 0, layers 0:2, logits`. Settings that differ have different names."""
    kept = f"K={spin.keep}" if isinstance(spin.keep, int) else f"r={spin.keep:g}"
    parts = [kept, f"alpha {spin.alpha:g}"]
    if spin.first_layer or spin.last_layer is not None:
        parts.append(f"layers {spin.first_layer}:{'' if spin.last_layer is None else spin.last_layer}")
    return ", ".join([*parts, *(["logits"] if spin.score == "logits" else [])])


def _default_keeps(heads: int) -> list[int]:
    return list(dict.fromkeys(max(1, round(heads * part)) for part in PARTS_KEPT))


def _listed(text: str, read: Callable[[str], Value], option: str) -> list[Value]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    try:
        return [read(part) for part in parts]
    except ValueError as error:
        raise ConfigError(f"{option} can't be read: {text!r} ({error})") from error


def _keep(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def _layer_range(text: str) -> tuple[int, int | None]:
    first, colon, last = text.partition(":")
    if not colon:
        raise ValueError("a range is written first:last, as in 0:4")
    return int(first or 0), int(last) if last else None
