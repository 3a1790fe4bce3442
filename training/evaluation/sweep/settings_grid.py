"""Which settings of head suppression are measured: the program's own choice, or every combination of what the user names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

from core.config import ModelShape, SpinConfig
from core.model.interventions import Intervention, validate_intervention
from core.model.published_spin import HALF_BY_LOGITS, PUBLISHED, PUBLISHED_OF_LARGE
from core.model.spin_text import parse_alpha, parse_keep, parse_layers, parse_list, short_name

BASELINE = "SPIN off"
PARTS_KEPT = (0.75, 0.5, 0.25)
ALPHAS = (0.0, 0.1)
Settings = Mapping[str, Intervention | None]
"""By name; SPIN off comes first."""


def default_grid(shape: ModelShape) -> Settings:
    """SPIN off; three quarters, half and a quarter of the heads kept, the others silenced or faint; half of them also in the
    first and in the second half of the layers alone, and ranked by logits; the authors' setting for captions."""
    kept = _default_keeps(shape.heads)
    middle, half = kept[len(kept) // 2], shape.layers // 2
    found = [SpinConfig(keep=keep, alpha=alpha) for keep in kept for alpha in ALPHAS]
    if half:
        found += [SpinConfig(middle, last_layer=half), SpinConfig(middle, first_layer=half)]
    return named([*found, SpinConfig(middle, score="logits"), PUBLISHED[0].spin])


def pretrained_grid(shape: ModelShape) -> Settings:
    """SPIN off, half of the heads silenced, and the authors' settings, ranked as they rank heads."""
    published = (each.on(shape.layers) for each in (*PUBLISHED, *PUBLISHED_OF_LARGE))
    return named([HALF_BY_LOGITS, *(replace(spin, score="logits") for spin in published)])


def user_grid(shape: ModelShape, *, keep: str = "", alpha: str = "", layers: str = "", score: str = "") -> Settings:
    """SPIN off and all combinations of what is listed, commas between: `2,4,0.95` heads (see parse_keep), `0,0.1`, ranges
    `0:4,0:2` of layers counted from 0, `mass,logits`.

    Nothing listed means: three numbers of heads, alpha 0, all layers, mass. Raises ConfigError for what can't be read or
    doesn't fit the model.
    """
    keeps = parse_list(keep, parse_keep, name="--keep") or list[int | float](_default_keeps(shape.heads))
    alphas = parse_list(alpha, parse_alpha, name="--alpha") or [0.0]
    ranges = parse_list(layers, parse_layers, name="--layers") or [(0, None)]
    scores: list[Any] = [part.strip() for part in score.split(",") if part.strip()] or ["mass"]
    found = [
        SpinConfig(kept, factor, first, None if last is None or last >= shape.layers else last, ranked)
        for kept, factor, (first, last), ranked in product(keeps, alphas, ranges, scores)
    ]
    for spin in found:
        validate_intervention(shape, spin)
    return named(found)


def named(settings: Iterable[SpinConfig]) -> Settings:
    """SPIN off and these settings, each once, by name."""
    return {BASELINE: None, **{short_name(spin): spin for spin in settings}}


def _default_keeps(heads: int) -> list[int]:
    return list(dict.fromkeys(max(1, round(heads * part)) for part in PARTS_KEPT))
