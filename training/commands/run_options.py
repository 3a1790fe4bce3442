"""What the commands that train share: their options, the values of --set, requests to stop."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Annotated, Any

import typer

from core.config import require
from training.commands.progress_display import ProgressDisplay
from training.commands.terminal import terminal

Out = Annotated[Path, typer.Option("--out", help="Folder of this run; everything it makes is in there.")]
Data = Annotated[
    list[Path] | None, typer.Option("--data", help="Folder of photos with captions or questions; may repeat.")
]
LogFile = Annotated[
    Path | None, typer.Option("--log", help="Print nothing; write errors and the messages of libraries to this file.")
]
JsonLines = Annotated[bool, typer.Option("--json", help="Print events as JSON lines instead of progress bars.")]
Start = Annotated[str, typer.Option("--start", hidden=True, help="Name of this start, for requests to it.")]


def run_display(log_file: Path | None, *, json_lines: bool) -> ProgressDisplay:
    """Shows a run's events, unless they go to a log."""
    return ProgressDisplay(terminal(errors=True, quiet=log_file is not None), json_lines=json_lines and log_file is None)


def named_value(setting: str) -> tuple[str, str, Any]:
    """What `name=value` names, its value as typed and as JSON, or the text itself where it is none. Raises ConfigError."""
    name, equals, text = setting.partition("=")
    require(bool(equals), f"--set takes NAME=VALUE, got {setting!r}")
    try:
        return name, text, json.loads(text)
    except ValueError:
        return name, text, text


def stop_on_signals() -> list[int]:
    """A list that fills when the user asks to stop; a second request ends the process at once."""
    received: list[int] = []

    def on_signal(number: int, _frame: object) -> None:
        if received:
            raise KeyboardInterrupt
        received.append(number)

    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), on_signal)
    return received
