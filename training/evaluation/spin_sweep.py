"""What head suppression does to a model's captions: many settings, on the same photos, beside people and chance.

Captions are kept as each setting is done, so that a sweep that was cut off goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.atomic_file import write_text
from core.checkpoint import ModelFile
from core.config import GenerationConfig, SpinConfig
from training.evaluation.bootstrap import Interval, bootstrap_interval, row_means
from training.evaluation.caption_metrics import CaptionScores, caption_scores
from training.evaluation.chair import ChairScores, ObjectJudge, chair_scores, human_floor
from training.evaluation.cider import cider_d
from training.evaluation.dev_set import DevSet, describe
from training.evaluation.text_tokens import caption_words
from training.image_store import Progress
from training.object_lexicon import load_object_lexicon

BASELINE = "SPIN off"
Counts = tuple[float, float]
TOLERANCE = 0.01
"""Part of the baseline's CIDEr-D and recall that a calibrated setting may lose."""
SEED = 0


@dataclass(frozen=True)
class SweepRow:
    """One setting's scores, with 95 % intervals over the photos."""

    name: str
    spin: SpinConfig | None
    captions: CaptionScores
    chair: ChairScores
    cider_d: Interval
    chair_i: Interval
    chair_s: Interval
    recall: Interval
    gain: Interval
    """CHAIR_i of SPIN off less that of this setting, on the same photos: above 0 where less is invented."""

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        intervals = {name: getattr(self, name).to_dict() for name in ("cider_d", "chair_i", "chair_s", "recall", "gain")}
        return {
            "name": self.name, "spin": None if self.spin is None else self.spin.to_dict(),
            "captions": self.captions.to_dict(), "chair": self.chair.to_dict(), "intervals": intervals,
        }


@dataclass(frozen=True)
class SweepReport:
    """All settings, what people and chance score, and which setting is best."""

    rows: tuple[SweepRow, ...]
    humans: ChairScores
    """Each reference against the others of its photo."""
    chance: ChairScores
    """Another photo's caption, of the model with SPIN off."""
    calibrated: SweepRow
    """The best setting, which may be SPIN off: see `calibrate`."""
    recipe: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "recipe": self.recipe, "rows": [row.to_dict() for row in self.rows], "humans": self.humans.to_dict(),
            "chance": self.chance.to_dict(), "calibrated": self.calibrated.name,
        }


def sweep_settings(heads: int) -> dict[str, SpinConfig | None]:
    """SPIN off; three quarters, half and a quarter of the heads kept, the others silenced or faint; the authors' setting."""
    settings: dict[str, SpinConfig | None] = {BASELINE: None}
    for keep in dict.fromkeys(max(1, round(heads * part)) for part in (0.75, 0.5, 0.25)):
        for alpha in (0.0, 0.1):
            settings[f"K={keep}, alpha {alpha:g}"] = SpinConfig(keep=keep, alpha=alpha)
    settings["r=0.95, alpha 0.08"] = SpinConfig(keep=0.95, alpha=0.08)
    return settings


def run_sweep(
    file: ModelFile, dev: DevSet, settings: Mapping[str, SpinConfig | None], folder: Path, *, recipe: dict[str, Any],
    progress: Callable[[str], Progress],
) -> SweepReport:
    """Describe all photos under each setting and score it. recipe: what the captions depend on; `settings` begins with
    the baseline. The folder keeps captions.json."""
    kept = _KeptCaptions(folder / "captions.json", recipe)
    judge = ObjectJudge(load_object_lexicon(), dev.references.values())
    rows: list[SweepRow] = []
    baseline: list[Counts] | None = None
    said: dict[str, list[str]] = {}
    for name, spin in settings.items():
        if name not in kept.captions:
            kept.add(name, describe(file, dev, spin, GenerationConfig(), progress(f"describing: {name}")))
        said[name] = kept.captions[name]
        row, counts = _row(name, spin, said[name], dev, judge, baseline)
        baseline = baseline or counts
        rows.append(row)
    first = said[BASELINE]
    shuffled = [*first[1:], *first[:1]]
    chance = chair_scores([judge.judge(text, image.captions) for text, image in zip(shuffled, dev.images, strict=True)])
    return SweepReport(tuple(rows), human_floor(judge, dev.references), chance, calibrate(rows), recipe)


def calibrate(rows: Sequence[SweepRow]) -> SweepRow:
    """The setting with the lowest CHAIR_i of those that invent less beyond the luck of the photos, and whose CIDEr-D and
    recall are not worse than the first row's by more than a hundredth; the first row, SPIN off, where there is none."""
    baseline = rows[0]
    fair = [
        row for row in rows[1:]
        if row.gain.low > 0 and row.captions.cider_d >= (1 - TOLERANCE) * baseline.captions.cider_d
        and row.chair.recall >= (1 - TOLERANCE) * baseline.chair.recall
    ]
    return min(fair, key=lambda row: row.chair.chair_i, default=baseline)


def _row(
    name: str, spin: SpinConfig | None, captions: Sequence[str], dev: DevSet, judge: ObjectJudge, baseline: list[Counts] | None
) -> tuple[SweepRow, list[Counts]]:
    """A setting's scores, and each photo's invented and named objects. baseline: these of SPIN off."""
    judged = [judge.judge(text, image.captions) for text, image in zip(captions, dev.images, strict=True)]
    named = {image.name: text for image, text in zip(dev.images, captions, strict=True)}
    ciders = 100 * np.array(cider_d(
        [caption_words(text) for text in captions],
        [[caption_words(reference) for reference in image.captions] for image in dev.images],
    ))
    objects = [(100.0 * len(caption.invented), float(len(caption.named))) for caption in judged]
    found = [(100.0 * len(caption.found), float(len(caption.wanted))) for caption in judged]
    return SweepRow(
        name, spin, caption_scores(named, dev.references), chair_scores(judged),
        cider_d=bootstrap_interval(ciders, row_means, seed=SEED),
        chair_i=bootstrap_interval(objects, _shares, seed=SEED),
        chair_s=bootstrap_interval([100.0 * bool(caption.invented) for caption in judged], row_means, seed=SEED),
        recall=bootstrap_interval(found, _shares, seed=SEED),
        gain=bootstrap_interval([(*first, *own) for first, own in zip(baseline or objects, objects, strict=True)],
                                lambda rows: _shares(rows[..., :2]) - _shares(rows[..., 2:]), seed=SEED),
    ), objects


def _shares(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """The statistic of a share, [R, N, 2] -> [R], also of resamples in which nothing is to be counted."""
    sums = rows.sum(axis=1)
    return sums[:, 0] / np.maximum(sums[:, 1], 1e-9)


class _KeptCaptions:
    """Captions by setting, in a file; those of another recipe are forgotten."""

    def __init__(self, path: Path, recipe: dict[str, Any]) -> None:
        self._path = path
        self._key = hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()
        self.captions: dict[str, list[str]] = {}
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["recipe"] == self._key:
                self.captions = content["captions"]
        except (OSError, ValueError, KeyError, TypeError):
            return  # none yet, or damaged: made again

    def add(self, name: str, captions: list[str]) -> None:
        self.captions[name] = captions
        write_text(self._path, json.dumps({"recipe": self._key, "captions": self.captions}, ensure_ascii=False))
