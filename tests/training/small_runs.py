"""Settings of runs that take seconds: a tiny encoder, two stages of a few steps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from training.run.training_config import StageConfig, TrainingConfig

TINY = TrainingConfig(
    data="none", encoder="random", encoder_name="test_vit", image_size=64, vocabulary_size=300, width=32, layers=1, heads=4,
    threads=1, captions_per_photo=2, derived_per_photo=2, dev_photos=2, precision="float32", checkpoint_seconds=0, device="cpu",
    warm_up=StageConfig(epochs=2, batch_photos=4), fine_tune=StageConfig(epochs=1, encoder_rate=1e-4, batch_photos=4),
)


def small_config(data: Path, **changes: Any) -> TrainingConfig:
    """With everything on that could differ after an interruption."""
    varied = replace(TINY, data=str(data), dropout=0.2, presence_per_photo=4, attention_weight=0.5)
    return replace(varied, **changes)


def plain_config(data: Path, **changes: Any) -> TrainingConfig:
    """Nothing is drawn at random but the data's order."""
    still = replace(TINY, data=str(data), dropout=0.0, hide_photo=0.0, hide_question=0.0, augment=False, ema_decay=0.5)
    return replace(still, **changes)
