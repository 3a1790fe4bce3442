"""Settings of a teaching, and its folder. Torch-free."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from core.config import SettingsRecord, require
from core.errors import ConfigError, TrainingError, reason_of
from core.files.atomic_file import write_text
from training.run.run_folder import RunFolder
from training.run.training_config import StageConfig, TrainingConfig

STAGE = "teach"
Learns = Literal["decoder", "last_layers", "low_rank"]
FEWEST_PHOTOS = 4
"""Three to learn from, and one to see how well."""


@dataclass(frozen=True)
class TeachSettings(SettingsRecord):
    """What is taught to which model, and how; see docs/teach.md."""

    model: str
    """File of the model that it starts from; it is never changed."""
    data: tuple[str, ...]
    """Folders of photos with captions or questions."""
    rehearsal: str | None = None
    """A rehearsal file; None takes the one that lies beside the model."""
    learns: Learns = "decoder"
    """All weights but the encoder's, which stays as it is; the last two layers'; or small additions to the decoder's (LoRA)."""
    rate: float = 3e-4
    """Peak learning rate."""
    passes: int = 12
    """At most; each shows every photo once or more, see photos_per_pass."""
    patience: int = 3
    """Stop after this many passes that made nothing better."""
    photos_per_pass: int = 64
    """Few photos come several times in a pass, until there are so many."""
    old_per_new: float = 1.0
    """Photos of the rehearsal for each new one."""
    keep: float = 1.0
    """Weight of what the model is to go on saying about the rehearsal's photos."""
    forgetting: float = 3.0
    """How much worse a loss on old photos counts than a gain on new ones, where the best pass is chosen."""
    batch_photos: int = 16
    held_out: float = 0.25
    """Part of the photos that is kept back, to see what the model says about photos that it wasn't taught."""
    max_photos: int = 400
    """Of more photos a seeded choice is taken: for many, a whole training is better."""
    seed: int = 0
    device: str = "auto"
    threads: int | None = None

    def __post_init__(self) -> None:
        require(bool(self.model), "model must name a model file")
        require(bool(self.data), "data must name a folder")
        for name in ("passes", "photos_per_pass", "batch_photos"):
            value = getattr(self, name)
            require(isinstance(value, int) and value >= 1, f"{name} must be a whole number of at least 1, got {value!r}")
        require(self.max_photos >= FEWEST_PHOTOS, f"max_photos must be at least {FEWEST_PHOTOS}, got {self.max_photos}")
        require(self.learns in get_args(Learns), f"learns must be one of {', '.join(get_args(Learns))}, got {self.learns!r}")
        require(self.rate > 0, f"rate must be above 0, got {self.rate}")
        require(self.patience >= 0, f"patience must be at least 0, got {self.patience}")
        for name in ("old_per_new", "keep", "forgetting"):
            require(getattr(self, name) >= 0, f"{name} must be at least 0, got {getattr(self, name)}")
        require(0 < self.held_out <= 0.5, f"held_out must be in (0, 0.5], got {self.held_out}")

    @property
    def folders(self) -> tuple[Path, ...]:
        return tuple(map(Path, self.data))

    def training(self) -> TrainingConfig:
        """The same for the loop that trains."""
        return TrainingConfig(
            data=self.data[0], more_data=self.data[1:], preset=STAGE, seed=self.seed, start_from=self.model,
            warm_up=StageConfig(
                self.passes, decoder_rate=self.rate, batch_photos=self.batch_photos, patience=self.patience, warmup_fraction=0.1,
                final_rate_fraction=0.1,
            ),
            fine_tune=StageConfig(0), captions_per_photo=2, derived_per_photo=4, presence_per_photo=0, weight_decay=0.0,
            label_smoothing=0.0, hide_photo=0.0, hide_question=0.0, ema_decay=0.9, device=self.device, threads=self.threads,
        )


class TeachFolder(RunFolder):
    """The files of a teaching are called as a training run's are; its settings are its own."""

    def keep_settings(self, settings: TeachSettings) -> None:
        """Raises TrainingError where the folder holds another run, or can't be written."""
        if self.report.exists() or self.checkpoint.exists():
            raise TrainingError(f"{self.path} already holds a finished run; choose another folder.")
        if self.config.exists():
            self.settings()  # whatever else lies there isn't written over
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            write_text(self.config, json.dumps(settings.to_dict(), indent=1))
        except OSError as error:
            raise TrainingError(f"The folder {self.path} can't be written: {reason_of(error)}.") from error

    def settings(self) -> TeachSettings:
        """Raises TrainingError where they are missing or damaged."""
        try:
            return TeachSettings.from_dict(json.loads(self.config.read_text(encoding="utf-8")))
        except (OSError, ValueError, ConfigError, TypeError, AttributeError) as error:
            raise TrainingError(f"What is to be taught can't be read from {self.config}.") from error
