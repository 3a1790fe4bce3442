"""`spinvlm scenes make`: a collection of generated pictures to train on, whose truth is known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from training.commands.terminal import terminal

scenes = typer.Typer(no_args_is_help=True, help="Generated pictures of coloured shapes whose truth is known exactly.")


@scenes.callback()
def scenes_group() -> None:
    """Keeps `make` a command of its own while it is the only one."""


@scenes.command()
def make(
    out: Annotated[Path, typer.Option("--out", help="A new folder; an unfinished collection in it is completed.")],
    photos: Annotated[int, typer.Option(help="How many pictures.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Another seed makes other pictures.")] = 0,
) -> None:
    """Draw pictures of coloured shapes, with captions, questions and answers, and the truth about each."""
    from training.scenes.collection import ScenesRecipe, make_scenes

    recipe = ScenesRecipe(photos, seed)
    errors = terminal(errors=True)
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as bars:
        task = bars.add_task("Drawing scenes", total=photos)
        drawn = make_scenes(out, recipe, progress=lambda done, _total: bars.update(task, completed=done))
    kept = f", {photos - drawn} already existed" if drawn < photos else ""
    terminal().print(f"{out}: {photos} scenes{kept}")
