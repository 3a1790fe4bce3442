"""`spinvlm train`, which is also `python -m training`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from core.errors import ConfigError, SpinVlmError
from training.commands.log_output import print_into
from training.commands.run_options import Data, JsonLines, LogFile, Out, Start, named_value, run_display, stop_on_signals
from training.commands.terminal import print_error
from training.run.training_config import StageConfig, TrainingConfig, preset, read_config


def train(
    out: Out,
    data: Data = None,
    preset_name: Annotated[str, typer.Option("--preset", help="quick, standard or starter.")] = "standard",
    encoder: Annotated[
        str | None, typer.Option("--encoder", help="Initial encoder: bundled, pretrained (a download), random, or a file.")
    ] = None,
    encoder_name: Annotated[
        str | None, typer.Option("--encoder-name", help="A timm backbone: a vision transformer, or one that gives a feature map.")
    ] = None,
    image_size: Annotated[
        int | None, typer.Option("--image-size", help="Side of the square photo that the encoder looks at, in pixels.")
    ] = None,
    start_from: Annotated[
        Path | None, typer.Option("--start-from", help="Continue from this model: its sizes, word list and weights.")
    ] = None,
    vocab: Annotated[
        Path | None, typer.Option("--vocab", help="Word list as JSON, {word: id}; default: a byte-level BPE is trained.")
    ] = None,
    config_file: Annotated[
        Path | None, typer.Option("--config", help="All settings from a JSON file, such as another run's config.json.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Resume the run in --out from its last checkpoint.")] = False,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Any other setting, as in --set fine_tune.epochs=4; may repeat."),
    ] = None,
    log_file: LogFile = None,
    json_lines: JsonLines = False,
    start: Start = "",
) -> None:
    """Train a model on captioned photos: warm-up on a frozen encoder, then fine-tuning of everything."""
    if log_file is not None:
        print_into(log_file)
    from training.loop.training_run import run_training
    from training.machine.distributed import leads

    changes: dict[str, Any] = {
        "encoder": encoder,
        "encoder_name": encoder_name,
        "image_size": image_size,
        "vocabulary": None if vocab is None else str(vocab),
        "start_from": None if start_from is None else str(start_from.resolve()),
    }
    given = {name: value for name, value in changes.items() if value is not None}
    config = None
    if resume:
        if data or config_file is not None or given or settings:
            raise ConfigError("A resumed run keeps its settings: leave out everything but --out and --resume.")
    else:
        config = _new_config(data or [], config_file, preset_name, given)
        for setting in settings or []:
            config = with_setting(config, setting)

    stopping = stop_on_signals()
    first = leads()
    with run_display(log_file, json_lines=json_lines) as display:
        result = run_training(
            config, out, resume=resume, listener=display.show if first else None, should_stop=lambda: bool(stopping),
            start=start,
        )
    if first and not json_lines:
        display.console.print(
            f"The model is {result.model}; ask it with: spinvlm ask --model {result.model} --image PHOTO"
            if result.finished
            else f"Stopped. Resume with: spinvlm train --out {out} --resume"
        )


def _new_config(
    data: Sequence[Path], config_file: Path | None, preset_name: str, changes: dict[str, Any]
) -> TrainingConfig:
    first, *others = [str(folder.resolve()) for folder in data] or [""]
    places: dict[str, Any] = {"data": first, "more_data": tuple(others)} if first else {}
    if config_file is not None:
        return replace(read_config(config_file), **places, **changes)
    if not places:
        raise ConfigError("--data is missing: name the folder of photos, or use --config or --resume.")
    return preset(preset_name, **places, **changes)


def with_setting(config: TrainingConfig, setting: str) -> TrainingConfig:
    """The settings with one changed, given as `name=value` or `stage.name=value`. Raises ConfigError."""
    name, text, value = named_value(setting)
    stage_name, dot, inner = name.partition(".")
    try:
        if not dot:
            return replace(config, **{name: value})
        stage = getattr(config, stage_name, None)
        if not isinstance(stage, StageConfig):
            raise ConfigError(f"there is no stage {stage_name!r}; the stages are warm_up and fine_tune")
        return replace(config, **{stage_name: replace(stage, **{inner: value})})
    except TypeError as error:
        if "unexpected keyword" in str(error):
            raise ConfigError(f"there is no setting {name!r}") from error
        raise ConfigError(f"{name} can't be {text!r}") from error


def main() -> None:
    """Run `train`; an error is one sentence."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(train)
    try:
        app(prog_name="python -m training")
    except SpinVlmError as error:
        print_error(error)
        raise SystemExit(1) from None
