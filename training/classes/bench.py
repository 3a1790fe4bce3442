"""How well a few photos teach a model to tell classes apart, on captioned photos whose class is known by their captions."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from core.answers import FloatArray
from core.certainty import SURE_FROM
from core.classes.class_question import NONE_OF_THEM
from core.config import require
from core.errors import DataError, SpinVlmError
from core.session import ModelSession
from training.classes.held_out import class_curve, judge_held_out, least_fit
from training.classes.ridge_head import Array, Indices, fit_head
from training.data.captions import CaptionedImage, load_captions

DEFAULT_KINDS = ("bicycle=bicycl,bike,cyclist", "skateboard=skateboard", "climbing=climb")
LEAST_CAPTIONS = 2
"""Of a photo's captions that have a class's words. One that has another class's words in any caption is of neither."""
MOST_OTHERS = 120
BATCH = 16


def measure_classes(
    data: Path, kinds: Sequence[str], *, each: int, draws: int, model: Path | None = None
) -> dict[str, str]:
    """Means over the draws, with the standard deviation between them, by what they are of."""
    sorted_photos, others = _by_caption(load_captions(data).split("dev"), _patterns(kinds))
    for name, photos in sorted_photos.items():
        if len(photos) <= each:
            raise DataError(f"Only {len(photos)} dev photos show “{name}”; {each} to learn from and some to judge are needed.")
    encoder = ModelSession.load(model).classes
    classes = [_features(photos, encoder.mean_features) for photos in sorted_photos.values()]
    strange = _features(others, encoder.mean_features)
    rows = [_one_draw(classes, strange, each=each, seed=seed) for seed in range(draws)]
    counts = {f"photos of {name}": str(len(photos)) for name, photos in sorted_photos.items()}
    means = {name: _spread([row[name] for row in rows]) for name in rows[0]}
    return {**counts, "photos of other things": str(len(others)), **means}


def _patterns(kinds: Sequence[str]) -> dict[str, re.Pattern[str]]:
    require(all("=" in kind for kind in kinds) and len(kinds) >= 2, "name two classes or more, each as NAME=WORD,WORD")
    named = (kind.split("=", 1) for kind in kinds)
    return {name: re.compile(rf"\b(?:{'|'.join(map(re.escape, words.split(',')))})", re.IGNORECASE) for name, words in named}


def _by_caption(
    images: Sequence[CaptionedImage], patterns: Mapping[str, re.Pattern[str]]
) -> tuple[dict[str, list[Path]], list[Path]]:
    """Photos by class, and those that no caption gives any of the classes."""
    found: dict[str, list[Path]] = {name: [] for name in patterns}
    others: list[Path] = []
    for image in images:
        hits = {name: sum(bool(pattern.search(text)) for text in image.captions) for name, pattern in patterns.items()}
        named = [name for name, count in hits.items() if count]
        if not named:
            others.append(image.path)
        elif len(named) == 1 and hits[named[0]] >= LEAST_CAPTIONS:
            found[named[0]].append(image.path)
    return found, random.Random(0).sample(others, min(MOST_OTHERS, len(others)))


def _features(photos: Sequence[Path], encode: Callable[[Sequence[Path]], Sequence[FloatArray | SpinVlmError]]) -> Array:
    """[N, C]"""
    found = [each for start in range(0, len(photos), BATCH) for each in encode(photos[start : start + BATCH])]
    return np.stack([each for each in found if not isinstance(each, SpinVlmError)]).astype(np.float64)


def _one_draw(classes: Sequence[Array], strange: Array, *, each: int, seed: int) -> dict[str, float]:
    chance, count = np.random.default_rng(seed), len(classes)
    orders = [chance.permutation(len(photos)) for photos in classes]
    taught = np.concatenate([photos[order[:each]] for photos, order in zip(classes, orders, strict=True)])
    known = np.repeat(np.arange(count), each)
    new = np.concatenate([photos[order[each:]] for photos, order in zip(classes, orders, strict=True)])
    true = np.concatenate([np.full(len(order) - each, index) for index, order in enumerate(orders)])
    groups = np.arange(len(known))
    judged = judge_held_out(taught, known, count=count, groups=groups, seed=0)
    head, curve, least = fit_head(taught, known, count=count, groups=groups), class_curve(judged, known), least_fit(judged)
    shares = np.stack([head.log_shares(photo.astype(np.float32)) for photo in new])
    right = shares.argmax(axis=1) == true
    figures = {
        "right, of photos held out": float((judged.said == known).mean()),
        "right, of other photos": float(right.mean()),
        "the same, mean over classes": float(np.mean([right[true == index].mean() for index in range(count)])),
    }
    if curve is not None:
        certainties = np.array([curve.at(signal) for signal in shares.max(axis=1).tolist()])
        figures["mean certainty of other photos"] = float(certainties.mean())
        figures["sure, of other photos"] = float((certainties >= SURE_FROM).mean())
        sure = right[certainties >= SURE_FROM]
        figures["right, of sure ones"] = float(sure.mean()) if len(sure) else np.nan
    figures["declined, of other photos of the classes"] = _share_below(new, head.fit, least)
    figures["declined, of photos of other things"] = _share_below(strange, head.fit, least)
    return {**figures, **_with_none(taught, known, new, true, strange[chance.permutation(len(strange))], each=each)}


def _with_none(
    taught: Array, known: Indices, new: Array, true: Indices, strange: Array, *, each: int
) -> dict[str, float]:
    """The same with as many photos of other things as a class of its own."""
    count = int(known.max()) + 1
    features, classes = np.concatenate([taught, strange[:each]]), np.concatenate([known, np.full(each, count)])
    groups = np.arange(len(classes))
    head = fit_head(features, classes, count=count + 1, groups=groups)
    least = least_fit(judge_held_out(features, classes, count=count + 1, groups=groups, seed=0))

    def said(photos: Array) -> Indices:
        found = [photo.astype(np.float32) for photo in photos]
        return np.array([count if head.fit(each) < least else int(head.log_shares(each).argmax()) for each in found])

    return {
        f"right, with “{NONE_OF_THEM}”": float((said(new) == true).mean()),
        "declined with it, of photos of the classes": float((said(new) == count).mean()),
        "declined with it, of photos of other things": float((said(strange[each:]) == count).mean()),
    }


def _share_below(photos: Array, fit: Callable[[FloatArray], float], least: float) -> float:
    return float(np.mean([fit(photo.astype(np.float32)) < least for photo in photos]))


def _spread(values: Sequence[float]) -> str:
    """`84.1 % (4.2)`; values that aren't there are left out."""
    there = [value for value in values if not np.isnan(value)]
    return f"{100 * np.mean(there):.1f} % ({100 * np.std(there):.1f})" if there else "-"
