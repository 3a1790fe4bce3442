"""A finished measurement as its files say it. What is absent or damaged is left out; Qt-free."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from core.errors import ConfigError
from training.evaluation.judged_captions import JUDGED_NAME, PHOTOS_NAME, JudgedCaption, ListedPhoto
from training.evaluation.metrics.bootstrap import Interval
from training.evaluation.report_schema import REPORT_NAME, Report


@dataclass(frozen=True)
class ReportFolder:
    """The files that `spinvlm measure` writes into one folder."""

    path: Path

    def report(self) -> Report | None:
        """None where there is none that can be read, or no captions were measured."""
        try:
            report = Report.from_dict(json.loads((self.path / REPORT_NAME).read_text(encoding="utf-8")))
        except (OSError, ValueError, AttributeError):
            return None
        return report if report.rows else None

    def captions(self, setting: str) -> list[JudgedCaption]:
        """Of all photos under one setting."""
        with suppress(ConfigError, TypeError, AttributeError):
            return [JudgedCaption.from_dict(item) for item in self._judged.get(setting, [])]
        return []

    @cached_property
    def photos(self) -> dict[str, ListedPhoto]:
        """By name; read once."""
        with suppress(ConfigError, TypeError):
            photos = [ListedPhoto.from_dict(item) for item in _content(self.path / PHOTOS_NAME).get("photos", [])]
            return {photo.name: photo for photo in photos}
        return {}

    @cached_property
    def _judged(self) -> dict[str, Any]:
        """By setting; read once."""
        found = _content(self.path / JUDGED_NAME).get("settings", {})
        return found if isinstance(found, dict) else {}


def _content(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def interval_in_words(interval: Interval) -> str:
    """`22.8 (20.9–24.9)`"""
    return f"{interval.value:.1f} ({interval.low:.1f}–{interval.high:.1f})"
