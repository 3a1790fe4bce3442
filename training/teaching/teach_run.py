"""A whole teaching: photos, features, passes, what changed. It writes a new model beside the old one, which it never touches."""

from __future__ import annotations

import copy
import gc
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.compute_device import set_threads
from core.errors import ConfigError
from core.files.atomic_file import write_text
from core.files.checkpoint import ModelFile, load_model, save_model
from core.model.vlm import VisionLanguageModel
from training.batches.run_data import SplitData, SplitText, load_split, with_features
from training.loop.initial_model import continued_model
from training.loop.run_failure import sentence_of, unexpected
from training.loop.run_reporter import RunReporter, StopAskedError
from training.loop.stage_loop import StageHooks, StageLoop, Trainee
from training.loop.training_state import Position
from training.machine.allocator import keep_freed_memory
from training.machine.distributed import ProcessGroup, join_processes, leave_processes, trains_in_bfloat16
from training.rehearsal.rehearsal_file import Rehearsal, find_rehearsal, read_rehearsal, rehearsal_path, write_rehearsal
from training.run.events import EventLog, EventSink
from training.run.run_requests import RunRequests
from training.teaching.keeping_loss import KeepingLoss
from training.teaching.measuring import AskedPhotos, Said, ask, asked_of, compare, log_probabilities
from training.teaching.mixed_photos import ask_only, mixed_split, old_features, token_pairs
from training.teaching.mixing import PARTS, choose_part, mix
from training.teaching.own_photos import OwnPhotos, pairs_of, read_own_photos
from training.teaching.report import Measured, ShownAnswer, TeachReport, has_forgotten
from training.teaching.settings import STAGE, TeachFolder, TeachSettings
from training.teaching.taught_card import taught_card
from training.teaching.what_learns import merged, prepare

Prepared = Callable[[str], Callable[[int, int], None]]
ASKED = {"held_out": "photos kept back", "taught": "photos to learn from", "old": "old photos"}
"""What is asked about before and after, in words."""
OLD_LOSS_ON = {"captions": 2, "derived": 3}
"""Pairs of each old photo that the loss is measured on after each pass: with all of them that took longer than the pass."""


@dataclass(frozen=True)
class Taught:
    """How it ended."""

    finished: bool
    """False: it was stopped; nothing is left of it but its settings."""
    model: Path
    report: TeachReport | None


def teach(
    settings: TeachSettings, path: Path, *, listener: EventSink | None = None, should_stop: Callable[[], bool] = lambda: False,
    start: str = "",
) -> Taught:
    """Teach in the folder `path`. start: its name for requests (run_requests.py).

    It begins again from the start where an earlier one was cut off, which costs minutes. Raises SpinVlmError subclasses with
    one clear sentence.
    """
    folder, requests = TeachFolder(path), RunRequests(path, start)
    group = join_processes(settings.device)
    left_over = requests.left_over()
    try:
        with folder.lock():
            requests.drop(left_over)
            folder.keep_settings(settings)
            folder.events.unlink(missing_ok=True)
            events = EventLog(folder.events, *([listener] if listener else []))
            reporter = RunReporter(events, group, should_stop=lambda: should_stop() or requests.is_asked("stop"))
            try:
                return _Teaching(settings, folder, group, reporter).run()
            except StopAskedError:
                requests.done("stop")
                reporter.report("run_stopped", stage=STAGE, step=0)
                return Taught(False, folder.best_model, None)
            except Exception as error:
                known = sentence_of(error, path)
                with suppress(OSError):
                    reporter.report("run_failed", message=str(known or unexpected(error)))
                if known is None:
                    raise
                raise known from error
    finally:
        leave_processes(group)


@dataclass(frozen=True)
class _Photos:
    """Everything that is learnt from and measured on."""

    train: SplitData
    held_out: AskedPhotos
    taught: AskedPhotos
    old: AskedPhotos
    new: int
    """Photos to learn from."""

    def group(self, name: str) -> AskedPhotos:
        """By its name in ASKED."""
        return {"held_out": self.held_out, "taught": self.taught, "old": self.old}[name]


class _Teaching:
    def __init__(self, settings: TeachSettings, folder: TeachFolder, group: ProcessGroup, reporter: RunReporter) -> None:
        self._settings, self._folder, self._group, self._reporter = settings, folder, group, reporter
        self._config, self._position = settings.training(), Position()
        self._began = time.monotonic()
        keep_freed_memory()
        set_threads(settings.threads)

    def run(self) -> Taught:
        settings, folder = self._settings, self._folder
        own = read_own_photos(settings)
        start = load_model(Path(settings.model))
        rehearsal = self._rehearsal(start)
        if own.left_out:
            self._reporter.notice(
                f"{own.left_out} more photos are left out: for so many, a whole training in the Train tab learns more."
            )
        photos = self._look(own, start, rehearsal)
        self._reporter.report(
            "run_started", settings=settings.to_dict(), photos=photos.new, held_out=len(own.held_out.images),
            old_photos=rehearsal.learnt, rehearsed=rehearsal.source,
        )
        before = {name: self._ask(start, photos, name, "before") for name in ASKED}
        self._train(start, photos)
        taught, part, after = start, 0.0, before
        if self._best_pass():
            taught, part, after = self._take_over(start, load_model(folder.best_model), photos, before)
        report = self._report(own, photos, rehearsal, before, after, part=part)
        self._finish(start, taught, rehearsal, report)
        return Taught(True, folder.best_model, report)

    def _rehearsal(self, start: ModelFile) -> Rehearsal:
        named = self._settings.rehearsal
        found = find_rehearsal(start) if named is None else read_rehearsal(Path(named))
        if found is None:
            raise ConfigError(
                f"{start.info.name} has no rehearsal file, so that what it knows couldn't be kept. Make one of its training "
                f"photos: spinvlm rehearsal --model {start.path} --data FOLDER"
            )
        if found.features.codes.shape[1] != start.config.image_tokens or len(found.features.mean) != start.config.encoder_width:
            raise ConfigError(f"The rehearsal file {named} was made for another kind of model.")
        return found

    def _look(self, own: OwnPhotos, start: ModelFile, rehearsal: Rehearsal) -> _Photos:
        settings, config, progress = self._settings, self._config, self._reporter.progress
        sizes, tokenizer = start.config, start.tokenizer
        taught = self._seen(own.taught, start, "train", views=(False, True), progress=progress)
        held_out = self._seen(own.held_out, start, "dev", views=(False,), progress=progress)
        learnt, others = old_features(rehearsal)
        pairs = {
            "taught": pairs_of(own.taught), "held_out": pairs_of(own.held_out), "learnt": rehearsal.pairs[: rehearsal.learnt],
            "old": rehearsal.pairs[rehearsal.learnt :],
        }
        ids = [
            token_pairs(pairs[name], tokenizer, sizes, longest=config.max_train_tokens) for name in ("taught", "learnt")
        ]
        mixed = mixed_split(taught, ids[0], learnt, ids[1], settings=settings, config=config, tokenizer=tokenizer)

        def asked(name: str, features: np.ndarray[Any, Any], **most: int) -> AskedPhotos:
            loss_on = ask_only(features, pairs[name], start, **most)
            return AskedPhotos(torch.from_numpy(np.array(features)), pairs[name], loss_on)

        return _Photos(
            mixed, asked("held_out", held_out.features[0]), asked("taught", taught.features[0]),
            asked("old", others, **OLD_LOSS_ON), len(own.taught.images),
        )

    def _seen(
        self, text: SplitText, start: ModelFile, name: str, *, views: Sequence[bool], progress: Prepared
    ) -> SplitData:
        """A split's photos, with what the encoder sees of them."""
        cache = self._folder.cache
        data = load_split(
            text, start.tokenizer, self._config, start.config, cache, training=name == "train", progress=progress
        )
        return with_features(
            data, start.model.encoder.to(self._group.device), cache, name=name, views=views, progress=progress,
            device=self._group.device, autocast=trains_in_bfloat16("auto", self._group.device),
        )

    def _train(self, start: ModelFile, photos: _Photos) -> None:
        """Leaves the best model in the folder, where a pass made it better."""
        settings, position, device = self._settings, self._position, self._group.device
        config = replace(
            self._config, dropout=start.config.dropout, head_dropout=start.config.head_dropout,
            guided_head_dropout=start.config.guided_head_dropout,
        )
        model = continued_model(config, start).to(device)
        prepare(model, settings.learns)
        average = copy.deepcopy(model).requires_grad_(False)
        before = start.model.to(device)
        trainee = Trainee(model, average, start.tokenizer, photos.train, photos.held_out.loss_on)
        old_loss: list[float] = []

        def score(loss_on: Callable[[SplitData], float]) -> float:
            new, old = loss_on(photos.held_out.loss_on), loss_on(photos.old.loss_on)
            old_loss.append(old)
            return new + settings.forgetting * max(0.0, old - old_loss[0])

        hooks = StageHooks(
            self._reporter.report, lambda _optimizer: None, lambda: self._save(average, start), lambda: None,
            should_stop=self._reporter.should_stop, should_finish=lambda: False, score=score,
        )
        loop = StageLoop(
            config, STAGE, config.warm_up, trainee, position, group=self._group,
            autocast=trains_in_bfloat16("auto", device), hooks=hooks,
            loss=KeepingLoss(model, before, new=photos.new, keep=settings.keep),
        )
        position.best_dev_loss = score(loop.dev_loss)  # what a pass has to better
        self._reporter.report("stage_started", stage=STAGE, epochs=settings.passes, steps=loop.steps)
        reason = loop.run()
        self._reporter.report("stage_finished", stage=STAGE, step=position.step, reason=reason)
        if reason == "stopped":
            raise StopAskedError

    def _save(self, average: VisionLanguageModel, start: ModelFile) -> None:
        recipe = {"taught": self._settings.to_dict(), "before": start.recipe}
        save_model(
            self._folder.best_model, merged(average), start.tokenizer, metrics={}, recipe=recipe, calibration=start.calibration
        )

    def _best_pass(self) -> int:
        """From 1; 0 where none was better."""
        best = self._position.best_dev_loss
        return next((line["epoch"] + 1 for line in self._position.history if line["dev_loss"] == best), 0)

    def _take_over(
        self, start: ModelFile, learnt: ModelFile, photos: _Photos, before: dict[str, Said]
    ) -> tuple[ModelFile, float, dict[str, Said]]:
        """The model that is proposed, how much of what was learnt is in it, and what it says."""
        device, said_of_old = self._group.device, dict[float, Said]()
        models = {part: replace(learnt, model=mix(start.model.to(device), learnt.model.to(device), part)) for part in PARTS}

        def loss_of(part: float) -> float:
            said, tokens = log_probabilities(models[part], photos.held_out.loss_on).sum(axis=0)
            return -float(said / tokens)

        def forgets(part: float) -> bool:
            said_of_old[part] = self._ask(models[part], photos, "old", "after")
            return has_forgotten(self._compare("old", photos, before, said_of_old[part]))

        part = choose_part(PARTS, loss_of=loss_of, forgets=forgets)
        after = {name: self._ask(models[part], photos, name, "after") for name in ASKED if name != "old"}
        return models[part], part, {**after, "old": said_of_old[part]}

    def _ask(self, file: ModelFile, photos: _Photos, name: str, when: str) -> Said:
        file.model.to(self._group.device)
        group = photos.group(name)
        return ask(file, group, asked_of(group.pairs), self._reporter.progress(f"asking {when}: {ASKED[name]}"))

    def _compare(self, name: str, photos: _Photos, before: dict[str, Said], after: Said) -> Measured:
        pairs = photos.group(name).pairs
        return compare(before[name], after, asked_of(pairs), len(pairs), seed=self._settings.seed)

    def _report(
        self, own: OwnPhotos, photos: _Photos, rehearsal: Rehearsal, before: dict[str, Said], after: dict[str, Said], *,
        part: float,
    ) -> TeachReport:
        measured = {name: self._compare(name, photos, before, after[name]) for name in ASKED}
        shown: list[ShownAnswer] = []
        for name in ASKED:
            asked = asked_of(photos.group(name).pairs)
            if name != "old":
                images = (own.taught if name == "taught" else own.held_out).images
                for place, one in enumerate(asked):
                    shown.append(ShownAnswer(
                        str(images[one.photo].path), one.judged.question, one.pair.answer, before[name].texts[place],
                        after[name].texts[place], before[name].scores[place] >= 0.5, after[name].scores[place] >= 0.5,
                        taught=name == "taught",
                    ))
        return TeachReport(
            self._settings.model, rehearsal.source, **measured, best_pass=self._best_pass(), passes=len(self._position.history),
            seconds=round(time.monotonic() - self._began, 1), shown=tuple(shown), part=part,
        )

    def _finish(self, start: ModelFile, taught: ModelFile, rehearsal: Rehearsal, report: TeachReport) -> None:
        """The report comes last: a folder that has it is finished."""
        folder = self._folder
        if taught is not start:
            save_model(
                folder.best_model, taught.model, taught.tokenizer, metrics=start.metrics, recipe=taught.recipe,
                calibration=start.calibration,
            )
            write_rehearsal(rehearsal_path(folder.best_model), rehearsal)  # so that it can be taught more
        gc.collect()  # what still mapped the cache, Windows wouldn't remove
        shutil.rmtree(folder.cache, ignore_errors=True)
        write_text(folder.card, taught_card(report, folder.path.name))
        write_text(folder.report, report.to_json())
        self._reporter.report("run_finished", outcome=report.outcome, model=str(folder.best_model))
