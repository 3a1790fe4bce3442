"""The commands of `python -m training.distillation`."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from rich.console import Console

from core.errors import ConfigError, SpinVlmError
from core.files.encoder_weights import load_encoder_weights
from core.model.vision_encoder import VisionEncoder
from training.commands.run_options import stop_on_signals
from training.commands.terminal import print_error
from training.distillation import photo_pack, probe
from training.distillation.checkpoint import load_checkpoint
from training.distillation.learning import Learning
from training.distillation.lessons import LessonBook, LessonSettings
from training.distillation.run import CHECKPOINT, Watch, learn
from training.distillation.settings import LearningSettings, Stage, stage_from
from training.distillation.teachers import Teacher, load_teacher

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)

Photos = Annotated[Path, typer.Option("--photos", help="A file that `pack` made.")]
Teachers = Annotated[list[str], typer.Option("--teacher", metavar="KIND=FILE", help="mobilenet_v2=FILE or "
                                             "efficientnet_lite2=FILE; may repeat.")]
ProbePhotos = Annotated[Path | None, typer.Option("--probe-photos", help="A pack of other photos with captions, to measure by.")]
Lessons = Annotated[Path, typer.Option("--lessons", help="Folder of what the teachers see; made or gone on with.")]
Out = Annotated[Path, typer.Option("--out", help="Folder of the run; gone on with if it has a checkpoint.")]
SaveMinutes = Annotated[float, typer.Option(help="Between checkpoints.")]
ProbeMinutes = Annotated[float, typer.Option(help="Between probes.")]


@app.command()
def pack(
    folders: Annotated[list[Path], typer.Option("--folder", help="Of photos; may repeat.")],
    out: Annotated[Path, typer.Option("--out", help="The file to write.")],
    captions: Annotated[list[Path] | None, typer.Option(help="CSV with the columns image and caption; may repeat.")] = None,
    only: Annotated[list[Path] | None, typer.Option(help="Lists of photos to take.")] = None,
    leave_out: Annotated[list[Path] | None, typer.Option(help="Lists of photos to leave out.")] = None,
    size: Annotated[int, typer.Option(help="Pixels of a side.")] = 224,
    quality: Annotated[int, typer.Option(min=1, max=100, help="Of the WebP images.")] = 92,
) -> None:
    """Put photos and their captions into one file."""
    count = photo_pack.pack_photos(
        folders, out, size=size, quality=quality, captions=photo_pack.read_captions(captions or []),
        only=frozenset[str]().union(*map(photo_pack.read_list, only)) if only else None,
        leave_out=frozenset[str]().union(*map(photo_pack.read_list, leave_out or [])),
    )
    _say(f"{out}: {count} photos, {out.stat().st_size / 1e6:.1f} MB")


@app.command("learn")
def learn_command(
    photos: Photos,
    teachers: Teachers,
    lessons: Lessons,
    out: Out,
    stages: Annotated[list[str], typer.Option("--stage", metavar="SIZES:BATCH:VIEWS", help="As in 112,160:128:500000.")],
    init: Annotated[str, typer.Option(help="Initial encoder: bundled, pretrained (a download), random, or a file.")] = "bundled",
    follow: Annotated[Path | None, typer.Option(help="Folder of a run to begin from the end of, heads included.")] = None,
    side: Annotated[int, typer.Option(help="Pixels at which teachers see a photo.")] = 320,
    components: Annotated[int, typer.Option(help="Of each teacher's features.")] = 192,
    turns: Annotated[int, typer.Option(help="Lessons of each photo, at most.")] = 6,
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Any other setting.")] = None,
    probe_photos: ProbePhotos = None,
    probe_minutes: ProbeMinutes = 30.0,
    save_minutes: SaveMinutes = 5.0,
    cpu_minutes: Annotated[float | None, typer.Option(help="Processor minutes after which to stop.")] = None,
) -> None:
    """Learn from the teachers. A run that was ended, however, goes on when it is started in the same way again."""
    begun = LearningSettings(tuple(map(stage_from, stages)))
    if follow:
        before = load_checkpoint(follow / CHECKPOINT)[0]
        begun = replace(begun, start_step=before.step, start_views=before.seen)
    chosen = _with_settings(begun, settings or [])
    start = _Start(photos, teachers, lessons, side, components, turns)
    watch = Watch(save_minutes, probe_minutes, _loaded(probe_photos), cpu_minutes=cpu_minutes)
    learning = start.learning(chosen)
    if (out / CHECKPOINT).exists():
        learning.resume(out / CHECKPOINT)
        _say(f"goes on from step {learning.position.step}")
    elif follow:
        out.mkdir(parents=True, exist_ok=True)
        learning.follow(follow / CHECKPOINT)
    else:
        out.mkdir(parents=True, exist_ok=True)
        learning.start_from(lambda encoder: _say(f"starts from {load_encoder_weights(encoder, init)}"))
    _learn(learning, out, watch)


@app.command()
def cooldown(
    photos: Photos,
    teachers: Teachers,
    lessons: Lessons,
    out: Out,
    source: Annotated[Path, typer.Option("--from", help="Folder of the run whose checkpoint is taken; it stays as it is.")],
    stage: Annotated[str, typer.Option(metavar="SIZES:BATCH:VIEWS", help="What is seen while the rate falls.")] = "224:64:150000",
    side: Annotated[int, typer.Option(help="Pixels at which teachers see a photo.")] = 320,
    components: Annotated[int, typer.Option(help="Of each teacher's features.")] = 192,
    turns: Annotated[int, typer.Option(help="Lessons of each photo, at most.")] = 6,
    average: Annotated[float, typer.Option(help="Of the averaged weights, how much is kept at a step.")] = 0.998,
    probe_photos: ProbePhotos = None,
    probe_minutes: ProbeMinutes = 30.0,
    save_minutes: SaveMinutes = 5.0,
) -> None:
    """Let the rate of a run's learning fall to nothing, which makes a better encoder of where it is now."""
    if (out / CHECKPOINT).exists():
        position, parts = load_checkpoint(out / CHECKPOINT)
        settings = _settings_of(parts)
    else:
        position, parts = load_checkpoint(source / CHECKPOINT)
        settings = replace(
            _settings_of(parts), stages=(stage_from(stage),), cool_down=True, average=average,
            start_step=position.step, start_views=position.seen,
        )
    learning = _Start(photos, teachers, lessons, side, components, turns).learning(settings)
    if (out / CHECKPOINT).exists():
        learning.resume(out / CHECKPOINT)
    else:
        out.mkdir(parents=True, exist_ok=True)
        learning.follow(source / CHECKPOINT)
    _learn(learning, out, Watch(save_minutes, probe_minutes, _loaded(probe_photos)))


@app.command("probe")
def probe_command(
    photos: Photos,
    encoders: Annotated[list[str] | None, typer.Option("--encoder", help="A file, or bundled; may repeat.")] = None,
    teachers: Annotated[list[str] | None, typer.Option("--teacher", metavar="KIND=FILE", help="May repeat.")] = None,
    name: Annotated[str, typer.Option("--encoder-name", help="timm's name of the encoders.")] = "vit_tiny_patch16_224",
    sizes: Annotated[list[int] | None, typer.Option("--size", help="Pixels, as it is shown photos; may repeat.")] = None,
) -> None:
    """Mean average precision for words of captions, of encoders and of teachers."""
    loaded, device = photo_pack.load_photos(photos), _device()
    for size in sizes or [224]:
        for kind, teacher in _load_teachers(teachers or [], device).items():
            features = probe.teacher_features(teacher, loaded, side=size, device=device)
            _say(f"{kind} at {size}: {100 * probe.mean_average_precision(features, loaded.captions):.2f} %")
        for source in encoders or []:
            encoder = VisionEncoder(name)
            load_encoder_weights(encoder, source)
            features = probe.encoder_features(encoder.to(device).eval(), loaded, size=size, device=device)
            _say(f"{source} at {size}: {100 * probe.mean_average_precision(features, loaded.captions):.2f} %")


class _Start:
    """What learning is made of, as the commands name it."""

    def __init__(self, photos: Path, teachers: list[str], lessons: Path, side: int, components: int, turns: int) -> None:
        self.device = _device()
        self.photos = photo_pack.load_photos(photos)
        self.teachers = _load_teachers(teachers, self.device)
        made = LessonSettings(tuple(self.teachers), len(self.photos), turns * len(self.photos), side, components)
        self.book = LessonBook(lessons, made, self.photos, self.teachers, device=self.device)

    def learning(self, settings: LearningSettings) -> Learning:
        return Learning(settings, self.photos, self.teachers, self.book, device=self.device, report=_say)


def _learn(learning: Learning, out: Path, watch: Watch) -> None:
    received = stop_on_signals()
    learn(learning, out, watch, report=_say, should_stop=lambda: bool(received))


def _device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _loaded(path: Path | None) -> photo_pack.PhotoSet | None:
    return None if path is None else photo_pack.load_photos(path)


def _load_teachers(named: list[str], device: torch.device) -> dict[str, Teacher]:
    pairs = [text.partition("=") for text in named]
    return {kind: load_teacher(kind, Path(path), device=device) for kind, _, path in pairs}


def _with_settings(settings: LearningSettings, changes: list[str]) -> LearningSettings:
    for change in changes:
        name, _, value = change.partition("=")
        if name == "stages" or not hasattr(settings, name):
            raise ConfigError(f"There is no setting {name!r}.")
        try:
            settings = replace(settings, **{name: json.loads(value)})
        except ValueError as error:
            raise ConfigError(f"{name} can't be {value!r}.") from error
    return settings


def _settings_of(parts: dict[str, Any]) -> LearningSettings:
    stored = json.loads(parts["settings"])
    stages = tuple(Stage(tuple(stage["sizes"]), stage["batch"], stage["views"]) for stage in stored.pop("stages"))
    return LearningSettings(stages, **stored)


def _say(text: str) -> None:
    Console(soft_wrap=True).print(f"{time.strftime('%H:%M:%S')} {text}", markup=False, highlight=False)


def main() -> None:
    """Run a command, with errors as one sentence."""
    try:
        app(prog_name="python -m training.distillation")
    except SpinVlmError as error:
        print_error(error)
        raise SystemExit(1) from None
