"""`spinvlm evaluate`: what head suppression does to a model, measured."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from core.atomic_file import write_text
from core.config import require
from core.errors import DataError, reason_of

if TYPE_CHECKING:
    from training.evaluation.spin_sweep import SweepReport

TABLE_WIDTH = 140
"""Characters, where the table goes into a file."""
COLUMNS = ("setting", "CHAIR_i", "CHAIR_s", "recall", "F1", "CIDEr-D", "BLEU-4", "words")


def evaluate(
    data: Annotated[Path, typer.Option("--data", help="Folder of captioned photos.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the report; a sweep that was cut off goes on in it.")],
    model: Annotated[Path | None, typer.Option("--model", help="A model file; default: the starter model.")] = None,
    split: Annotated[str, typer.Option(help="train, dev or test.")] = "dev",
    photos: Annotated[int, typer.Option(min=0, help="Use so many photos; 0: all.")] = 0,
    spin: Annotated[str, typer.Option(help="sweep: many settings of head suppression; off: none.")] = "sweep",
    seed: Annotated[int, typer.Option(help="Chooses the photos.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    json_lines: Annotated[bool, typer.Option("--json", help="Print progress as JSON lines, and no table.")] = False,
) -> None:
    """Measure captions and the objects they invent, with SPIN off and on, beside people and chance."""
    require(spin in ("sweep", "off"), f"--spin must be sweep or off, got {spin!r}")
    from core.checkpoint import load_model, starter_model_path
    from core.compute_device import choose_device
    from training.captions import load_captions
    from training.evaluation.dev_set import CAPTION_QUESTION, DevSet, choose_photos, photo_features
    from training.evaluation.spin_sweep import BASELINE, run_sweep, sweep_settings

    path = starter_model_path() if model is None else model
    images = choose_photos(load_captions(data, seed=seed), split, limit=photos, seed=seed)
    if not images:
        raise DataError(f"{data} holds no photo with a caption in its {split} split.")
    file = load_model(path)
    try:
        out.mkdir(parents=True, exist_ok=True)
        recipe = {
            "model": hashlib.sha256(path.read_bytes()).hexdigest(), "question": CAPTION_QUESTION,
            "photos": [image.name for image in images],
            "captions": hashlib.sha256(json.dumps([image.captions for image in images]).encode()).hexdigest(),
        }
        errors = Console(stderr=True)
        with Progress(console=errors, transient=True, disable=not errors.is_terminal) as bars:

            def progress(what: str) -> Callable[[int, int], None]:
                if json_lines:
                    return lambda done, total: _tell(what, done, total)
                task = bars.add_task(what, total=len(images))
                return lambda done, total: bars.update(task, completed=done, total=total)

            features = photo_features(
                file, images, precision="auto", device=choose_device(device), progress=progress("looking at the photos")
            )
            settings = sweep_settings(file.config.heads) if spin == "sweep" else {BASELINE: None}
            report = run_sweep(file, DevSet(images, features), settings, out, recipe=recipe, progress=progress)
        write_text(out / "report.json", json.dumps({**report.to_dict(), "verdict": verdict(report)}, indent=1))
        write_text(out / "report.csv", to_csv(report))
    except OSError as error:
        raise DataError(f"The report in {out} can't be written: {reason_of(error)}.") from error
    if not json_lines:
        print_report(report, Console())


def _tell(what: str, done: int, total: int) -> None:
    sys.stdout.write(json.dumps({"what": what, "done": done, "total": total}) + "\n")
    sys.stdout.flush()


def to_csv(report: SweepReport) -> str:
    """A line a setting, people and chance at the end; of scores with an interval its ends too."""
    text = io.StringIO()
    writer = csv.writer(text)
    scores = ("chair_i", "chair_s", "recall", "cider_d")
    writer.writerow(["setting", *(f"{name}{end}" for name in scores for end in ("", "_low", "_high")), "f1", "bleu_4", "words"])
    for row in report.rows:
        cells = [getattr(getattr(row, name), end) for name in scores for end in ("value", "low", "high")]
        numbers = [*cells, row.chair.f1, row.captions.bleu_4, row.captions.mean_words]
        writer.writerow([row.name, *(f"{number:.3f}" for number in numbers)])
    for name, chair in (("people", report.humans), ("another photo's caption", report.chance)):
        cells = [value for score in (chair.chair_i, chair.chair_s, chair.recall) for value in (f"{score:.3f}", "", "")]
        writer.writerow([name, *cells, "", "", "", f"{chair.f1:.3f}", "", ""])
    return text.getvalue()


def print_report(report: SweepReport, console: Console) -> None:
    """The table, and in words which setting is best."""
    table = Table(box=None, pad_edge=False)
    console = Console(width=max(console.width, TABLE_WIDTH)) if not console.is_terminal else console
    for column in COLUMNS:
        table.add_column(column, justify="left" if column == "setting" else "right")
    for row in report.rows:
        intervals = [f"{part.value:.1f} ({part.low:.1f}-{part.high:.1f})" for part in (row.chair_i, row.chair_s, row.recall)]
        cider = f"{row.cider_d.value:.1f} ({row.cider_d.low:.1f}-{row.cider_d.high:.1f})"
        table.add_row(
            row.name, *intervals, f"{row.chair.f1:.1f}", cider, f"{row.captions.bleu_4:.1f}", f"{row.captions.mean_words:.1f}"
        )
    for name, chair in (("people", report.humans), ("another photo's caption", report.chance)):
        table.add_row(name, f"{chair.chair_i:.1f}", f"{chair.chair_s:.1f}", f"{chair.recall:.1f}", f"{chair.f1:.1f}", "", "", "")
    console.print(table)
    console.print(verdict(report), highlight=False)


def verdict(report: SweepReport) -> str:
    """Which setting is best, as a sentence."""
    baseline, best = report.rows[0], report.calibrated
    if best is baseline:
        return "No setting of SPIN surely invents fewer objects without making captions worse: off is best for this model."
    return (
        f"Best setting: {best.name}. It invents {best.chair.chair_i:.1f} % of the objects it names, SPIN off "
        f"{baseline.chair.chair_i:.1f} %, at a CIDEr-D of {best.captions.cider_d:.1f} against {baseline.captions.cider_d:.1f}."
    )
