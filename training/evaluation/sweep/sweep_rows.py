"""What one setting's captions score: quality, invented and found objects, each with its interval over the photos.

Shapes: N photos.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.config import SpinConfig
from core.model.interventions import Intervention
from training.evaluation.judged_captions import Invented, JudgedCaption
from training.evaluation.metrics.bootstrap import Interval, bootstrap_interval, row_means
from training.evaluation.metrics.caption_metrics import CaptionScores, caption_scores
from training.evaluation.metrics.chair import CaptionObjects, ChairScores, chair_scores
from training.evaluation.metrics.cider import cider_d
from training.evaluation.metrics.text_tokens import caption_words, word_spans
from training.evaluation.report_schema import SettingRow
from training.evaluation.sweep.dev_set import DevSet

SEED = 0
INTERVALS = ("cider_d", "chair_i", "chair_s", "recall", "gain")
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class PhotoScores:
    """Of each photo what its scores are summed from, in percent where a rate."""

    cider_d: FloatArray
    """[N]"""
    objects: FloatArray
    """[N, 2]: invented, named"""
    wanted: FloatArray
    """[N, 2]: found, wanted"""

    def of(self, photos: Sequence[int]) -> PhotoScores:
        """Those of some of the photos."""
        return PhotoScores(self.cider_d[photos], self.objects[photos], self.wanted[photos])

    @property
    def mean_cider_d(self) -> float:
        return float(self.cider_d.mean())

    @property
    def chair_i(self) -> float:
        return float(shares(self.objects[None])[0])

    @property
    def recall(self) -> float:
        return float(shares(self.wanted[None])[0])


@dataclass(frozen=True)
class SweepRow:
    """One setting's scores, with 95 % intervals over the photos."""

    name: str
    applied: Intervention | None
    """What was done to the answers; None: nothing."""
    captions: CaptionScores
    chair: ChairScores
    cider_d: Interval
    chair_i: Interval
    chair_s: Interval
    recall: Interval
    gain: Interval
    """CHAIR_i of SPIN off less that of this setting, on the same photos: above 0 where less is invented."""
    photos: PhotoScores = field(repr=False)
    judged: list[CaptionObjects] = field(repr=False)

    @property
    def spin(self) -> SpinConfig | None:
        """The setting of SPIN; None where it is off, or something else was done."""
        return self.applied if isinstance(self.applied, SpinConfig) else None

    @property
    def method(self) -> dict[str, Any] | None:
        """What was done instead of SPIN, for JSON."""
        if self.applied is None or self.spin is not None:
            return None
        return {"kind": type(self.applied).__name__, **self.applied.to_dict()}

    def for_report(self, ms_per_token: float | None) -> SettingRow:
        """As the report has it."""
        return SettingRow(
            self.name, self.spin, self.method, self.captions.to_dict(), self.chair.to_dict(),
            {name: getattr(self, name) for name in INTERVALS}, ms_per_token,
        )


def score_row(
    name: str, applied: Intervention | None, said: Sequence[str], judged: list[CaptionObjects], dev: DevSet,
    baseline: PhotoScores | None,
) -> SweepRow:
    """A setting's scores. said, judged: its captions, in the order of the photos; baseline: of SPIN off."""
    named = {image.name: text for image, text in zip(dev.images, said, strict=True)}
    photos = PhotoScores(
        100 * np.array(cider_d(
            [caption_words(text) for text in said],
            [[caption_words(reference) for reference in image.captions] for image in dev.images],
        )),
        np.array([(100.0 * len(caption.invented), len(caption.named)) for caption in judged], dtype=np.float64),
        np.array([(100.0 * len(caption.found), len(caption.wanted)) for caption in judged], dtype=np.float64),
    )
    return SweepRow(
        name, applied, caption_scores(named, dev.references), chair_scores(judged),
        cider_d=bootstrap_interval(photos.cider_d, row_means, seed=SEED),
        chair_i=bootstrap_interval(photos.objects, shares, seed=SEED),
        chair_s=bootstrap_interval([100.0 * bool(caption.invented) for caption in judged], row_means, seed=SEED),
        recall=bootstrap_interval(photos.wanted, shares, seed=SEED),
        gain=gain_interval((baseline or photos).objects, photos.objects, shares), photos=photos, judged=judged,
    )


def gain_interval(
    baseline: FloatArray, own: FloatArray, statistic: Callable[[FloatArray], FloatArray], *, more_is_better: bool = False
) -> Interval:
    """How much better one condition is than another on the same photos. baseline, own: [N, C], see bootstrap_interval."""
    columns = baseline.shape[1]

    def difference(rows: FloatArray) -> FloatArray:
        less = statistic(rows[..., :columns]) - statistic(rows[..., columns:])
        return -less if more_is_better else less

    return bootstrap_interval(np.concatenate([baseline, own], axis=1), difference, seed=SEED)


def shares(rows: FloatArray) -> FloatArray:
    """The statistic of a share, [R, N, 2] -> [R], also of resamples in which nothing is to be counted."""
    sums = rows.sum(axis=1)
    return sums[:, 0] / np.maximum(sums[:, 1], 1e-9)


def judged_captions(row: SweepRow, dev: DevSet, said: Sequence[str]) -> list[JudgedCaption]:
    """Each photo's caption, what it invents and where in the text, what it finds and misses."""
    return [
        JudgedCaption(
            image.name, text, _invented(text, caption), tuple(sorted(caption.found)),
            tuple(sorted(caption.wanted - caption.found)),
        )
        for image, text, caption in zip(dev.images, said, row.judged, strict=True)
    ]


def _invented(text: str, caption: CaptionObjects) -> tuple[Invented, ...]:
    spans = word_spans(text)
    places = [(spans[start][0], spans[end - 1][1], name) for start, end, name in caption.invented]
    return tuple(Invented(start, end, text[start:end], name) for start, end, name in places)
