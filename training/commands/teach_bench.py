"""`python -m training.commands.teach_bench`: the table of what corrections buy, as in docs/teach.md."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.errors import SpinVlmError
from core.files.bundled_models import starter_model_path
from training.commands.teach_command import with_teach_setting
from training.commands.terminal import print_error, terminal
from training.teaching.bench import BenchRow, bench
from training.teaching.report import Change
from training.teaching.settings import TeachSettings


def main(
    data: Annotated[list[Path], typer.Option("--data", help="The subject's collection; its dev photos are used. May repeat.")],
    others: Annotated[list[Path], typer.Option("--others", help="The same for photos of other kinds.")],
    out: Annotated[Path, typer.Option("--out", help="A new folder.")],
    subject: Annotated[str, typer.Option(help="A regular expression for captions; empty: all photos.")] = "",
    corrections: Annotated[list[int] | None, typer.Option(help="How many; may repeat.")] = None,
    model: Annotated[Path | None, typer.Option(help="Default: the starter model.")] = None,
    rehearsal: Annotated[Path | None, typer.Option(help="Default: the file beside the model.")] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE")] = None,
) -> None:
    """Teach some photos of a subject, and ask about others of it and about all else."""
    wanted = TeachSettings(
        str((model or starter_model_path()).resolve()), tuple(str(folder.resolve()) for folder in data),
        None if rehearsal is None else str(rehearsal.resolve()),
    )
    for setting in settings or []:
        wanted = with_teach_setting(wanted, setting)
    console = terminal()
    bench(
        wanted, out, subject=subject, others=others, corrections=corrections or [20, 50, 200],
        report=lambda row: console.print(_line(row)), progress=lambda _what: lambda _done, _total: None,
    )


def _line(row: BenchRow) -> str:
    cells = [
        row.subject, str(row.corrections), str(row.photos), row.outcome, f"{row.seconds:.0f} s",
        *(_cell(change) for group in (row.same_kind, row.others) for change in (group.answers, group.words, group.fit)),
    ]
    return f"| {' | '.join(cells)} |"


def _cell(change: Change | None) -> str:
    if change is None:
        return "–"
    moved = change.change
    return f"{change.before:.1f} -> {change.after:.1f} ({moved.low:+.1f} to {moved.high:+.1f})"


if __name__ == "__main__":
    try:
        typer.run(main)
    except SpinVlmError as error:
        print_error(error)
        raise SystemExit(1) from None
