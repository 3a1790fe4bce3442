"""`spinvlm teach` and `spinvlm rehearsal`."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Annotated

import typer

from core.config import require
from core.errors import ConfigError, ModelFileError, reason_of
from core.files.bundled_models import starter_model_path
from training.commands.log_output import print_into
from training.commands.progress_display import ProgressDisplay
from training.commands.run_options import Data, JsonLines, LogFile, Out, Start, named_value, run_display, stop_on_signals
from training.commands.terminal import terminal
from training.teaching.result_words import OUTCOME_TITLES, explained, rows
from training.teaching.settings import TeachFolder, TeachSettings


def teach(
    out: Out,
    data: Data = None,
    model: Annotated[
        Path | None, typer.Option("--model", help="The model to start from, which stays as it is; default: the starter model.")
    ] = None,
    rehearsal: Annotated[
        Path | None, typer.Option("--rehearsal", help="What the model is to go on knowing; default: the file beside it.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Another setting, as in --set rate=1e-4; may repeat."),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Take the settings that are kept in --out.")] = False,
    log_file: LogFile = None,
    json_lines: JsonLines = False,
    start: Start = "",
) -> None:
    """Teach a model what is said of a few photos, in minutes, without forgetting what it knew."""
    if log_file is not None:
        print_into(log_file)
    if again:
        if data or model is not None or rehearsal is not None or settings:
            raise ConfigError("With --again the kept settings are used: leave out everything but --out.")
        wanted = TeachFolder(out).settings()
    else:
        wanted = _new_settings(data or [], model, rehearsal)
        for setting in settings or []:
            wanted = with_teach_setting(wanted, setting)
    from training.teaching.teach_run import teach as run_teaching  # brings torch

    stopping = stop_on_signals()
    with run_display(log_file, json_lines=json_lines) as display:
        result = run_teaching(wanted, out, listener=display.show, should_stop=lambda: bool(stopping), start=start)
    if result.report is None:
        display.console.print("Stopped. The model that you have is as it was.")
    elif not json_lines:
        report = result.report
        console = terminal()
        console.print(f"{OUTCOME_TITLES[report.outcome]}. {explained(report)}\n")
        for row in rows(report):
            console.print("  ".join(row))
        if report.best_pass:
            console.print(f"\nThe new model is {result.model}; ask it with: spinvlm ask --model {result.model} --image PHOTO")


def rehearsal(
    data: Annotated[list[Path], typer.Option("--data", help="Folder of the model's training photos; may repeat.")],
    model: Annotated[Path | None, typer.Option("--model", help="The model; default: the starter model.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="File to write; default: beside the model.")] = None,
    learnt: Annotated[int, typer.Option(min=1, help="Training photos to keep.")] = 256,
    others: Annotated[int, typer.Option(min=1, help="Dev photos to keep, for measuring.")] = 128,
    directions: Annotated[int, typer.Option(min=1, help="Numbers kept of each image token.")] = 128,
    seed: Annotated[int, typer.Option(min=0, help="Another seed takes other photos.")] = 0,
) -> None:
    """Write what a model is shown again while it is taught something new: features and questions of a few hundred photos."""
    from core.compute_device import choose_device
    from core.files.checkpoint import load_model
    from training.rehearsal.making import make_rehearsal
    from training.rehearsal.rehearsal_file import rehearsal_path, write_rehearsal

    path = starter_model_path() if model is None else model
    with ProgressDisplay(terminal(errors=True)) as display:
        made = make_rehearsal(
            load_model(path), data, seed=seed, device=choose_device("auto"), learnt=learnt, others=others, directions=directions,
            progress=lambda what: lambda done, total: display.show(
                {"event": "preparing", "what": what, "done": done, "total": total}
            ),
        )
    target = out or rehearsal_path(path)
    try:
        write_rehearsal(target, made)
        size = target.stat().st_size
    except OSError as error:
        raise ModelFileError(f"{target} can't be written: {reason_of(error)}.") from error
    terminal().print(f"{target}: {made.source}; {size / 1e6:.1f} MB")


def _new_settings(data: list[Path], model: Path | None, rehearsal: Path | None) -> TeachSettings:
    if not data:
        raise ConfigError("--data is missing: name the folder of photos with captions or questions.")
    return TeachSettings(
        str((starter_model_path() if model is None else model).resolve()), tuple(str(folder.resolve()) for folder in data),
        None if rehearsal is None else str(rehearsal.resolve()),
    )


def with_teach_setting(settings: TeachSettings, setting: str) -> TeachSettings:
    """The settings with one changed, given as `name=value`. Raises ConfigError."""
    name, text, value = named_value(setting)
    require(name in {field.name for field in fields(TeachSettings)}, f"there is no setting {name!r}")
    try:
        return replace(settings, **{name: value})
    except TypeError as error:
        raise ConfigError(f"{name} can't be {text!r}") from error
