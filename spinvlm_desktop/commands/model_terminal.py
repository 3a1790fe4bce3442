"""What commands that ask a model have in common on a terminal: loading it, reading a photo, being stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.progress import BarColumn, Progress, TextColumn

from core.answer_model import NO_BEAM_SEARCH, AnswerModel, OnStep, ReadingProgress
from core.config import require
from core.errors import ModelFileError
from spinvlm_desktop.system import paths
from training.commands.terminal import terminal, text_column

if TYPE_CHECKING:
    from core.pretrained.session import PretrainedSession

STOPPED = 130
"""Exit code of a command that Ctrl+C stopped, as shells have it."""


def open_from_terminal(
    where: Path | None, *, device: str = "auto", threads: int | None = None, precision: str = "auto"
) -> AnswerModel:
    """The model there, with what it does meanwhile and what the user should know on the standard error.

    Arguments and errors are those of core.open_model.
    """
    from core.open_model import open_model

    with _loading() as on_step:
        model = open_model(
            where, models=paths.models_folder(), choices=paths.compute_choices_file(), device=device, threads=threads,
            precision=precision, on_step=on_step, classes=paths.classes_folder(),
        )
    _note(model.describe().notes)
    return model


def refuse_beam_search(where: Path | None, *, method: str) -> None:
    """Raises ConfigError where a pretrained model is asked for a beam search: before it is loaded, which may take minutes."""
    from core.open_model import find_folder

    if method == "beam" and where is not None:
        require(find_folder(where, models=paths.models_folder()) is None, NO_BEAM_SEARCH)


def open_pretrained_from_terminal(where: str, *, device: str, threads: int | None, precision: str) -> PretrainedSession:
    """The same for a pretrained model. Raises ModelFileError where a file is named, too."""
    from core.open_model import find_folder, open_folder

    folder = find_folder(where, models=paths.models_folder())
    if folder is None:
        raise ModelFileError(f"{where} is a file, and pretrained models are folders.")
    with _loading() as on_step:
        model = open_folder(
            folder, choices=paths.compute_choices_file(), device=device, threads=threads, precision=precision, on_step=on_step
        )
    _note(model.describe().notes)
    return model


@contextmanager
def _loading() -> Iterator[OnStep | None]:
    """Takes sentences about what is being done; None where there is no terminal to show them on."""
    errors = terminal(errors=True)
    if not errors.is_terminal:
        yield None
        return
    with errors.status("Loading the model.") as status:
        yield status.update


def _note(notes: Sequence[str]) -> None:
    for note in notes:
        terminal(errors=True).print(note, style="yellow")


@contextmanager
def reading_progress() -> Iterator[ReadingProgress]:
    """A bar on the standard error while photo and question are read; nothing where that is no terminal."""
    errors = terminal(errors=True)
    with Progress(
        text_column("description"), BarColumn(), TextColumn("{task.percentage:.0f}%"), console=errors, transient=True,
        disable=not errors.is_terminal,
    ) as bar:
        task = bar.add_task("Reading the photo", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def stoppable(what_is_left: Callable[[], str | None] = lambda: None) -> Iterator[None]:
    """Ends the command in a sentence where the user presses Ctrl+C inside. what_is_left: a sentence about what was done."""
    try:
        yield
    except KeyboardInterrupt:
        terminal(errors=True).print(" ".join(filter(None, ["Stopped.", what_is_left()])))
        raise typer.Exit(STOPPED) from None
