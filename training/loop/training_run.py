"""A whole training run: data, tokenizer, features, two stages, best model, metrics.

The one entry for the command line and for the window's child process. It writes its progress as events and can be killed
at any moment: `resume=True` goes on from the last checkpoint.
"""

from __future__ import annotations

import copy
import errno
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from core.config import ModelConfig
from core.errors import SpinVlmError, TrainingError
from core.files.atomic_file import write_text
from core.files.checkpoint import ModelFile, load_model, read_model_info, save_model
from core.files.encoder_weights import load_encoder_weights
from core.model.vision_encoder import VisionEncoder
from core.model.vlm import VisionLanguageModel
from core.text.tokenizer import Tokenizer
from training.batches.image_store import Progress, check_disk
from training.batches.run_data import SplitData, SplitText, build_tokenizer, load_split, read_split, with_features
from training.data.captions import load_captions
from training.evaluation.final_report import evaluate_run
from training.loop.model_card import model_card
from training.loop.sample_answers import sample_answers
from training.loop.stage_loop import StageHooks, StageLoop
from training.loop.training_state import Position, load_state, save_state
from training.machine.allocator import keep_freed_memory
from training.machine.distributed import ProcessGroup, join_processes, leave_processes, trains_in_bfloat16
from training.machine.memory import memory_ran_out
from training.run.events import EventLog, EventSink
from training.run.needs import disk_needed
from training.run.run_folder import RunFolder
from training.run.run_requests import RunRequests
from training.run.training_config import TrainingConfig


@dataclass(frozen=True)
class RunResult:
    """How a run ended."""

    finished: bool
    """False: stopped on request, to be resumed."""
    best_dev_loss: float
    model: Path
    """The best model so far."""


def run_training(
    config: TrainingConfig | None, path: Path, *, resume: bool = False, listener: EventSink | None = None,
    should_stop: Callable[[], bool] = lambda: False, start: str = "",
) -> RunResult:
    """Train in the run folder `path`, from the start or from its last checkpoint.

    config: settings of a new run; a resumed run reads its own. start: its name for requests (run_requests.py), which may
    have come before this was called. Raises SpinVlmError subclasses with one clear sentence;
    the last checkpoint and the best model are intact then.
    """
    folder, requests = RunFolder(path), RunRequests(path, start)
    group = join_processes((config or folder.read_config()).device)
    left_over = requests.left_over()
    try:
        with folder.lock() if group.leads else _NoLock():
            if group.leads:
                requests.drop(left_over)
            if not resume and config is not None and group.leads:
                folder.create(config)
            group.wait()
            config = folder.read_config()
            events = EventLog(folder.events, *([listener] if listener else [])) if group.leads else None
            run = _Run(config, folder, group, events, requests, should_stop)
            try:
                return run.run()
            except Exception as error:
                failure = _told(error, path)
                with suppress(OSError):  # on a full disk the listeners still hear of it
                    run.report("run_failed", message=str(failure or _unforeseen(error)))
                if failure is None:
                    raise
                raise failure from error
    finally:
        leave_processes(group)


def _told(error: Exception, path: Path) -> SpinVlmError | None:
    """The error as a user is told of it; None where it is none that a user can mend."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return TrainingError(f"The disk of {path} is full; free some space, and --resume. The last checkpoint is intact.")
    if memory_ran_out(error):
        return TrainingError("Memory ran out; the last checkpoint is intact. Close other programs, or choose a smaller model.")
    return error if isinstance(error, SpinVlmError) else None


def _unforeseen(error: Exception) -> str:
    words = str(error).strip().splitlines()
    return f"Training stopped on an unexpected error ({type(error).__name__}: {words[0] if words else ''})."


class _StopAskedError(BaseException):  # no library below takes it for an error of its own
    """A request to stop that came while there was nothing to train yet, or no longer."""


class _NoLock:
    """Stands in for the run's lock in processes that write nothing."""

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


class _Run:
    def __init__(
        self, config: TrainingConfig, folder: RunFolder, group: ProcessGroup, events: EventLog | None,
        requests: RunRequests, should_stop: Callable[[], bool],
    ) -> None:
        self._config, self._folder, self._group, self._events = config, folder, group, events
        self._requests = requests
        self._should_stop = lambda: should_stop() or requests.is_asked("stop")
        self._position = Position()
        self._autocast = trains_in_bfloat16(config.precision, group.device)
        keep_freed_memory()
        if config.threads:
            torch.set_num_threads(config.threads)

    def report(self, name: str, **values: Any) -> None:
        if self._events:
            self._events.write(name, **values)

    def run(self) -> RunResult:
        """Until the end, or a request to stop, which is heard at any time."""
        try:
            result = self._run()
        except _StopAskedError:
            self.report("run_stopped", stage=self._config.stages[self._position.stage][0], step=self._position.step)
            result = RunResult(False, self._position.best_dev_loss, self._folder.best_model)
        if self._group.leads and not result.finished:
            self._requests.done("stop")
        return result

    def _run(self) -> RunResult:
        config, folder, group = self._config, self._folder, self._group
        dataset = load_captions(Path(config.data), seed=config.seed)
        train_text = read_split(
            dataset, "train", seed=config.seed, limit=config.max_photos, with_regions=config.attention_weight > 0
        )
        if config.attention_weight > 0 and not any(photo.boxes for photo in train_text.regions or ()):
            self.report("notice", text="No boxes lie beside the captions, so that attention_weight has no effect.")
        dev_text = read_split(dataset, "dev", seed=config.seed, limit=config.dev_photos)
        start = self._start_model()
        tokenizer = self._tokenizer(train_text, start)
        position, state = load_state(folder.checkpoint) if folder.checkpoint.exists() else (Position(), None)
        self._position = position
        model = self._model(tokenizer, start, initial=state is None)
        if state is not None:
            model.load_state_dict(state["model"])
        average = copy.deepcopy(model)
        if state is not None:
            average.load_state_dict(state["average"])
        model.to(group.device)
        average.to(group.device).requires_grad_(False)
        self._check_disk(model, train_text, dev_text)
        self.report(
            "run_started", config=config.to_dict(), photos=len(train_text.images), pairs=len(train_text.pairs),
            dev_photos=len(dev_text.images), parameters=sum(p.numel() for p in model.parameters()),
        )
        # The warm-up trains on the frozen encoder's features; the encoder is the model's own until then.
        encoder = model.encoder if position.stage == 0 else None
        train, dev = self._split_data(model, tokenizer, train_text, dev_text, encoder)
        if state is not None:
            self.report("resumed", stage=config.stages[position.stage][0], step=position.step)
        for index in range(position.stage, len(config.stages)):
            if index != position.stage:
                position.stage, position.step, position.bad_epochs, state = index, 0, 0, None
                self._start_from_best(model, average)
            if not self._run_stage(index, model, average, position, train, dev, tokenizer, state):
                self.report("run_stopped", stage=config.stages[index][0], step=position.step)
                return RunResult(False, position.best_dev_loss, folder.best_model)
        return self._finish(position)

    def _start_model(self) -> ModelFile | None:
        """The model to go on from, of which the run keeps a copy: it is resumed also where the file is gone."""
        config, copied = self._config, self._folder.start_model
        if config.start_from is None:
            return None
        if self._group.leads and not copied.exists():
            source = load_model(Path(config.start_from))
            save_model(
                copied, source.model, source.tokenizer, metrics=source.metrics, recipe=source.recipe,
                precision=source.precision,
            )
        self._group.wait()
        return load_model(copied)

    def _tokenizer(self, text: SplitText, start: ModelFile | None) -> Tokenizer:
        path = self._folder.tokenizer
        if start is not None:
            return start.tokenizer
        if path.exists():
            return Tokenizer.from_json(path.read_text(encoding="utf-8"))
        tokenizer = build_tokenizer(self._config, text)
        if self._group.leads:
            write_text(path, tokenizer.to_json())
        return tokenizer

    def _model(self, tokenizer: Tokenizer, start: ModelFile | None, *, initial: bool) -> VisionLanguageModel:
        config = self._config
        torch.manual_seed(config.seed)
        if start is not None:
            model = VisionLanguageModel(replace(
                start.config, dropout=config.dropout, head_dropout=config.head_dropout,
                guided_head_dropout=config.guided_head_dropout,
            ))
            model.load_state_dict(start.model.state_dict())
            self.report("notice", text=f"The model goes on from {Path(str(config.start_from)).name}.")
            return model
        encoder = VisionEncoder(config.encoder_name)
        sizes = ModelConfig(
            vocabulary_size=tokenizer.vocabulary_size, encoder_name=config.encoder_name, encoder_width=encoder.width,
            patch_size=encoder.patch_size, width=config.width, layers=config.layers, heads=config.heads,
            feed_forward_width=4 * config.width, dropout=config.dropout, head_dropout=config.head_dropout,
            guided_head_dropout=config.guided_head_dropout,
        )
        model = VisionLanguageModel(sizes)
        if initial:
            source = load_encoder_weights(
                model.encoder, config.encoder, progress=lambda sentence: self.report("notice", text=sentence),
                counted=self._progress("downloading the encoder's weights, in MB"),
            )
            self.report("notice", text=f"The encoder starts from {source}.")
        return model

    def _check_disk(self, model: VisionLanguageModel, train: SplitText, dev: SplitText) -> None:
        parameters, photos = sum(p.numel() for p in model.parameters()), len(train.images) + len(dev.images)
        needed = disk_needed(self._config, model.config, parameters=parameters, photos=photos)
        there = sum(file.stat().st_size for file in self._folder.cache.glob("*.npy"))
        check_disk(self._folder.path, max(0, needed - there))

    def _split_data(
        self, model: VisionLanguageModel, tokenizer: Tokenizer, train_text: SplitText, dev_text: SplitText,
        encoder: VisionEncoder | None,
    ) -> tuple[SplitData, SplitData]:
        """Both splits with the initial encoder's features; the processes that don't lead read what the leader cached."""
        if not self._group.leads:
            self._group.wait()
        config, cache = self._config, self._folder.cache
        splits: list[SplitData] = []
        for text, training in ((train_text, True), (dev_text, False)):
            data = load_split(
                text, tokenizer, config, model.config, cache, training=training, progress=self._progress
            )
            if encoder is not None:
                encoder.set_fused_attention(self._group.device.type != "cpu")
                data = with_features(
                    data, encoder, cache, name="train" if training else "dev",
                    views=(False, True) if training and config.augment else (False,), progress=self._progress,
                    device=self._group.device, autocast=self._autocast,
                )
            splits.append(data)
        if self._group.leads:
            self._group.wait()
        return splits[0], splits[1]

    def _progress(self, what: str) -> Progress:
        last = time.monotonic()

        def told(done: int, total: int) -> None:
            nonlocal last
            if self._group.world == 1 and self._should_stop():
                raise _StopAskedError
            if done in (0, total) or time.monotonic() - last > 1:
                last = time.monotonic()
                self.report("preparing", what=what, done=done, total=total)

        return told

    def _start_from_best(self, model: VisionLanguageModel, average: VisionLanguageModel) -> None:
        best = load_model(self._folder.best_model).model.state_dict()
        for module in (model, average):
            module.load_state_dict(best)

    def _run_stage(
        self, index: int, model: VisionLanguageModel, average: VisionLanguageModel, position: Position, train: SplitData,
        dev: SplitData, tokenizer: Tokenizer, state: dict[str, dict[str, Any]] | None,
    ) -> bool:
        name, stage = self._config.stages[index]
        group, folder = self._group, self._folder

        def save_checkpoint(optimizer: torch.optim.Optimizer) -> None:
            if group.leads:
                parts = {"model": model.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict()}
                save_state(folder.checkpoint, position, parts)

        def save_best() -> None:
            if group.leads:
                recipe = {"training": self._config.to_dict(), "history": position.history}
                metrics = {"dev_loss": position.best_dev_loss}
                save_model(folder.best_model, average, tokenizer, metrics=metrics, recipe=recipe, precision="float32")
            group.wait()

        def show_samples() -> None:
            if group.leads:
                answers = sample_answers(average, tokenizer, dev, device=group.device)
                self.report("samples", stage=name, step=position.step, answers=answers)

        hooks = StageHooks(
            self.report, save_checkpoint, save_best, show_samples,
            should_stop=self._should_stop,
            should_finish=lambda: self._requests.is_asked("finish_stage"),
        )
        loop = StageLoop(
            config=self._config, name=name, stage=stage, model=model, average=average, position=position, train=train,
            dev=dev, group=group, autocast=self._autocast, hooks=hooks,
        )
        if state is not None:
            loop.optimizer.load_state_dict(state["optimizer"])
        self.report("stage_started", stage=name, epochs=stage.epochs, steps=loop.steps)
        reason = loop.run()
        if reason == "asked" and group.leads:
            self._requests.done("finish_stage")
        group.wait()
        self.report("stage_finished", stage=name, step=position.step, reason=reason)
        return reason != "stopped"

    def _finish(self, position: Position) -> RunResult:
        folder = self._folder
        if self._group.leads:
            best = load_model(folder.best_model)
            report = evaluate_run(
                best, self._config, device=self._group.device, progress=self._progress, examples=folder.examples,
            )
            write_text(folder.report, report.to_json())
            self.report("evaluated", metrics=report.to_dict())
            recipe = {**best.recipe, "seconds": round(position.seconds)}
            for path in (folder.best_model, folder.best_model_dict):
                save_model(path, best.model, best.tokenizer, metrics=report.to_dict(), recipe=recipe)
            write_text(folder.card, model_card(read_model_info(folder.best_model)))
            shutil.rmtree(folder.cache, ignore_errors=True)
            self.report("run_finished", best_dev_loss=position.best_dev_loss, model=str(folder.best_model))
        return RunResult(True, position.best_dev_loss, folder.best_model)
