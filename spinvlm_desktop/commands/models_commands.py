"""`spinvlm models`: pretrained models to get, look over, check and remove. Only `get` uses the network."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TransferSpeedColumn

from core.config import require
from core.errors import ModelFileError
from spinvlm_desktop.commands.model_table import print_models
from spinvlm_desktop.commands.model_terminal import STOPPED, open_pretrained_from_terminal, stoppable
from spinvlm_desktop.models.model_rows import format_size, list_rows
from spinvlm_desktop.system import paths
from spinvlm_desktop.system.program_command import typed_command
from training.commands.terminal import terminal, text_column

if TYPE_CHECKING:
    from core.pretrained.hub.download import DownloadProgress

JsonOutput = Annotated[bool, typer.Option("--json", help="Print JSON, a line for each step, for a program to read.")]
models = typer.Typer(help="Pretrained models: what is worth getting, what is here.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="organisation/model, as on the Hugging Face hub.")]


@models.command("list")
def list_models(
    measure: Annotated[
        bool, typer.Option("--measure", help="Measure this computer for a second, and estimate the time of an answer.")
    ] = False,
    json_output: JsonOutput = False,
) -> None:
    """Models worth getting, and those that are here. Asks nothing of the network."""
    machine = None
    if measure:
        from core.pretrained.hub.machine_trial import measure_machine

        machine = measure_machine()
    rows = list_rows(paths.models_folder(), machine=machine)
    if json_output:
        _write_json({"models": [row.to_dict() for row in rows], "machine": None if machine is None else asdict(machine)})
    else:
        print_models(terminal(soft_wrap=False), rows, machine=machine)


@models.command()
def get(
    name: Name,
    revision: Annotated[
        str | None, typer.Option("--revision", help="A commit, branch or tag; default: the latest, or that of what is here.")
    ] = None,
    json_output: JsonOutput = False,
) -> None:
    """Download a model, or go on with a download. Ctrl+C pauses it."""
    from core.pretrained.hub.download import download_model
    from core.pretrained.library import transformers

    transformers()  # before gigabytes are downloaded that couldn't be used
    errors = terminal(errors=True)
    bar = Progress(
        text_column("description"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), text_column("fields[left]"),
        console=errors, disable=not errors.is_terminal,
    )
    latest: DownloadProgress | None = None

    def show(progress: DownloadProgress) -> None:
        nonlocal latest
        latest = progress
        if json_output:
            _write_json(asdict(progress))
            return
        bar.update(task, completed=progress.done, total=progress.total, left=_time_left(progress.seconds_left))

    try:
        with bar:
            task = bar.add_task(name, total=None, left="")
            folder = download_model(name, paths.models_folder(), revision=revision, progress=show)
    except KeyboardInterrupt:
        errors.print(f"Paused{_how_far(latest)}. `{typed_command()} models get {name}` goes on.")
        raise typer.Exit(STOPPED) from None
    if json_output:
        _write_json({"folder": str(folder)})
    elif latest is not None:
        errors.print(f"{name} is in {folder}")
    else:
        errors.print(f"{name} is here already, in {folder}")


@models.command()
def remove(
    name: Name, yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False
) -> None:
    """Remove a downloaded model, or what there is of it."""
    from core.pretrained.hub.model_store import downloaded_parts, find_models, remove_model

    folder = paths.models_folder()
    if not downloaded_parts(name, folder):
        shared = next((stored for stored in find_models(folder) if stored.name == name), None)
        if shared is not None:
            raise ModelFileError(
                f"{name} lies in a cache that other programs use too, and is left alone: {shared.folder.path}"
            )
    elif not yes:
        require(sys.stdin.isatty(), f"nobody can be asked here whether {name} is to be removed: say so with --yes")
        if not typer.confirm(f"Remove {name} from this computer?"):
            raise typer.Exit(1)
    terminal().print(f"{name} is removed: {format_size(remove_model(name, folder))} are free again.")


@models.command()
def check(
    where: Annotated[str, typer.Argument(metavar="FOLDER-OR-NAME", help="A pretrained model on this computer.")],
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    threads: Annotated[int | None, typer.Option(help="CPU threads.")] = None,
    precision: Annotated[str, typer.Option(help="auto, float32 or bfloat16.")] = "auto",
) -> None:
    """Load a model, try whether SPIN and its maps work in it, and say how it computes."""
    with stoppable():
        started = time.perf_counter()
        session = open_pretrained_from_terminal(where, device=device, threads=threads, precision=precision)
        loading = time.perf_counter() - started
        found = session.describe()
        reading = session.seconds_to_read(finer=False)
        finer = session.seconds_to_read(finer=True) if found.can_be_finer else None
    threads_used = "1 thread" if found.threads == 1 else f"{found.threads} threads"
    seconds = "not measured" if found.seconds_a_token is None else f"{found.seconds_a_token:.3f} seconds"
    lines = {
        "Model": f"{found.name}, {found.family}, {found.parameters / 1e6:.1f} million parameters",
        "Folder": str(found.path),
        "Revision": found.revision or "unknown",
        "Heads": f"{found.layers} layers x {found.heads} heads, each of which can be suppressed",
        "Photo": f"{found.image_tokens} tokens for one of 320 x 240 pixels, read in {reading:.2f} seconds",
        "Finer": "not offered" if finer is None else f"read in {finer:.2f} seconds",
        "Conversation": "remembered" if found.remembers_conversation else "each question stands alone",
        "Computes": f"on {found.device} in {found.precision}, with {threads_used}",
        "A token": seconds,
        "Loaded in": f"{loading:.1f} seconds",
    }
    console = terminal()
    for title, text in lines.items():
        console.print(f"{title + ':':<14}{text}")
    console.print(f"{found.name} can be used.")


@models.command(hidden=True)
def pace(where: Annotated[str, typer.Argument(metavar="FOLDER-OR-NAME", help="A pretrained model on this computer.")]) -> None:
    """How fast a model answers here, as JSON; it is loaded where that isn't remembered."""
    from core.open_model import find_folder, open_folder
    from core.pretrained.loading.model_folder import inspect_folder
    from core.pretrained.loading.remembered_choices import RememberedChoices

    folder, choices = find_folder(where, models=paths.models_folder()), paths.compute_choices_file()
    if folder is None:
        raise ModelFileError(f"{where} is a file, and pretrained models are folders.")
    choice = RememberedChoices(choices).find(inspect_folder(folder))
    if choice is None or choice.seconds_a_token is None or choice.seconds_to_read is None:
        choice = open_folder(folder, choices=choices).choice
    _write_json({"to_read": choice.seconds_to_read, "token": choice.seconds_a_token})


def _write_json(content: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _time_left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02} left" if hours else f"{minutes}:{rest:02} left"


def _how_far(latest: DownloadProgress | None) -> str:
    return "" if latest is None else f": {format_size(latest.done)} of {format_size(latest.total)} are here"
