"""`spinvlm check` and `spinvlm pairs`: look at training data before training on it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

Data = Annotated[Path, typer.Option("--data", help="Folder of captioned photos.")]


def check(
    data: Data, decode: Annotated[bool, typer.Option("--decode/--no-decode", help="Open every photo.")] = True
) -> None:
    """Look a folder of captioned photos over: what is there, missing, broken or twice there."""
    from training.captions import load_captions
    from training.data_check import check_dataset

    errors = Console(stderr=True)
    dataset = load_captions(data)
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task("Opening photos", total=len(dataset.images))
        report = check_dataset(dataset, decode=decode, progress=lambda done, _total: progress.update(task, completed=done))
    console = Console(soft_wrap=True)
    for line in report.lines():
        console.print(line, markup=False, highlight=False)
    if not report.usable:
        raise typer.Exit(1)


def pairs(
    data: Data,
    split: Annotated[str, typer.Option(help="train, dev or test.")] = "train",
    sample: Annotated[int, typer.Option(min=1, help="How many pairs.")] = 20,
    kind: Annotated[str | None, typer.Option(help="Only pairs of this kind.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed shows other pairs.")] = 0,
) -> None:
    """Print a sample of the question-answer pairs that training derives from captions, to be read by you."""
    from training.captions import load_captions
    from training.pair_sample import print_sample

    print_sample(load_captions(data), split=split, count=sample, kind=kind, seed=seed)
