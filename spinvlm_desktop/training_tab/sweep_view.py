"""What SPIN does to a model: measured on the dev photos when asked for, and shown as a table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import QProcess, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from spinvlm_desktop.detached_process import program_command
from spinvlm_desktop.figure_table import FigureTable
from spinvlm_desktop.labels import error_label, sentence_label, tell

EXPLAINED = (
    "Which setting of SPIN invents the fewest objects? Measured on the dev photos, beside people and chance; it takes some "
    "minutes, and goes on where it was when it is cancelled."
)
HEADINGS = ("Setting", "Invented objects, %", "Captions that invent, %", "Objects found, %", "CIDEr-D")


class SweepView(QWidget):
    """The report stays in the run's folder."""

    ended = Signal()

    def __init__(self, run: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder = run / "spin"
        self._process: QProcess | None = None
        self._sentence = sentence_label("What SPIN does to this model")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress of the measurement")
        self._bar.setToolTip("Photos described under this setting")
        self._error = error_label("Why SPIN couldn't be measured")
        self.button = QPushButton("&Measure SPIN")
        self.button.setToolTip("Describe the dev photos with many settings of head suppression, and count what is invented")
        self.table = FigureTable("What SPIN does", HEADINGS)
        self.table.setToolTip("In brackets: where the figure would lie with other photos of the same sort (95 %)")
        row = QHBoxLayout()
        row.addWidget(self._sentence, 1)
        row.addWidget(self.button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        for widget in (self._bar, self._error, self.table):
            layout.addWidget(widget)
        self._bar.hide()
        self._show_report()

    def start(self, model: Path, data: Path) -> None:
        """Measure this model on the dev photos of this collection; while it is measured, cancel."""
        if self._process is not None:
            self.cancel()
            return
        process = QProcess(self)
        process.readyReadStandardOutput.connect(lambda: self._read(process))
        process.finished.connect(lambda code, _status: self._on_finished(process, code))
        self._process = process
        tell(self._error, None)
        self._bar.setRange(0, 0)
        self._bar.show()
        self.button.setText("&Cancel")
        command = program_command()
        process.start(command[0], [
            *command[1:], "evaluate", "--json", "--data", str(data), "--model", str(model), "--out", str(self._folder),
        ])

    def cancel(self) -> None:
        """End what is under way; what is done is kept for the next time."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.waitForFinished(2000)
            process.deleteLater()
            self._show_report()

    def sentence(self) -> str:
        return self._sentence.text()

    def _read(self, process: QProcess) -> None:
        while process is self._process and process.canReadLine():
            try:
                line: dict[str, Any] = json.loads(bytes(process.readLine().data()))
                self._bar.setRange(0, int(line["total"]))
                self._bar.setValue(int(line["done"]))
                self._sentence.setText(f"{str(line['what']).capitalize()}: {line['done']:,} of {line['total']:,} photos")
            except (ValueError, KeyError, TypeError):
                continue  # a library's own words

    def _on_finished(self, process: QProcess, code: int) -> None:
        if process is not self._process:
            return
        wrong = bytes(process.readAllStandardError().data()).decode("utf-8", "replace").strip().splitlines()
        self._process = None
        process.deleteLater()
        self._show_report()
        if code:
            tell(self._error, wrong[-1] if wrong else "SPIN couldn't be measured.")
        self.ended.emit()

    def _show_report(self) -> None:
        self._bar.hide()
        self.button.setText("&Measure SPIN")
        sentence, rows = _read_report(self._folder / "report.json")
        self._sentence.setText(sentence or EXPLAINED)
        self.table.show_rows(rows)


def _read_report(path: Path) -> tuple[str, list[tuple[str, ...]]]:
    """The verdict and the table; nothing where the report is missing or damaged."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        rows = [
            (str(row["name"]), *(_interval(row["intervals"][name]) for name in ("chair_i", "chair_s", "recall", "cider_d")))
            for row in report["rows"]
        ]
        for name, key in (("People", "humans"), ("Another photo's caption", "chance")):
            rows.append((name, *(f"{report[key][score]:.1f}" for score in ("chair_i", "chair_s", "recall")), ""))
        return str(report["verdict"]), rows
    except (OSError, ValueError, KeyError, TypeError):
        return "", []


def _interval(values: dict[str, float]) -> str:
    return f"{values['value']:.1f} ({values['low']:.1f}–{values['high']:.1f})"
