"""Pretrained models downloaded, and this computer's speed measured, in processes of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from core.pretrained.hub.answer_time import MachineSpeed
from spinvlm_desktop.jobs.child_task import ChildTask


class ModelDownload(ChildTask):
    """Ends with the path of the model's folder. What has come stays on the disk, however it ends."""

    progressed = Signal(object, object, object)
    """Bytes that are here, bytes of all, and seconds left or None."""
    unknown_failure = "The model couldn't be downloaded."

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = ""
        """The model that is downloaded, or was last."""

    def start(self, name: str) -> None:
        """name: organisation/model. Goes on with what is there already."""
        self.name = name
        self.run(["models", "get", name, "--json"])

    def read(self, content: Any) -> Path | None:
        if "folder" in content:
            return Path(content["folder"])
        left = content["seconds_left"]
        self.progressed.emit(int(content["done"]), int(content["total"]), None if left is None else float(left))
        return None


class MachineMeasurement(ChildTask):
    """How fast this computer computes: ends with a MachineSpeed."""

    def start(self) -> None:
        self.run(["models", "list", "--measure", "--json"])

    def read(self, content: Any) -> MachineSpeed:
        return MachineSpeed(**content["machine"])
