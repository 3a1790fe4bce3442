"""How fast this computer trains, measured by a process of its own."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PySide6.QtCore import QObject

from core.errors import reason_of
from core.files.atomic_file import write_text
from spinvlm_desktop.jobs.child_task import ChildTask
from training.run.pace import Pace
from training.run.training_config import TrainingConfig


class PaceProbe(ChildTask):
    """Trains for a short while and ends with the Pace; where it is cancelled, with nothing and no words."""

    unknown_failure = "The time couldn't be measured."

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder: TemporaryDirectory[str] | None = None

    def start(self, config: TrainingConfig) -> None:
        """Train for a short while with these settings; `ended` says how fast it was."""
        self._tidy_up()
        try:
            self._folder = TemporaryDirectory(prefix="spinvlm-probe-", ignore_cleanup_errors=True)
            settings = Path(self._folder.name) / "settings.json"
            write_text(settings, json.dumps(config.to_dict()))
        except OSError as error:
            self.end(f"The time couldn't be measured: {reason_of(error)}.")
        else:
            self.run(["probe", "--config", str(settings), "--out", self._folder.name])

    def cancel(self) -> None:
        """End it, without a result."""
        if self.running:
            self._tidy_up()
            self.ended.emit(None, "")

    def read(self, content: Any) -> Pace:
        return Pace.from_dict(content)

    def end(self, wrong: str) -> None:
        self._tidy_up()
        super().end(wrong)

    def _tidy_up(self) -> None:
        super().cancel()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
