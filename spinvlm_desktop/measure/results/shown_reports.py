"""The measurements on show, and their settings as one list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.model.published_spin import published_as, titled
from spinvlm_desktop.answers.spin_words import in_words, published_on_model
from spinvlm_desktop.measure.measurement import MeasurementSettings
from spinvlm_desktop.measure.results.report_file import ReportFolder
from training.evaluation.report_schema import Report, SettingRow

FEWEST = 100
"""Photos; measured on fewer, another draw of photos may well turn the order of two settings round."""


@dataclass(frozen=True)
class ShownReport:
    """One finished measurement."""

    name: str
    settings: MeasurementSettings
    folder: ReportFolder
    report: Report

    def in_words(self) -> str:
        """What was measured, in one line."""
        return self.settings.in_words(measured=self.report.photos)

    def headline(self) -> str:
        """What follows from it, in one sentence."""
        photos = self.report.photos
        if photos < FEWEST:
            number = "1 photo was" if photos == 1 else f"{photos:,} photos were"
            return f"Too few photos to be conclusive: {number} measured, and at least {FEWEST} are needed."
        best = None if self.report.calibrated is None else self.report.row(self.report.calibrated)
        if best is None:
            return f"Measured on {photos:,} photos."
        if best is self.report.rows[0]:
            return f"SPIN off is best for this model, on {photos:,} photos."
        return f"{self.title(best.name)} is best for this model, on {photos:,} photos."

    def title(self, setting: str) -> str:
        """A setting's name; the authors' are marked."""
        row = self.report.row(setting)
        return setting if row is None else titled(setting, row.spin, layers=self.report.layers)


@dataclass(frozen=True)
class ShownRow:
    """One setting of one measurement."""

    number: int
    """Of the measurement, from 0."""
    shown: ShownReport
    row: SettingRow
    label: str

    @property
    def does(self) -> str:
        """What it does on the model that was measured; empty where that isn't known."""
        report, spin = self.shown.report, self.row.spin
        if spin is None or not report.layers or not report.heads:
            return ""
        published = published_as(spin, layers=report.layers)
        if published is None:
            return in_words(spin, layers=report.layers, heads=report.heads)
        return published_on_model(published, layers=report.layers, heads=report.heads)

    @property
    def best(self) -> bool:
        """Whether it is the measurement's best setting."""
        return self.row.name == self.shown.report.calibrated

    @property
    def baseline(self) -> bool:
        """Whether it is SPIN off, which the others are compared with."""
        return self.row is self.shown.report.rows[0]


def shown_rows(reports: Sequence[ShownReport]) -> list[ShownRow]:
    """All settings, measurement by measurement; of several the name stands before the setting."""
    return [
        ShownRow(number, shown, row, title if len(reports) == 1 else f"{shown.name}: {title}")
        for number, shown in enumerate(reports) for row in shown.report.rows for title in [shown.title(row.name)]
    ]
