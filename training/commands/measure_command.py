"""`spinvlm measure`: what head suppression does to a model, measured."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn

from core.config import ModelShape, require
from core.errors import DataError, reason_of
from training.commands.log_output import print_into
from training.commands.measure_pretrained import (
    measurable,
    photos_that_fit,
    pretrained_folder,
    pretrained_settings,
    program_paths,
)
from training.commands.terminal import terminal, text_column

if TYPE_CHECKING:
    from training.data.captions import CaptionDataset
    from training.evaluation.sweep.settings_grid import Settings
    from training.evaluation.sweep.work import WorkProgress

NO_CONTEXT: Any = None
"""Of a call that isn't the command line's."""
MEASURES = ("captions", "probes", "pointing", "certainty", "people")


def measure(
    data: Annotated[Path, typer.Option("--data", help="Folder of captioned photos.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the report; an unfinished measurement in it is continued.")],
    model: Annotated[
        Path | None,
        typer.Option("--model", help="A model file, or a pretrained model's folder or name; default: the starter model."),
    ] = None,
    split: Annotated[str, typer.Option(help="train, dev or test.")] = "dev",
    photos: Annotated[int, typer.Option(min=0, help="How many photos to use; 0: all.")] = 0,
    spin: Annotated[str, typer.Option(help="sweep: many settings of head suppression; off: none.")] = "sweep",
    keep: Annotated[str, typer.Option(metavar="2,4,0.95", help="Sweep over these numbers or ratios of heads kept.")] = "",
    alpha: Annotated[str, typer.Option(metavar="0,0.1", help="... and these factors on the others.")] = "",
    layers: Annotated[str, typer.Option(metavar="0:4,0:2", help="... in these layers; 0:2 are the first two.")] = "",
    score: Annotated[str, typer.Option(metavar="mass,logits", help="... ranked by these scores.")] = "",
    methods: Annotated[
        bool, typer.Option("--methods", help="Compare SPIN with random heads, PAI and VCD; measure what a word costs.")
    ] = False,
    measures: Annotated[
        str,
        typer.Option("--measure", metavar="captions,certainty,...",
            help="What to measure: captions, probes, pointing, certainty, people (questions that people asked); default: all "
                 "that the data allow."),
    ] = "",
    questions: Annotated[
        list[Path] | None,
        typer.Option("--questions", metavar="FOLDER", help="More photos, with questions that people asked; may repeat."),
    ] = None,
    probes: Annotated[Path | None, typer.Option("--probes", help="Ask the yes/no questions of this probes.json again.")] = None,
    goal: Annotated[
        str, typer.Option(help="The best setting has the fewest invented objects (chair) or the best yes/no F1 (probes).")
    ] = "chair",
    calibrate: Annotated[
        bool, typer.Option("--calibrate", help="Write the best setting of SPIN and the certainty into the model file.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Chooses the photos and the yes/no questions.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    json_lines: Annotated[bool, typer.Option("--json", help="Print progress as JSON lines, and no table.")] = False,
    log_file: Annotated[Path | None, typer.Option("--log", help="Print to this file instead of the terminal.")] = None,
    context: typer.Context = NO_CONTEXT,
) -> None:
    """Measure captions, yes/no answers and invented objects with SPIN off and on, compared with people and chance."""
    if log_file is not None:
        print_into(log_file)
    require(spin in ("sweep", "off"), f"--spin must be sweep or off, got {spin!r}")
    require(goal in ("chair", "probes"), f"--goal must be chair or probes, got {goal!r}")
    from core.files.bundled_models import starter_model_path
    from core.files.checkpoint import load_model
    from core.files.model_calibration import update_calibration
    from core.files.model_info import model_name
    from training.data.captions import load_captions
    from training.evaluation.measurement import Plan, measure_model
    from training.evaluation.report.report_files import write_report
    from training.evaluation.report.sweep_table import print_report
    from training.evaluation.sweep.subject import PretrainedSubject, open_subject

    dataset = load_captions(data, seed=seed)
    more_data = tuple(load_captions(folder, seed=seed) for folder in questions or [])
    wanted = _wanted(measures, dataset, more_data, split=split)
    path = starter_model_path() if model is None else model
    known = program_paths(context)
    folder = None if model is None else pretrained_folder(model, known)
    if folder is not None:
        wanted = measurable(wanted, named=bool(measures))
    asked_here = any(image.asked_by_people for image in dataset.split(split))
    require(wanted != ("people",) or asked_here, "To measure people's questions alone, name their folder with --data.")
    require("probes" in wanted or (goal != "probes" and probes is None), "Yes/no questions need --measure probes.")
    require(
        not calibrate or not {"captions", "certainty"}.isdisjoint(wanted),
        "--calibrate needs --measure captions, for the best setting of SPIN, or --measure certainty.",
    )
    require(
        not {"certainty", "people"}.isdisjoint(wanted) or not questions, "--questions needs --measure people or certainty."
    )
    if folder is not None:
        path = folder
        require(not methods, "--methods takes a model file: pretrained models are measured with SPIN only.")
        require(not calibrate, "--calibrate writes into a model file, and this model is a folder.")
        file = open_subject(folder, device=device, choices=None if known is None else known.choices)
        settings = pretrained_settings(file.shape, spin, keep=keep, alpha=alpha, layers=layers, score=score)
    else:
        file = load_model(path)
        settings = _settings(file.config.shape, spin, keep=keep, alpha=alpha, layers=layers, score=score, methods=methods)
    plan = Plan(
        dataset, settings, wanted, split=split, photos=photos, seed=seed, device=device, probes=probes,
        goal="probes" if goal == "probes" else "chair", time_tokens=methods,
        more_data=more_data,
    )
    if isinstance(file, PretrainedSubject) and not photos:
        photos = photos_that_fit(file, plan)
        plan = replace(plan, photos=photos)
    try:
        out.mkdir(parents=True, exist_ok=True)
        with _progress(json_lines) as show:
            report = measure_model(file, plan, out, on_progress=show)
        write_report(report, out, model=model_name(path) if folder is None else folder.name)
    except OSError as error:
        raise DataError(f"The report in {out} can't be written: {reason_of(error)}.") from error
    if calibrate:
        update_calibration(path, report.for_model_file())
    if not json_lines:
        print_report(report, terminal(soft_wrap=False))
        line = _closing_line(len(report.recipe["photos"]), wanted=photos, split=split, out=out)
        terminal().print(line)


def _settings(
    shape: ModelShape, spin: str, *, keep: str, alpha: str, layers: str, score: str, methods: bool
) -> Settings:
    """SPIN off, the settings of it to sweep over, and the methods to compare them with. Raises ConfigError."""
    from training.evaluation.sweep.methods import comparison_methods
    from training.evaluation.sweep.settings_grid import BASELINE, default_grid, user_grid

    settings: Settings = {BASELINE: None}
    if keep or alpha or layers or score:
        require(spin == "sweep", "--keep, --alpha, --layers and --score say what is swept over; leave out --spin off.")
        settings = user_grid(shape, keep=keep, alpha=alpha, layers=layers, score=score)
    elif spin == "sweep":
        settings = default_grid(shape)
    return {**settings, **comparison_methods(shape, settings)} if methods else settings


def _closing_line(photos: int, *, wanted: int, split: str, out: Path) -> str:
    """How many photos were measured, and where the report is. wanted: how many were asked for; 0: all."""
    measured = f"{photos:,} {'photo' if photos == 1 else 'photos'} of {split}"
    fewer = f" ({wanted:,} were asked for; there are no more)" if photos < wanted else ""
    return f"Measured on {measured}{fewer}. The report is in {out}."


def _wanted(
    measures: str, dataset: CaptionDataset, more_data: Sequence[CaptionDataset], *, split: str
) -> tuple[str, ...]:
    """What to measure. Raises ConfigError for an unknown measure, DataError for one that the data don't allow."""
    boxes = dataset.entities is not None and (dataset.entities / "Annotations").is_dir()
    named = [part.strip() for part in measures.split(",") if part.strip()]
    unknown = [name for name in named if name not in MEASURES]
    require(not unknown, f"--measure takes {', '.join(MEASURES)}, got {', '.join(unknown)}")
    if "pointing" in named and not boxes:
        raise DataError(
            f"{dataset.root} holds no boxes: pointing needs a folder entities/ with Sentences/ and Annotations/, as Flickr30k "
            "Entities has them."
        )
    people = any(image.asked_by_people for data in (dataset, *more_data) for image in data.split(split))
    if "people" in named and not people:
        raise DataError(
            f"No photo of the {split} split comes with questions that several people answered; name a folder of such photos with "
            "--questions."
        )
    captions = any(image.captions for image in dataset.images)
    allowed = {"captions": captions, "probes": captions, "pointing": captions and boxes, "certainty": True, "people": people}
    return tuple(name for name in MEASURES if name in named or (not named and allowed[name]))


@contextmanager
def _progress(json_lines: bool) -> Iterator[Callable[[WorkProgress], None]]:
    """Shows how far the measurement is: as JSON lines, or as one bar for all of it."""
    errors = terminal(errors=True)
    columns = (text_column("description"), BarColumn(), TaskProgressColumn(), text_column("fields[left]"))
    with Progress(*columns, console=errors, transient=True, disable=json_lines or not errors.is_terminal) as bars:
        task = bars.add_task("starting", total=1.0, left="")

        def show(progress: WorkProgress) -> None:
            if json_lines:
                sys.stdout.write(json.dumps(progress.to_dict()) + "\n")
                sys.stdout.flush()
                return
            left = "" if progress.seconds_left is None else f"{timedelta(seconds=round(progress.seconds_left))} left"
            what = f"{progress.what}, {progress.done:,} of {progress.total:,}"
            bars.update(task, completed=progress.part, description=what, left=left)

        yield show
