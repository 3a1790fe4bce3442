"""How fast pretrained models answer on this computer: asked of processes of their own, one model at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from spinvlm_desktop.jobs.child_process import ChildProcess
from training.evaluation.photo_costs import AnsweringPace

UNKNOWN = "how fast it answers here isn't known"


class ModelPaces(QObject):
    """A model that was never loaded here is loaded and tried, which may take a minute; the result is remembered."""

    changed = Signal()
    """More is known than before."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._known: dict[Path, AnsweringPace | str] = {}
        self._tried: Path | None = None
        self._wanted: list[Path] = []
        self._process = ChildProcess(self)
        self._process.line_read.connect(self._on_line)
        self._process.finished.connect(lambda _code: self._on_ended(self._process.last_error))
        for failed in (self._process.failed_to_start, self._process.crashed):
            failed.connect(self._on_ended)

    def of(self, model: Path) -> AnsweringPace | str | None:
        """A model's pace; a sentence where it can't be had; None while it isn't known."""
        return self._known.get(model)

    def want(self, models: Sequence[Path]) -> None:
        """These are wanted, and no others any more."""
        self._wanted = [model for model in models if model not in self._known]
        if self._tried is not None and self._tried not in self._wanted:
            self._process.cancel()
            self._tried = None
        self._try_next()

    def close(self) -> None:
        """End what is under way."""
        self._wanted, self._tried = [], None
        self._process.cancel()

    def _try_next(self) -> None:
        if self._tried is None and self._wanted:
            self._tried = self._wanted[0]
            self._process.start(["models", "pace", str(self._tried)])

    def _on_line(self, line: bytes) -> None:
        if self._tried is None:
            return
        try:
            content = json.loads(line)
            self._known[self._tried] = AnsweringPace(float(content["to_read"]), float(content["token"]))
        except (ValueError, KeyError, TypeError):
            return  # a library's own words, or a GPU, on which nothing was tried

    def _on_ended(self, sentence: str) -> None:
        tried, self._tried = self._tried, None
        if tried is not None:
            self._known.setdefault(tried, sentence or UNKNOWN)
        self._wanted = [model for model in self._wanted if model not in self._known]
        self._try_next()
        self.changed.emit()
