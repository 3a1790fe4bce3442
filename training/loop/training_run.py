"""A whole training run: data, tokenizer, features, two stages, best model, metrics.

The one entry for the command line and for the window's child process. It writes its progress as events and can be killed
at any moment: `resume=True` goes on from the last checkpoint.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.compute_device import own_threads, set_threads
from core.files.checkpoint import ModelFile, load_model, save_model
from core.model.vision_encoder import VisionEncoder
from core.model.vlm import VisionLanguageModel
from core.text.tokenizer import Tokenizer
from training.batches.image_store import check_disk
from training.batches.run_data import SplitData, SplitText, load_split, read_split, with_features
from training.data.collections import load_collections
from training.loop.finished_run import finish_run
from training.loop.initial_model import continued_model, copied_start_model, load_encoder, new_model, run_tokenizer
from training.loop.optimization import Optimizer
from training.loop.run_failure import sentence_of, unexpected
from training.loop.run_reporter import RunReporter, StopAskedError
from training.loop.sample_answers import sample_answers
from training.loop.stage_loop import StageHooks, StageLoop, Trainee
from training.loop.training_state import Position, load_state, save_state
from training.machine.allocator import keep_freed_memory
from training.machine.companions import companions, end_with_leader, process_count
from training.machine.distributed import ProcessGroup, join_processes, leads, leave_processes, trains_in_bfloat16
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
    left_over = requests.left_over()
    with ExitStack() as stack:
        if leads():
            stack.enter_context(folder.lock())
            requests.drop(left_over)
            if not resume and config is not None:
                folder.create(config)
            stack.enter_context(companions(process_count(folder.read_config()), path))
        else:
            end_with_leader()
        group = join_processes((config or folder.read_config()).device)
        stack.callback(leave_processes, group)
        group.wait()
        config = folder.read_config()
        events = EventLog(folder.events, *([listener] if listener else [])) if group.leads else None
        reporter = RunReporter(events, group, should_stop=lambda: should_stop() or requests.is_asked("stop"))
        try:
            return _TrainingRun(config, folder, group, reporter, requests).run()
        except Exception as error:
            known = sentence_of(error, path)
            with suppress(OSError):  # on a full disk the listeners still hear of it
                reporter.report("run_failed", message=str(known or unexpected(error)))
            if known is None:
                raise
            raise known from error


class _TrainingRun:
    def __init__(
        self, config: TrainingConfig, folder: RunFolder, group: ProcessGroup, reporter: RunReporter, requests: RunRequests
    ) -> None:
        self._config, self._folder, self._group = config, folder, group
        self._reporter, self._requests = reporter, requests
        self._report = reporter.report
        self._position = Position()
        self._optimizer_state: dict[str, Any] | None = None
        """Of the checkpoint, until the stage's optimizer has taken it over."""
        self._texts: tuple[SplitText, ...] = ()
        """Both splits, once they are read."""
        self._autocast = trains_in_bfloat16(config.precision, group.device)
        keep_freed_memory()
        self._share_cores()

    def run(self) -> RunResult:
        """Until the end, or a request to stop, which is heard at any time."""
        try:
            finished = self._train()
            if finished and self._group.leads:
                set_threads(self._config.threads)  # the others are done
                finish_run(
                    config=self._config, folder=self._folder, texts=self._texts, position=self._position,
                    device=self._group.device, reporter=self._reporter,
                )
        except StopAskedError:
            finished = False
        position = self._position
        if not finished:
            self._report("run_stopped", stage=self._config.stages[position.stage][0], step=position.step)
            if self._group.leads:
                self._requests.done("stop")
        return RunResult(finished, position.best_dev_loss, self._folder.best_model)

    def _train(self) -> bool:
        """Both stages. Returns False where the run was asked to stop. When it returns, nothing maps the cache any more."""
        config, group = self._config, self._group
        train_text, dev_text = self._texts = self._read_text()
        start = copied_start_model(config, self._folder, group)
        tokenizer = start.tokenizer if start else run_tokenizer(config, self._folder, train_text, write=group.leads)
        model, average = self._models(tokenizer, start)
        self._check_disk(model, train_text, dev_text)
        self._report(
            "run_started", config=config.to_dict(), photos=len(train_text.images), pairs=len(train_text.pairs),
            dev_photos=len(dev_text.images), parameters=sum(p.numel() for p in model.parameters()),
        )
        resumes, position = self._optimizer_state is not None, self._position
        # The warm-up trains on the frozen encoder's features; the encoder is the model's own until then.
        encoder = model.encoder if position.stage == 0 else None
        train, dev = self._split_data(model, tokenizer, train_text, dev_text, encoder)
        trainee = Trainee(model, average, tokenizer, train, dev)
        if resumes:
            self._report("resumed", stage=config.stages[position.stage][0], step=position.step)
        for index in range(position.stage, len(config.stages)):
            if index != position.stage:
                position.stage, position.step, position.bad_epochs = index, 0, 0
                self._start_from_best(trainee)
            if not self._run_stage(index, trainee):
                return False
        return True

    def _read_text(self) -> tuple[SplitText, SplitText]:
        """Photos and pairs of the train and the dev split."""
        config = self._config
        dataset, with_regions = load_collections(config.folders, seed=config.seed), config.attention_weight > 0
        train = read_split(dataset, "train", seed=config.seed, limit=config.max_photos, with_regions=with_regions)
        if with_regions and not any(photo.boxes for photo in train.regions or ()):
            self._reporter.notice("No boxes lie beside the captions, so that attention_weight has no effect.")
        return train, read_split(dataset, "dev", seed=config.seed, limit=config.dev_photos)

    def _models(self, tokenizer: Tokenizer, start: ModelFile | None) -> tuple[VisionLanguageModel, VisionLanguageModel]:
        """The model and its averaged weights, as they begin or as the checkpoint has them."""
        config, resumes = self._config, self._folder.checkpoint.exists()
        if start is not None:
            model = continued_model(config, start)
            self._reporter.notice(f"The model goes on from {Path(str(config.start_from)).name}.")
        else:
            model = new_model(config, tokenizer.vocabulary_size)
            if not resumes:
                load_encoder(model, config, self._reporter)
        average = copy.deepcopy(model)
        if resumes:
            self._position, state = load_state(self._folder.checkpoint)
            model.load_state_dict(state["model"])
            average.load_state_dict(state["average"])
            self._optimizer_state = state.get("optimizer", {})
            if not self._optimizer_state:
                self._reporter.notice("The checkpoint is of an older version: its weights are used, the optimizer starts fresh.")
        return model.to(self._group.device), average.to(self._group.device).requires_grad_(False)

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
            self._wait_for_the_leader()
        else:
            set_threads(self._config.threads)  # the others wait
        config, cache, progress = self._config, self._folder.cache, self._reporter.progress
        splits: list[SplitData] = []
        for text, training in ((train_text, True), (dev_text, False)):
            data = load_split(text, tokenizer, config, model.config, cache, training=training, progress=progress)
            if encoder is not None:
                encoder.set_fused_attention(self._group.device.type != "cpu")
                data = with_features(
                    data, encoder, cache, name="train" if training else "dev",
                    views=(False, True) if training and config.augment else (False,), progress=progress,
                    device=self._group.device, autocast=self._autocast,
                )
            splits.append(data)
        if self._group.leads:
            self._group.wait()
        self._share_cores()
        return splits[0], splits[1]

    def _share_cores(self) -> None:
        set_threads(self._config.threads or max(1, own_threads() // self._group.neighbours))

    def _wait_for_the_leader(self) -> None:
        try:
            self._group.wait()
        except RuntimeError as error:  # it stopped, or failed and says so itself
            raise StopAskedError from error

    def _start_from_best(self, trainee: Trainee) -> None:
        best = load_model(self._folder.best_model).model.state_dict()
        for module in (trainee.model, trainee.average):
            module.load_state_dict(best)

    def _run_stage(self, index: int, trainee: Trainee) -> bool:
        """Returns False where the run was asked to stop."""
        name, stage = self._config.stages[index]
        loop = StageLoop(
            self._config, name, stage, trainee, self._position, group=self._group, autocast=self._autocast,
            hooks=self._hooks(name, trainee),
        )
        if self._optimizer_state:
            loop.optimizer.load_state_dict(self._optimizer_state)
        self._optimizer_state = None
        self._report("stage_started", stage=name, epochs=stage.epochs, steps=loop.steps)
        reason = loop.run()
        if reason == "asked" and self._group.leads:
            self._requests.done("finish_stage")
        self._group.wait()
        self._report("stage_finished", stage=name, step=self._position.step, reason=reason)
        return reason != "stopped"

    def _hooks(self, name: str, trainee: Trainee) -> StageHooks:
        group, folder, position = self._group, self._folder, self._position
        model, average, tokenizer = trainee.model, trainee.average, trainee.tokenizer

        def save_checkpoint(optimizer: Optimizer) -> None:
            if group.leads:
                parts = {"model": model.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict()}
                save_state(folder.checkpoint, position, parts)

        def save_best() -> None:
            if group.leads:
                recipe = {"training": self._config.without_folders().to_dict(), "history": position.history}
                metrics = {"dev_loss": position.best_dev_loss}
                save_model(folder.best_model, average, tokenizer, metrics=metrics, recipe=recipe, precision="float32")
            group.wait()

        def show_samples() -> None:
            if group.leads:
                answers = sample_answers(average, tokenizer, trainee.dev, device=group.device)
                self._report("samples", stage=name, step=position.step, answers=answers)

        return StageHooks(
            self._report, save_checkpoint, save_best, show_samples, should_stop=self._reporter.should_stop,
            should_finish=lambda: self._requests.is_asked("finish_stage"),
        )
