"""Has a folder of captioned photos checked by a process of its own, so that the window stays responsive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal

from spinvlm_desktop.jobs.child_task import ChildTask
from training.data.data_findings import DataFindings


class DataCheck(ChildTask):
    """Ends with DataFindings."""

    progressed = Signal(int, int)
    """Photos opened, and all."""
    unknown_failure = "The folder couldn't be checked."

    def start(self, folder: Path) -> None:
        """Opens every photo; `ended` says what was found."""
        self.run(["check", "--json", "--data", str(folder)])

    def read(self, content: Any) -> DataFindings | None:
        if "done" not in content:
            return DataFindings.from_dict(content)
        self.progressed.emit(int(content["done"]), int(content["total"]))
        return None
