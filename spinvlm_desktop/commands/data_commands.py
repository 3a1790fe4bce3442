"""`spinvlm check` and `spinvlm pairs`: look at training data before training on it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from training.commands.terminal import terminal

PROGRESS_STEP = 50
"""Photos."""

Data = Annotated[Path, typer.Option("--data", help="Folder of photos with captions or questions.")]


def check(
    data: Data, decode: Annotated[bool, typer.Option("--decode/--no-decode", help="Open every photo.")] = True,
    json_lines: Annotated[
        bool, typer.Option("--json", help="Print progress, counts, problems and a few photos with their pairs as JSON lines.")
    ] = False,
) -> None:
    """Check a folder of photos: what is there, missing, broken or duplicated."""
    from training.data.captions import load_captions
    from training.data.data_check import check_dataset

    if json_lines:
        _check_as_json(data, decode=decode)
        return
    errors = terminal(errors=True)
    dataset = load_captions(data)
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task("Opening photos", total=len(dataset.images))
        report = check_dataset(dataset, decode=decode, progress=lambda done, _total: progress.update(task, completed=done))
    for line in report.lines():
        terminal().print(line)
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
    from training.data.captions import load_captions
    from training.questions.pair_sample import print_sample

    print_sample(load_captions(data), terminal(), split=split, count=sample, kind=kind, seed=seed)


def _check_as_json(data: Path, *, decode: bool) -> None:
    """Lines {"done", "total"} while photos are opened, then one with everything; for a program that shows it."""
    from training.data.captions import load_captions
    from training.data.data_check import check_dataset
    from training.data.data_findings import DataFindings
    from training.questions.data_preview import preview_data

    def write(content: dict[str, object]) -> None:
        sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    def progress(done: int, total: int) -> None:
        if done % PROGRESS_STEP == 0:
            write({"done": done, "total": total})

    dataset = load_captions(data)
    report = check_dataset(dataset, decode=decode, progress=progress)
    write(DataFindings(
        dataset.layout, report.usable, report.images_per_split, report.captions_per_split, report.problems(),
        preview_data(dataset),
    ).to_dict())
