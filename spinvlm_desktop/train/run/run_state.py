"""What the files of a run say of where it is."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from spinvlm_desktop.train.run.run_process import RunProcess
from training.run.events import Event, event_of
from training.run.run_folder import RunFolder

RunState = Literal["gone", "new", "waiting", "training", "paused", "stopped", "interrupted", "failed", "finished"]
STATE_WORDS: dict[RunState, str] = {
    "gone": "its folder is gone", "new": "not begun", "waiting": "waits for its turn", "training": "training",
    "paused": "paused", "stopped": "stopped, can be resumed", "interrupted": "cut off, can be resumed", "failed": "failed",
    "finished": "finished",
}
UNFINISHED: tuple[RunState, ...] = ("paused", "interrupted")
"""To be told of at the next start; a run that the user has stopped isn't."""
CAN_BE_RESUMED: tuple[RunState, ...] = (*UNFINISHED, "new", "stopped", "failed")
_TAIL = 65_536
"""Bytes; the last events are within them."""


def run_folders(folder: Path) -> list[Path]:
    """Folders of runs, the one that was changed last first."""
    try:
        found = [path for path in folder.iterdir() if (path / "config.json").is_file() or (path / "settings.json").is_file()]
        return sorted(found, key=_changed, reverse=True)
    except OSError:
        return []


def run_state(folder: Path) -> RunState:
    """Where a run is. One that doesn't run and didn't say why was cut off."""
    run = RunFolder(folder)
    if not folder.is_dir():
        return "gone"
    process = RunProcess(folder)
    if process.alive():
        return "training"
    if process.queued.is_file():
        return "waiting"
    if run.card.is_file():
        return "finished"
    if not run.events.is_file() and not process.log.is_file():
        return "new"
    last = last_event(run.events).get("event")
    if last == "run_failed":
        return "failed"
    if process.ended.is_file():
        return "stopped"
    if last == "run_stopped":
        return "paused"
    return "interrupted" if run.checkpoint.is_file() else "failed"


def last_event(path: Path) -> Event:
    """The last whole event, or nothing."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL))
            lines = file.read().split(b"\n")
    except OSError:
        return {}
    return next((event for line in reversed(lines) if (event := event_of(line)) is not None), {})


def _changed(folder: Path) -> float:
    run = RunFolder(folder)
    return max((path.stat().st_mtime for path in (run.events, run.config) if path.is_file()), default=0.0)
