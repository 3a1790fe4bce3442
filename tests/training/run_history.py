"""A run's events, for tests that compare runs."""

from __future__ import annotations

from pathlib import Path

from training.run.events import Event, History, read_events


def replay(path: Path) -> list[Event]:
    """The run's history as one uninterrupted run would have written it: steps that were redone appear once."""
    history = History()
    for event in read_events(path):
        history.take(event)
    return history.events
