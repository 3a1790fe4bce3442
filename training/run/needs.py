"""What a run needs: weights, disk and memory, estimated before anything is loaded. Torch-free."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import psutil

from core.config import ModelConfig
from training.run.training_config import TrainingConfig


@dataclass(frozen=True)
class EncoderSizes:
    """What is known of a timm backbone before it is loaded."""

    parameters: int
    """Without its classifier."""
    width: int
    patch_size: int
    """Pixels along the side of a patch, or of a cell of its feature map."""
    activations: int
    """Numbers kept for the backward pass, for each pixel of a photo."""


ENCODERS = {
    "vit_tiny_patch16_224": EncoderSizes(5_524_416, 192, 16, activations=200),
    "vit_small_patch16_224": EncoderSizes(21_665_664, 384, 16, activations=400),
    "tf_efficientnet_lite2": EncoderSizes(4_811_072, 1280, 32, activations=400),
}
"""Others are taken to be as the first one."""
FLOAT = 4
MOST_PROCESSES = 4
"""That train together; more were never measured, and further cores become threads of these."""
FEWEST_PHOTOS = 8
"""Of a step in each process; with fewer the exchange of the gradients outweighs the gain."""
PROCESS_BYTES = 550 * 2**20
"""Resident memory of a process that has loaded torch and timm and trains nothing yet, measured on Linux."""
DECODER_ACTIVATIONS = 30
"""Numbers kept for the backward pass, for each token, layer and unit of width; fitted to measured runs."""


@dataclass(frozen=True)
class RunNeeds:
    """Rough figures; memory is what the whole process takes at most."""

    parameters: int
    disk_bytes: int
    memory_bytes: int


def decoder_parameters(sizes: ModelConfig) -> int:
    """Weights of everything but the vision encoder."""
    width, inner, encoder = sizes.width, sizes.feed_forward_width, sizes.encoder_width
    norm = 2 * width
    attention = 4 * width * width + 4 * width
    feed_forward = 2 * width * inner + inner + width
    layer = 3 * norm + 2 * attention + feed_forward
    projection = 2 * encoder + encoder * width + width
    positions = (sizes.image_tokens + sizes.max_question_tokens + sizes.max_answer_tokens + 2) * width
    return sizes.vocabulary_size * width + projection + positions + 2 * norm + sizes.layers * layer


def model_sizes(config: TrainingConfig) -> ModelConfig:
    """Sizes of the model that a run with these settings begins with."""
    encoder = _encoder(config)
    return ModelConfig(
        vocabulary_size=config.vocabulary_size, encoder_name=config.encoder_name, image_size=config.image_size,
        patch_size=encoder.patch_size, encoder_width=encoder.width, width=config.width, layers=config.layers,
        heads=config.heads, feed_forward_width=4 * config.width,
    )


def run_needs(config: TrainingConfig, *, photos: int) -> RunNeeds:
    """photos: of the train and the dev split that the run looks at."""
    sizes = model_sizes(config)
    parameters = _encoder(config).parameters + decoder_parameters(sizes)
    return RunNeeds(
        parameters, disk_needed(config, sizes, parameters=parameters, photos=photos),
        _memory_needed(config, sizes, parameters=parameters),
    )


def processes_worth_it(config: TrainingConfig, *, cores: int) -> int:
    """How many processes train together on a CPU with these settings."""
    if config.processes is not None:
        return config.processes
    photos = min(stage.batch_photos for _, stage in config.stages if stage.epochs)
    # Tried on Linux only; elsewhere it has to be asked for.
    return max(1, min(MOST_PROCESSES, cores, photos // FEWEST_PHOTOS)) if sys.platform == "linux" else 1


def disk_needed(config: TrainingConfig, sizes: ModelConfig, *, parameters: int, photos: int) -> int:
    """Bytes of photos and features that are cached, and of checkpoints and models, an old and a new one at a time."""
    views = 2 if config.augment else 1
    features = 2 * sizes.image_tokens * sizes.encoder_width
    return photos * (3 * sizes.image_size**2 + views * features) + 6 * FLOAT * parameters


def _memory_needed(config: TrainingConfig, sizes: ModelConfig, *, parameters: int) -> int:
    """Weights, averaged weights, gradients and the optimiser's two moments, and what one batch keeps."""
    photos = max(config.warm_up.batch_photos, config.fine_tune.batch_photos)
    answers = photos * (config.captions_per_photo + config.derived_per_photo) * config.max_train_tokens // 2
    decoder = DECODER_ACTIVATIONS * answers * sizes.layers * sizes.width + 3 * answers * sizes.vocabulary_size
    encoder = _encoder(config).activations * photos * sizes.image_size**2
    cores = psutil.cpu_count(logical=False) or 1
    each = processes_worth_it(config, cores=cores) if config.device in ("auto", "cpu") else 1
    return each * (PROCESS_BYTES + FLOAT * 5 * parameters) + FLOAT * (decoder + encoder)


def _encoder(config: TrainingConfig) -> EncoderSizes:
    return ENCODERS.get(config.encoder_name, ENCODERS["vit_tiny_patch16_224"])
