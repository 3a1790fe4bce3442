"""Settings of runs that take seconds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from training.run.training_config import StageConfig, TrainingConfig


def small_config(data: Path, **changes: Any) -> TrainingConfig:
    """Two stages of a few steps with everything on that could differ after an interruption."""
    config = TrainingConfig(
        data=str(data), encoder="random", vocabulary_size=300, width=32, layers=1, heads=4, dropout=0.2, threads=1,
        captions_per_photo=2, derived_per_photo=2, presence_per_photo=4, attention_weight=0.5, dev_photos=2,
        precision="float32", checkpoint_seconds=0, device="cpu",
        warm_up=StageConfig(epochs=2, batch_photos=4), fine_tune=StageConfig(epochs=1, encoder_rate=1e-4, batch_photos=4),
    )
    return replace(config, **changes)


def plain_config(data: Path, **changes: Any) -> TrainingConfig:
    """Two stages of a few steps in which nothing is drawn at random but the data's order."""
    config = TrainingConfig(
        data=str(data), encoder="random", vocabulary_size=300, width=32, layers=1, heads=4, dropout=0.0, threads=1,
        captions_per_photo=2, derived_per_photo=2, dev_photos=2, precision="float32", checkpoint_seconds=0, device="cpu",
        hide_photo=0.0, hide_question=0.0, augment=False, ema_decay=0.5,
        warm_up=StageConfig(epochs=2, batch_photos=4), fine_tune=StageConfig(epochs=1, encoder_rate=1e-4, batch_photos=4),
    )
    return replace(config, **changes)
