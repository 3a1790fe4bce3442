"""How a student learns."""

from __future__ import annotations

from dataclasses import dataclass

from core.config import require
from core.errors import ConfigError


@dataclass(frozen=True)
class Stage:
    """A part of the learning: photos of which sizes, how many at once, and how many in all."""

    sizes: tuple[int, ...]
    """Pixels; the steps take them in turn."""
    batch: int
    views: int


def stage_from(text: str) -> Stage:
    """`112,160:128:500000`: sizes, batch and views. Raises ConfigError."""
    try:
        sizes, batch, views = text.split(":")
        stage = Stage(tuple(map(int, sizes.split(","))), int(batch), int(float(views)))
    except ValueError as error:
        raise ConfigError(f"A stage is SIZES:BATCH:VIEWS, as in 112,160:128:500000, not {text!r}.") from error
    require(all(size > 0 and size % 16 == 0 for size in stage.sizes), "sizes are multiples of 16")
    require(stage.batch > 0 and stage.views > 0, "a stage has some views")
    return stage


@dataclass(frozen=True)
class LearningSettings:
    """What a run of learning follows from, besides photos and lessons."""

    stages: tuple[Stage, ...]
    encoder_name: str = "vit_tiny_patch16_224"
    rate: float = 1e-3
    warm_up: int = 500
    """Steps in which the encoder's rate rises; the heads', which begin from nothing, has its full height at once."""
    hold: int = 6000
    """Steps until the rate begins to fall as one over the root of the steps."""
    cool_down: bool = False
    """Whether the rate falls to nothing over all of the stages."""
    weight_decay: float = 0.05
    average: float = 0.9995
    """Of the averaged weights, how much is kept at a step."""
    first_lessons: int = 4096
    """Lessons that are judged before the first step, if there are so many photos."""
    reuse: int = 8
    """Views that are learnt from for each lesson that is judged, while there is room for lessons."""
    smallest_crop: float = 0.3
    """Part of a lesson's area that a view has at least."""
    class_weight: float = 0.1
    word_weight: float = 0.02
    word_photos: int = 15
    """Photos that a word must occur with, to be learnt."""
    true_words: float = 0.5
    """How much a photo's own captions count beside what the teachers' features let expect."""
    seed: int = 0
    start_step: int = 0
    """Steps that were done by the run that this one goes on from."""
    start_views: int = 0
    """Views that were seen in it."""

    @property
    def views(self) -> int:
        """Of all stages."""
        return sum(stage.views for stage in self.stages)

    def stage_at(self, seen: int) -> Stage:
        """The stage after `seen` views; the last one goes on."""
        for stage in self.stages:
            if seen < stage.views:
                return stage
            seen -= stage.views
        return self.stages[-1]

    def lessons_at(self, seen: int, *, photos: int, capacity: int) -> int:
        """How many lessons are learnt from after `seen` views."""
        return min(min(self.first_lessons, photos) + (self.start_views + seen) // self.reuse, capacity)

    def rate_factor(self, step: int, seen: int) -> float:
        """Part of the full rate at a step, after the warm-up."""
        held = (self.hold / max(self.hold, self.start_step + step)) ** 0.5
        return held * max(0.0, 1 - seen / self.views) if self.cool_down else held
