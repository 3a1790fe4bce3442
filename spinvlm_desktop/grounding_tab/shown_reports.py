"""The measurements on show, and their settings as one list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spinvlm_desktop.grounding_tab.measurement import MeasurementSettings
from spinvlm_desktop.grounding_tab.report_file import MeasuredRow, Report, ReportFolder


@dataclass(frozen=True)
class ShownReport:
    """One finished measurement."""

    name: str
    settings: MeasurementSettings
    folder: ReportFolder
    report: Report


@dataclass(frozen=True)
class ShownRow:
    """One setting of one measurement."""

    number: int
    """Of the measurement, from 0."""
    shown: ShownReport
    row: MeasuredRow
    label: str

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
        ShownRow(number, shown, row, row.name if len(reports) == 1 else f"{shown.name}: {row.name}")
        for number, shown in enumerate(reports) for row in shown.report.rows
    ]
