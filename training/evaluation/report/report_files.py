"""The files of a report: numbers as JSON and CSV, a picture, and every caption with what it invents."""

from __future__ import annotations

import json
from pathlib import Path

from core.files.atomic_file import write_bytes, write_text
from training.evaluation.judged_captions import JUDGED_NAME
from training.evaluation.report.report_csv import certainty_csv, people_csv, pointing_csv, to_csv
from training.evaluation.report.risk_plot import plot_certainty
from training.evaluation.report.sweep_plot import plot_sweep
from training.evaluation.report.sweep_report import SweepReport
from training.evaluation.report_schema import REPORT_NAME


def write_report(report: SweepReport, folder: Path, *, model: str) -> None:
    """Write judged.json, report.csv and .png, certainty.csv and .png, people.csv, pointing.csv and report.json, each where there
    is something.

    Each file is the old or the new one, whatever happens; report.json comes last, so the others are never older than it.
    model: its name in the picture. Raises OSError.
    """
    captions = report.captions
    if captions is not None:
        judged = {name: [caption.to_dict() for caption in said] for name, said in captions.judged.items()}
        write_text(folder / JUDGED_NAME, json.dumps({"settings": judged}, ensure_ascii=False))
        calibrated = captions.rows[0].name if report.calibration is None else report.calibration.name
        picture = plot_sweep(
            captions, report.titles(), model=model, photos=len(report.recipe["photos"]), calibrated=calibrated
        )
        write_bytes(folder / "report.png", picture)
    if report.certainty is not None:
        write_bytes(folder / "certainty.png", plot_certainty(report.certainty.record, model=model))
        write_text(folder / "certainty.csv", certainty_csv(report.certainty.record))
    if report.people is not None:
        write_text(folder / "people.csv", people_csv(report.people))
    if report.pointing is not None:
        write_text(folder / "pointing.csv", pointing_csv(report.pointing))
    write_text(folder / "report.csv", to_csv(report))
    write_text(folder / REPORT_NAME, json.dumps(report.to_dict(), ensure_ascii=False, indent=1))
