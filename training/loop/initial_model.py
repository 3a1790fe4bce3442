"""What a run trains: a new model with the encoder's weights, or a copy of the model that it goes on from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from core.config import ModelConfig
from core.files.atomic_file import write_text
from core.files.checkpoint import ModelFile, load_model, save_model
from core.files.encoder_weights import load_encoder_weights
from core.model.vision_encoder import VisionEncoder
from core.model.vlm import VisionLanguageModel
from core.text.tokenizer import Tokenizer
from training.batches.run_data import SplitText, build_tokenizer
from training.loop.run_reporter import RunReporter
from training.machine.distributed import ProcessGroup
from training.run.run_folder import RunFolder
from training.run.training_config import TrainingConfig


def copied_start_model(config: TrainingConfig, folder: RunFolder, group: ProcessGroup) -> ModelFile | None:
    """The model to go on from, of which the run keeps a copy: it is resumed also where the file is gone."""
    if config.start_from is None:
        return None
    if group.leads and not folder.start_model.exists():
        source = load_model(Path(config.start_from))
        save_model(
            folder.start_model, source.model, source.tokenizer, metrics=source.metrics, recipe=source.recipe,
            precision=source.precision,
        )
    group.wait()
    return load_model(folder.start_model)


def run_tokenizer(config: TrainingConfig, folder: RunFolder, text: SplitText, *, write: bool) -> Tokenizer:
    """The tokenizer of a run that starts from no model: the one in its folder, else one made of the training text.

    write: keep a new one in the folder.
    """
    if folder.tokenizer.exists():
        return Tokenizer.from_json(folder.tokenizer.read_text(encoding="utf-8"))
    tokenizer = build_tokenizer(config, text)
    if write:
        write_text(folder.tokenizer, tokenizer.to_json())
    return tokenizer


def continued_model(config: TrainingConfig, start: ModelFile) -> VisionLanguageModel:
    """The model to go on from, with this run's dropout."""
    torch.manual_seed(config.seed)
    model = VisionLanguageModel(replace(
        start.config, dropout=config.dropout, head_dropout=config.head_dropout, guided_head_dropout=config.guided_head_dropout,
    ))
    model.load_state_dict(start.model.state_dict())
    return model


def new_model(config: TrainingConfig, vocabulary_size: int) -> VisionLanguageModel:
    """A model of the run's sizes, all of its weights random."""
    torch.manual_seed(config.seed)
    encoder = VisionEncoder(config.encoder_name, image_size=config.image_size)
    return VisionLanguageModel(ModelConfig(
        vocabulary_size=vocabulary_size, encoder_name=config.encoder_name, image_size=config.image_size,
        encoder_width=encoder.width, patch_size=encoder.patch_size, width=config.width, layers=config.layers, heads=config.heads,
        feed_forward_width=4 * config.width, dropout=config.dropout, head_dropout=config.head_dropout,
        guided_head_dropout=config.guided_head_dropout,
    ))


def load_encoder(model: VisionLanguageModel, config: TrainingConfig, reporter: RunReporter) -> None:
    """Give a new model the encoder's initial weights."""
    source = load_encoder_weights(
        model.encoder, config.encoder, progress=reporter.notice,
        counted=reporter.progress("downloading the encoder's weights, in MB"),
    )
    reporter.notice(f"The encoder starts from {source}.")
