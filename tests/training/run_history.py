"""A run's events, for tests that compare runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from training.run.events import Event, History, event_of


def read_events(path: Path) -> Iterator[Event]:
    """Events in the order they were written; lines that aren't whole are passed over."""
    if not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            event = event_of(line)
            if event is not None:
                yield event


def replay(path: Path) -> list[Event]:
    """The run's history as one uninterrupted run would have written it: steps that were redone appear once."""
    history = History()
    for event in read_events(path):
        history.take(event)
    return history.events
