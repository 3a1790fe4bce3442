"""A run's events on a terminal: bars for what is under way, a line for each epoch."""

from __future__ import annotations

import json
import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TimeRemainingColumn

from training.commands.terminal import text_column
from training.run.events import Event

STAGE_TITLES = {"warm_up": "Stage 1, warm-up", "fine_tune": "Stage 2, fine-tuning", "teach": "Teaching"}


class ProgressDisplay:
    """Shows events as they come; `json_lines` prints them instead, for other programs."""

    def __init__(self, console: Console, *, json_lines: bool = False) -> None:
        self.console = console
        self._json_lines = json_lines
        self._progress = Progress(
            text_column("description"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
            text_column("fields[note]"), console=console, disable=json_lines,
        )
        self._task: TaskID | None = None
        self._title = ""

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def show(self, event: Event) -> None:
        """One event."""
        if self._json_lines:
            sys.stdout.write(json.dumps(event) + "\n")
            sys.stdout.flush()
            return
        name = event["event"]
        if name == "preparing":
            self._bar(str(event["what"]).capitalize(), event["done"], event["total"])
        elif name == "step":
            note = f"loss {event['loss']:.3f}  {event['samples_per_second']:.0f} photos/s"
            self._bar(_title(event["stage"]), event["step"], event["steps"], note)
        elif (line := _line(event)) is not None:
            self.console.print(line)

    def _bar(self, title: str, done: int, total: int, note: str = "") -> None:
        if self._task is None or title != self._title:
            if self._task is not None:
                self._progress.remove_task(self._task)
            self._task, self._title = self._progress.add_task(title, total=total, note=note), title
        self._progress.update(self._task, completed=done, total=total, note=note)


def _line(event: Event) -> str | None:
    match event["event"]:
        case "run_started" if "held_out" in event:
            return (
                f"{event['photos']:,} photos to learn from, {event['held_out']:,} kept back; rehearsing {event['rehearsed']}"
            )
        case "run_started":
            return (
                f"{event['photos']:,} photos with {event['pairs']:,} question-answer pairs, {event['dev_photos']:,} dev "
                f"photos; a model of {event['parameters'] / 1e6:.1f} million parameters"
            )
        case "epoch":
            best = "  (best so far)" if event["best"] else ""
            title = _title(event["stage"])
            losses = f"train loss {event['train_loss']:.3f}, dev loss {event['dev_loss']:.3f}"
            return f"{title}, epoch {event['epoch'] + 1}: {losses}{best}"
        case "notice":
            return str(event["text"])
        case "resumed":
            return f"Resumed at step {event['step']} of {STAGE_TITLES.get(event['stage'], event['stage'])}"
        case "stage_finished" if event["reason"] == "early":
            return f"No better {'pass' if event['stage'] == 'teach' else 'dev loss'} for a while: the stage ends early"
        case _:
            return None


def _title(stage: str) -> str:
    return STAGE_TITLES.get(stage, stage)
