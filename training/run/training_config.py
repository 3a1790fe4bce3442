"""Settings of a training run. Frozen, self-validating, torch-free."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

from core.config import SettingsRecord, require
from core.errors import ConfigError, reason_of

PrecisionName = Literal["auto", "float32", "bfloat16"]


@dataclass(frozen=True)
class StageConfig(SettingsRecord):
    """One of the two stages."""

    epochs: int
    """Passes over all photos, at most; 0 leaves stage 2 out."""
    decoder_rate: float = 4e-4
    """Peak learning rate of everything but the encoder."""
    muon_rate: float = 0.0
    """Peak learning rate of Muon, where it is above 0 and takes the matrices of the decoder's layers over from AdamW."""
    encoder_rate: float = 0.0
    """Peak learning rate of the encoder's last block; 0 freezes the encoder and trains on cached features."""
    layer_decay: float = 0.8
    """Each encoder block learns slower than the one above it by this factor."""
    batch_photos: int = 32
    """Photos per optimiser step of all processes together, accumulation not counted."""
    accumulation: int = 1
    """Batches whose gradients are summed into one optimiser step."""
    warmup_fraction: float = 0.05
    """Part of the stage's steps in which the learning rates rise from 0."""
    final_rate_fraction: float = 0.02
    """Where the cosine ends, as a part of the peak rate."""
    patience: int = 4
    """Stop after this many epochs without a better dev loss; 0 never stops early."""

    def __post_init__(self) -> None:
        for name, least in (("epochs", 0), ("batch_photos", 1), ("accumulation", 1)):
            value = getattr(self, name)
            whole = isinstance(value, int) and value >= least
            require(whole, f"{name} must be a whole number of at least {least}, got {value!r}")
        require(self.decoder_rate > 0, f"decoder_rate must be above 0, got {self.decoder_rate}")
        for name in ("encoder_rate", "muon_rate"):
            require(getattr(self, name) >= 0, f"{name} must be at least 0, got {getattr(self, name)}")
        require(0 < self.layer_decay <= 1, f"layer_decay must be in (0, 1], got {self.layer_decay}")
        require(0 <= self.warmup_fraction < 1, f"warmup_fraction must be in [0, 1), got {self.warmup_fraction}")
        require(0 <= self.final_rate_fraction <= 1,
                f"final_rate_fraction must be in [0, 1], got {self.final_rate_fraction}")
        require(self.patience >= 0, f"patience must be at least 0, got {self.patience}")

    @property
    def frozen_encoder(self) -> bool:
        return self.encoder_rate == 0


@dataclass(frozen=True)
class TrainingConfig(SettingsRecord):
    """A whole run: data, model, two stages."""

    data: str
    """Folder of photos with captions or questions."""
    more_data: tuple[str, ...] = ()
    """Further such folders, to learn from together with the first."""
    warm_up: StageConfig = field(default_factory=lambda: StageConfig(epochs=8))
    """Stage 1: the decoder learns on the frozen encoder's features."""
    fine_tune: StageConfig = field(
        default_factory=lambda: StageConfig(epochs=8, decoder_rate=2e-4, encoder_rate=1e-4, patience=3)
    )
    """Stage 2: everything learns, the encoder slower."""
    preset: str = "standard"
    """Name of the preset that these settings started from; recorded, not interpreted."""
    seed: int = 0
    """Decides data order, dropout, augmentation and initial weights."""
    start_from: str | None = None
    """A model file of this program to go on from. Its sizes, word list and weights take the place of `encoder`,
    `encoder_name`, `image_size`, `vocabulary`, `vocabulary_size`, `width`, `layers` and `heads`."""
    encoder: str = "bundled"
    """Initial encoder weights: `pretrained` (download), `bundled`, `random`, or a file."""
    encoder_name: str = "vit_tiny_patch16_224"
    """A timm backbone: a vision transformer, or a network that gives a feature map."""
    image_size: int = 224
    """Side of the square photo that the encoder looks at, pixels."""
    vocabulary: str | None = None
    """A word list ({word: id} as JSON); None trains a byte-level BPE on the training text."""
    vocabulary_size: int = 4096
    """Size of the BPE vocabulary."""
    width: int = 256
    layers: int = 6
    heads: int = 8
    dropout: float = 0.2
    head_dropout: float = 0.0
    """Largest share of cross-attention heads that is silenced for a sequence, so that head suppression costs less."""
    guided_head_dropout: float = 0.0
    """Part of these sequences in which the heads that look least at the image are silenced, as head suppression does."""
    attention_weight: float = 0.0
    """Weight of a loss that draws some cross-attention heads to the box of what the next word describes; where the captions
    come with marked phrases and boxes (Flickr30k Entities)."""
    captions_per_photo: int = 4
    """Caption pairs drawn per photo and epoch."""
    derived_per_photo: int = 4
    """Derived question-answer pairs drawn per photo and epoch."""
    presence_per_photo: int = 8
    """Yes/no questions drawn afresh per photo and epoch, at most, half of them with yes; 0 takes a fixed few among the
    derived pairs."""
    derived_weight: float = 3.0
    """Weight of a derived pair's tokens in the loss. Their answers are a word or two beside a caption's dozen: unweighted,
    a model hardly gains from reading the question."""
    max_train_tokens: int = 26
    """Longer answers are cut in training, in tokens; few are, and padding costs time."""
    hide_photo: float = 0.05
    """Part of the photos that are blanked out in training, so that contrasts without the photo are in distribution."""
    hide_question: float = 0.05
    """Part of the questions that are blanked out in training."""
    weight_decay: float = 0.05
    label_smoothing: float = 0.1
    clip_norm: float = 1.0
    """Largest norm of the gradient of one step."""
    ema_decay: float = 0.999
    """Decay per step of the averaged weights that are evaluated and saved."""
    augment: bool = True
    """Mild crops, brightness and mirror images (none where a caption says left or right)."""
    dev_photos: int = 400
    """Photos of the dev split on which the dev loss is measured after each epoch; 0 takes all."""
    report_photos: int = 0
    """Photos of the dev split on which the finished model is measured; 0 takes all."""
    compare_with_starter: bool = False
    """Measure the program's starter model on the same dev photos too."""
    precision: PrecisionName = "auto"
    """`auto` takes bfloat16 where the hardware multiplies it faster."""
    fused_attention: bool | None = None
    """None: fused on a GPU, explicit on a CPU, where it trains faster."""
    device: str = "auto"
    processes: int | None = None
    """Processes that train together on the CPU's cores; None: as many as are worth it. With torchrun its own number counts."""
    threads: int | None = None
    """CPU threads of each process; None shares the cores among them."""
    checkpoint_seconds: float = 60.0
    """A resumable checkpoint is written at least this often, and after each epoch."""
    max_photos: int = 0
    """Use only the first so many training photos; 0 takes all."""

    def __post_init__(self) -> None:
        require(bool(self.data), "data must name a folder")
        for name in ("warm_up", "fine_tune"):
            if isinstance(stage := getattr(self, name), dict):
                object.__setattr__(self, name, StageConfig.from_dict(stage))
        require(self.warm_up.epochs >= 1, "the warm-up stage needs at least 1 epoch")
        require(self.warm_up.frozen_encoder, "the warm-up stage keeps the encoder frozen: its encoder_rate must be 0")
        for name in ("vocabulary_size", "image_size", "width", "layers", "heads", "captions_per_photo", "max_train_tokens"):
            value = getattr(self, name)
            require(isinstance(value, int) and value >= 1, f"{name} must be a whole number of at least 1, got {value!r}")
        for name in ("derived_per_photo", "presence_per_photo", "dev_photos", "report_photos", "max_photos", "seed"):
            value = getattr(self, name)
            require(isinstance(value, int) and value >= 0, f"{name} must be a whole number of at least 0, got {value!r}")
        for name in ("dropout", "head_dropout", "guided_head_dropout", "hide_photo", "hide_question", "label_smoothing",
                     "ema_decay"):
            value = getattr(self, name)
            require(0 <= value < 1, f"{name} must be in [0, 1), got {value}")
        require(self.derived_weight > 0, f"derived_weight must be above 0, got {self.derived_weight}")
        require(self.attention_weight >= 0, f"attention_weight must be at least 0, got {self.attention_weight}")
        require(self.weight_decay >= 0, f"weight_decay must be at least 0, got {self.weight_decay}")
        require(self.clip_norm > 0, f"clip_norm must be above 0, got {self.clip_norm}")
        require(self.checkpoint_seconds >= 0, f"checkpoint_seconds must be at least 0, got {self.checkpoint_seconds}")
        require(self.precision in get_args(PrecisionName),
                f"precision must be one of {', '.join(get_args(PrecisionName))}, got {self.precision!r}")
        require(self.width % self.heads == 0, f"width {self.width} must be a multiple of heads {self.heads}")
        for name in ("processes", "threads"):
            value = getattr(self, name)
            whole = value is None or (isinstance(value, int) and value >= 1)
            require(whole, f"{name} must be a whole number of at least 1, got {value!r}")
        fewest = min(stage.batch_photos for _, stage in self.stages)
        require((self.processes or 1) <= fewest,
                f"processes must be at most {fewest}, the photos of a step, got {self.processes}")

    def without_folders(self) -> TrainingConfig:
        """The same with names in the place of paths, for a model file that is passed on."""
        named = {name: Path(value).name for name in ("start_from", "vocabulary") if (value := getattr(self, name)) is not None}
        more = tuple(Path(folder).name for folder in self.more_data)
        return replace(self, data=Path(self.data).name or self.data, more_data=more, encoder=Path(self.encoder).name, **named)

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where the photos are."""
        return tuple(map(Path, (self.data, *self.more_data)))

    @property
    def stages(self) -> tuple[tuple[str, StageConfig], ...]:
        """The stages in order, with their names."""
        return ("warm_up", self.warm_up), ("fine_tune", self.fine_tune)


def read_config(path: Path) -> TrainingConfig:
    """Settings from a JSON file, as a run's config.json. Raises ConfigError for a file that can't be read or is damaged."""
    try:
        return TrainingConfig.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigError(f"The settings {path} can't be read: {reason_of(error)}.") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise ConfigError(f"The settings in {path} are damaged: {error}") from error


def preset(name: str, *, data: str, **changes: Any) -> TrainingConfig:
    """The settings of a preset, with changes. Raises ConfigError for an unknown preset or setting."""
    presets: dict[str, TrainingConfig] = {
        "quick": TrainingConfig(
            data=data,
            preset="quick",
            layers=3,
            max_photos=1500,
            dev_photos=200,
            report_photos=200,
            warm_up=StageConfig(epochs=3),
            fine_tune=StageConfig(epochs=1, decoder_rate=2e-4, encoder_rate=5e-5),
        ),
        "standard": TrainingConfig(data=data),
        # Made for two collections: see docs/starter.md.
        "starter": TrainingConfig(
            data=data,
            preset="starter",
            encoder_name="tf_efficientnet_lite2",
            image_size=288,
            layers=4,
            dropout=0.1,
            head_dropout=0.5,
            guided_head_dropout=0.5,
            attention_weight=0.2,
            captions_per_photo=2,
            derived_per_photo=6,
            checkpoint_seconds=180,
            warm_up=StageConfig(epochs=9, decoder_rate=8e-4, muon_rate=4e-3, patience=0),
            fine_tune=StageConfig(epochs=0),
        ),
    }
    require(name in presets, f"preset must be one of {', '.join(presets)}, got {name!r}")
    known = {item.name for item in fields(TrainingConfig)}
    require(set(changes) <= known, f"unknown settings: {', '.join(sorted(set(changes) - known))}")
    return replace(presets[name], **changes)
