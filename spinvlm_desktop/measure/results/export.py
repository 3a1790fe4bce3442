"""What was measured, as files to keep or to give away."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

from core.files.atomic_file import write_bytes, write_text
from spinvlm_desktop.measure.results.report_picture import picture
from spinvlm_desktop.measure.results.shown_reports import ShownReport, shown_rows
from spinvlm_desktop.system.png import png_bytes
from training.evaluation.report_schema import ALL_STRATEGIES, OTHER_CAPTION, SCORES

KINDS = "Table (*.csv);;Everything (*.json);;Picture of plots and table (*.png)"
PROBE_SCORES = ("accuracy", "precision", "recall", "f1", "yes_rate", "invalid", "count")


def to_csv(reports: Sequence[ShownReport]) -> str:
    """A line a setting, then the yes/no questions, then people and chance. Columns that don't apply are empty."""
    text = io.StringIO()
    writer = csv.writer(text)
    ends = ("", "_low", "_high")
    writer.writerow([
        "measurement", "model", "setting", *(f"{name}{end}" for name in SCORES for end in ends), "words", "ms_per_token", "best",
        *(f"probes_{name}" for name in PROBE_SCORES),
    ])
    for row in shown_rows(reports):
        scores = [row.row.intervals[name] for name in SCORES]
        cells = [f"{value:.3f}" for score in scores for value in (score.value, score.low, score.high)]
        probes = next((probe for probe in row.shown.report.probe_rows if probe.name == row.row.name), None)
        asked = {} if probes is None else probes.by_strategy.get(ALL_STRATEGIES, {})
        writer.writerow([
            row.shown.name, row.shown.settings.model_name, row.row.name, *cells,
            "" if row.row.words is None else f"{row.row.words:.2f}",
            "" if row.row.ms_per_token is None else f"{row.row.ms_per_token:.3f}", "yes" if row.best else "",
            *(f"{asked[name]:.3f}" if name in asked else "" for name in PROBE_SCORES),
        ])
    for shown in reports:
        for name, values in (("people", shown.report.people), (OTHER_CAPTION, shown.report.chance)):
            cells = [cell for key in SCORES for cell in (f"{values[key]:.3f}" if key in values else "", "", "")]
            writer.writerow([shown.name, shown.settings.model_name, name, *cells, "", "", "", *([""] * len(PROBE_SCORES))])
    return text.getvalue()


def to_json(reports: Sequence[ShownReport]) -> str:
    """The reports as they were written, recipe included; of several an object by name."""
    contents = {shown.name: json.loads((shown.folder.path / "report.json").read_text(encoding="utf-8")) for shown in reports}
    return json.dumps(contents if len(contents) > 1 else next(iter(contents.values())), indent=1, ensure_ascii=False)


def export(path: Path, reports: Sequence[ShownReport], *, score: str) -> Path:
    """Write what the file's ending says: .csv, .json, else a .png picture with bars of this score. Returns the file. Raises
    OSError, ValueError for a report that is damaged."""
    kind = path.suffix.lower()
    if kind == ".csv":
        write_text(path, to_csv(reports))
    elif kind == ".json":
        write_text(path, to_json(reports))
    else:
        path = path.with_suffix(".png") if kind != ".png" else path
        write_bytes(path, png_bytes(picture(reports, score=score)))
    return path
