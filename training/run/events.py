"""Progress of a training run as JSON lines. Torch-free, so that a window can follow a run without loading torch.

Every event is {"event": name, "time": seconds since the epoch, ...}:

    run_started      config, photos, pairs, parameters
    notice           text                                 a sentence for the user
    preparing        what, done, total                    reading photos, computing features
    stage_started    stage, epochs, steps
    step             stage, step, steps, epoch, loss, rate, samples_per_second, memory_mb (of the process, MiB)
    epoch            stage, step, epoch, train_loss, dev_loss, best
    samples          stage, step, answers: [{image, question, answer, reference}]   of the same few dev photos
    resumed          stage, step                          later events of that stage are void and come again
    stage_finished   stage, step, reason                  "done", "early" (no better dev loss), "asked" (to end now) or "stopped"
    evaluated        metrics
    run_finished     best_dev_loss, model
    run_stopped      stage, step
    run_failed       message
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Event = dict[str, Any]
EventSink = Callable[[Event], None]


class EventLog:
    """Appends events to a file and passes each to listeners."""

    def __init__(self, path: Path, *listeners: EventSink) -> None:
        self._path = path
        self._listeners = listeners
        _drop_torn_line(path)

    def write(self, name: str, **values: Any) -> None:
        """Append one event. Listeners hear of it also where the file can't be written."""
        event: Event = {"event": name, "time": time.time(), **values}
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(event, ensure_ascii=False) + "\n")
        finally:
            for listener in self._listeners:
                listener(event)


def _drop_torn_line(path: Path) -> None:
    """End a file that was torn in the middle of a line, so that the next event starts on a line of its own."""
    if path.exists():
        with path.open("rb+") as file:
            content = file.read()
            file.truncate(content.rfind(b"\n") + 1)


def event_of(line: str | bytes) -> Event | None:
    """The event of a line; None where the line isn't whole or holds something else."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "event" in event else None


class History:
    """Events as an uninterrupted run would have written them; takes those of the file one after the other."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def take(self, event: Event) -> None:
        """The next event of the file."""
        if event["event"] == "resumed" and "stage" in event:
            self._forget_after(str(event["stage"]), event.get("step", 0))
        self.events.append(event)

    def _forget_after(self, stage: str, step: int) -> None:
        # A resumed stage is started again, so each is counted where it came first.
        stages = list(dict.fromkeys(str(item.get("stage")) for item in self.events if item["event"] == "stage_started"))
        void = stages[stages.index(stage) + 1 :] if stage in stages else []
        self.events = [
            item
            for item in self.events
            if item.get("stage") not in void and not (item.get("stage") == stage and item.get("step", 0) > step)
        ]
