"""What learning classes is worth on a captioned collection: `python -m training.classes --data FOLDER`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.classes.bench import DEFAULT_KINDS, measure_classes
from training.commands.terminal import terminal


def main(
    data: Annotated[Path, typer.Option("--data", help="Folder of captioned photos; those of its dev split are used.")],
    kinds: Annotated[list[str], typer.Option("--class", help="NAME=WORD,WORD...: beginnings of words that its captions have.")]
    = list(DEFAULT_KINDS),  # noqa: B006  # typer reads it once
    each: Annotated[int, typer.Option(min=3, help="Photos of each class to learn from; the others judge.")] = 15,
    draws: Annotated[int, typer.Option(min=1, help="So many times, each with other photos.")] = 10,
    model: Annotated[Path | None, typer.Option("--model", help="A model file; default: the starter model.")] = None,
) -> None:
    """Learn classes from a few photos of a collection, several times, and judge them on its other photos."""
    console = terminal()
    for name, text in measure_classes(data, kinds, each=each, draws=draws, model=model).items():
        console.print(f"{name:<46}{text}")


if __name__ == "__main__":
    typer.run(main)
