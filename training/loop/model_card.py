"""The model card: what a model was trained on, how, and what was measured, in words that need no program to be read."""

from __future__ import annotations

from core.errors import ConfigError
from core.files.checkpoint import ModelInfo
from training.evaluation.report.run_report import RunReport, report_markdown
from training.run.training_config import StageConfig, TrainingConfig


def model_card(info: ModelInfo) -> str:
    """A Markdown card (after Mitchell et al. 2019, arXiv 1810.03993) of what the model file says of itself."""
    sizes = info.config
    parts = [
        f"# Model card: {info.name}",
        f"A vision-language model that answers questions about photos: {sizes.encoder_name} with image tokens of width "
        f"{sizes.encoder_width}, and a decoder of {sizes.layers} layers, width {sizes.width}, {sizes.heads} heads and "
        f"{sizes.vocabulary_size:,} tokens of vocabulary. Made {info.created}.",
        "## Training",
        _recipe(info),
        "## Measured",
        _metrics(info),
    ]
    return "\n\n".join(parts) + "\n"


def _recipe(info: ModelInfo) -> str:
    try:
        config = TrainingConfig.from_dict(info.recipe["training"])
    except (KeyError, TypeError, ConfigError):
        return "The file says nothing of it."
    lines = [
        f"* Preset `{config.preset}`, seed {config.seed}, {info.recipe.get('seconds', 0) / 60:.0f} minutes of steps.",
        f"* Each epoch shows every photo once with {config.captions_per_photo} captions and {config.derived_per_photo} derived "
        "question-answer pairs.",
        f"* AdamW, weight decay {config.weight_decay:g}, label smoothing {config.label_smoothing:g}, dropout {config.dropout:g}, "
        f"gradients clipped at {config.clip_norm:g}, weights averaged with decay {config.ema_decay:g}; "
        f"{config.hide_photo:.0%} of the photos and {config.hide_question:.0%} of the questions hidden.",
    ]
    lines += [f"* {_stage(name, stage)}" for name, stage in config.stages]
    history = info.recipe.get("history", [])
    if history:
        lines += ["", "| stage | epoch | train loss | dev loss |", "| --- | ---: | ---: | ---: |"]
        lines += [
            f"| {line['stage']} | {line['epoch'] + 1} | {line['train_loss']:.3f} | {line['dev_loss']:.3f} |" for line in history
        ]
        lines += ["", "The train loss includes label smoothing, dropout and hidden photos; the dev loss doesn't."]
    return "\n".join(lines)


def _stage(name: str, stage: StageConfig) -> str:
    if not stage.epochs:
        return f"`{name}`: left out."
    encoder = "the encoder frozen" if stage.frozen_encoder else (
        f"rate {stage.encoder_rate:g} for the encoder with layer decay {stage.layer_decay:g}"
    )
    return (
        f"`{name}`: {stage.epochs} epochs of batches of {stage.batch_photos * stage.accumulation} photos, rate "
        f"{stage.decoder_rate:g} for the decoder, {encoder}."
    )


def _metrics(info: ModelInfo) -> str:
    try:
        return report_markdown(RunReport.from_dict(info.metrics))
    except (KeyError, TypeError, ConfigError):
        return "Nothing was measured on this model."
