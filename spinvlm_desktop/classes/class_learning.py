"""Has a class question learnt by a process of its own, so that the window stays responsive and nothing is lost when it ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal

from spinvlm_desktop.jobs.child_task import ChildTask


class ClassLearning(ChildTask):
    """Ends with the project's folder, in which what was learnt lies; one that is cancelled leaves what was there before."""

    progressed = Signal(int, int)
    """Photos looked at, and all."""
    unknown_failure = "The classes couldn't be learnt."

    def start(self, folder: Path, *, model: Path | None) -> None:
        """folder: of the project; model: None is the starter model."""
        options = [] if model is None else ["--model", str(model)]
        self.run(["classes", "--json", "--project", str(folder), *options])

    def read(self, content: Any) -> Path | None:
        if "done" in content:
            self.progressed.emit(int(content["done"]), int(content["total"]))
        return Path(content["folder"]) if "folder" in content else None
