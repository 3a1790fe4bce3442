"""What commands that ask a model have in common on a terminal: loading it, reading a photo, being stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import typer
from rich.progress import BarColumn, Progress, TextColumn

from core.answer_model import AnswerModel, ReadingProgress
from spinvlm_desktop.system import paths
from training.commands.terminal import terminal, text_column

STOPPED = 130
"""Exit code of a command that Ctrl+C stopped, as shells have it."""


def open_from_terminal(
    where: Path | None, *, device: str = "auto", threads: int | None = None, precision: str = "auto"
) -> AnswerModel:
    """The model there, with what it does meanwhile and what the user should know on the standard error.

    Arguments and errors are those of core.open_model.
    """
    from core.open_model import open_model

    errors = terminal(errors=True)
    with errors.status("Loading the model.") if errors.is_terminal else nullcontext() as status:
        model = open_model(
            where, models=paths.models_folder(), choices=paths.compute_choices_file(), device=device, threads=threads,
            precision=precision, tell=None if status is None else status.update,
        )
    for note in model.describe().notes:
        errors.print(note, style="yellow")
    return model


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
