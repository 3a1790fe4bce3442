"""One stage of training: steps, epochs, dev loss, checkpoints, early stopping.

Nothing in a step depends on what a process remembers: data order, augmentation, dropout and blanking are drawn from the
seed and the step's number. So a run that was killed goes on from its checkpoint with the same losses.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from core.errors import TrainingError
from core.model.vlm import VisionLanguageModel
from core.text.tokenizer import Tokenizer
from training.batches.dataset import Batch
from training.batches.run_data import SplitData
from training.loop.answer_loss import AnswerLoss
from training.loop.dev_loss import DevLoss
from training.loop.optimization import Optimizer, build_optimizer, rate_factor, set_rates, update_average
from training.loop.photos_at_once import compute_in_parts
from training.loop.training_state import Position
from training.machine.distributed import ProcessGroup
from training.machine.memory import MemoryMeter
from training.run.training_config import StageConfig, TrainingConfig

StageEnd = Literal["done", "early", "asked", "stopped"]
SAMPLE_SECONDS = 180.0
"""Between two showings of what the model answers by now; after each epoch besides."""
Report = Callable[..., None]
"""Takes an event's name and values."""


@dataclass(frozen=True)
class StageHooks:
    """What the loop asks of its caller."""

    report: Report
    save_checkpoint: Callable[[Optimizer], None]
    save_best: Callable[[], None]
    show_samples: Callable[[], None]
    should_stop: Callable[[], bool]
    should_finish: Callable[[], bool]
    """Whether the stage is to end as if it were done."""
    score: Callable[[Callable[[SplitData], float]], float] | None = None
    """What the best epoch is chosen by, the lower the better, given what measures the loss on a split; None: the dev loss."""


@dataclass(frozen=True)
class Trainee:
    """What a run trains, and on what."""

    model: VisionLanguageModel
    average: VisionLanguageModel
    """With the averaged weights, which are measured and saved."""
    tokenizer: Tokenizer
    train: SplitData
    dev: SplitData


class StageLoop:
    """Trains one stage from `position` on; changes model, average and position in place."""

    def __init__(
        self, config: TrainingConfig, name: str, stage: StageConfig, trainee: Trainee, position: Position, *,
        group: ProcessGroup, autocast: bool, hooks: StageHooks, loss: AnswerLoss | None = None,
    ) -> None:
        """loss: what is learnt by, of the trainee's model; None: the answers' alone."""
        self._config, self._name, self._stage, self._group = config, name, stage, group
        self._position, self._autocast, self._hooks = position, autocast, hooks
        self._model, self._average, self._train = trainee.model, trainee.average, trainee.train
        fused = config.fused_attention if config.fused_attention is not None else group.device.type != "cpu"
        self._model.encoder.requires_grad_(not stage.frozen_encoder)
        self._model.encoder.set_fused_attention(fused)
        self._loss = loss or AnswerLoss(
            self._model, label_smoothing=config.label_smoothing, fused=fused, attention_weight=config.attention_weight
        )
        self.dev_loss = DevLoss(
            self._average, trainee.dev, frozen_encoder=stage.frozen_encoder, batch_photos=stage.batch_photos, fused=fused,
            autocast=autocast, group=group, in_parts=self._until_it_fits,
        )
        self._module: nn.Module = self._loss if group.world == 1 else DistributedDataParallel(self._loss)
        self.optimizer = build_optimizer(self._model, stage, weight_decay=config.weight_decay)
        photos_per_step = stage.batch_photos * stage.accumulation
        self._steps_per_epoch = max(1, self._train.pairs.batch_count(stage.batch_photos) // stage.accumulation)
        self.steps = self._steps_per_epoch * stage.epochs
        self._photos_per_step = min(photos_per_step, len(self._train.pairs))
        self._last_checkpoint = self._last_samples = time.monotonic()
        self._memory = MemoryMeter()

    def run(self) -> StageEnd:
        """Train until the stage's last epoch, early stopping, or a request to stop or to finish."""
        position = self._position
        while position.step < self.steps:
            # Asked before an epoch and not after one: also a run that was killed after its last epoch ends here.
            if self._stage.patience and position.bad_epochs >= self._stage.patience:
                return "early"
            epoch, first = divmod(position.step, self._steps_per_epoch)
            for batches in self._step_batches(epoch, first):
                if self._group.any(self._hooks.should_stop()):
                    self._hooks.save_checkpoint(self.optimizer)
                    return "stopped"
                self._step(batches, epoch)
                if self._group.any(self._hooks.should_finish()):
                    self._end_epoch(epoch)
                    position.step = self.steps  # killed from here on, the run resumes after this stage
                    self._checkpoint()
                    return "asked"
                if position.step % self._steps_per_epoch and self._checkpoint_due():
                    self._checkpoint()
                if time.monotonic() - self._last_samples >= SAMPLE_SECONDS:
                    self._show_samples()
            self._end_epoch(epoch)
            self._show_samples()
            self._checkpoint()
        return "done"

    def _step_batches(self, epoch: int, first_step: int) -> Iterator[list[Batch]]:
        batches = self._train.pairs.batches(
            epoch=self._data_epoch(epoch), batch_photos=self._stage.batch_photos,
            first=first_step * self._stage.accumulation, rank=self._group.rank, world=self._group.world,
        )
        for _ in range(first_step, self._steps_per_epoch):
            yield [batch for _, batch in zip(range(self._stage.accumulation), batches, strict=False)]

    def _data_epoch(self, epoch: int) -> int:
        # The second stage draws other orders and pairs than the first.
        return epoch + 1000 * self._position.stage

    def _step(self, batches: list[Batch], epoch: int) -> None:
        position, started = self._position, time.monotonic()
        tokens = self._group.sum(torch.tensor(float(sum(batch.tokens for batch in batches)))).item()
        set_rates(self.optimizer, rate_factor(position.step, steps=self.steps, stage=self._stage))
        self._model.train()
        if self._stage.frozen_encoder:
            self._model.encoder.eval()
        total = self._until_it_fits(batches, lambda parts: self._gradients(parts, tokens))
        loss_sum = self._group.sum(total).item()
        norm = nn.utils.clip_grad_norm_(self._loss.parameters(), self._config.clip_norm)
        if not math.isfinite(loss_sum) or not torch.isfinite(norm):
            raise TrainingError(
                f"The loss became {loss_sum:g} at step {position.step} of {self._name}; the last checkpoint and the best "
                "model are intact. Try a lower learning rate."
            )
        self.optimizer.step()
        update_average(self._average, self._model, decay=self._config.ema_decay, step=position.step)
        position.step += 1
        position.epoch_loss += loss_sum
        position.epoch_tokens += tokens
        seconds = time.monotonic() - started
        position.seconds += seconds
        self._hooks.report(
            "step", stage=self._name, step=position.step, steps=self.steps, epoch=epoch, loss=loss_sum / max(tokens, 1.0),
            rate=self.optimizer.param_groups[0]["lr"], samples_per_second=round(self._photos_per_step / seconds, 2),
            memory_mb=self._memory.mebibytes(),
        )

    def _gradients(self, batches: Sequence[Batch], tokens: float) -> Tensor:
        """Sum the gradients of all batches. Returns the summed loss. tokens: of all processes' batches."""
        self.optimizer.zero_grad(set_to_none=True)  # also those of an attempt that ran out of memory
        total = torch.zeros(())
        for number, batch in enumerate(batches):
            last = number == len(batches) - 1
            module = self._module
            # Gradients are exchanged once a step, with the last batch.
            waiting = module.no_sync() if isinstance(module, DistributedDataParallel) and not last else nullcontext()
            with waiting:
                loss = self._batch_loss(batch, number)
                # DistributedDataParallel averages over processes; the loss is a mean over all their tokens.
                (loss * (self._group.world / max(tokens, 1.0))).backward()
            total += loss.detach().cpu()
        return total

    def _until_it_fits(self, batches: Sequence[Batch], compute: Callable[[list[Batch]], Tensor]) -> Tensor:
        return compute_in_parts(
            batches, compute, self._position, group=self._group, notice=lambda text: self._hooks.report("notice", text=text)
        )

    def _batch_loss(self, batch: Batch, number: int) -> Tensor:
        config, position, device = self._config, self._position, self._group.device
        seed = _seed(config.seed, position.stage, position.step, number, self._group.rank)
        torch.manual_seed(seed)  # dropout
        generator = torch.Generator().manual_seed(seed + 1)
        drawing = generator if config.augment else None
        if self._stage.frozen_encoder:
            images, regions = self._train.frozen_features(batch.photos, generator=drawing)
        else:
            images, regions = self._train.photos(batch.photos, self._model.encoder, device=device, generator=drawing)
        hidden_images = torch.rand(len(batch.photos), generator=generator) < config.hide_photo
        hidden_questions = tuple(
            (torch.rand(group.question.shape[:2], generator=generator) < config.hide_question).to(device)
            for group in batch.groups
        )
        with torch.autocast(device.type, torch.bfloat16, enabled=self._autocast):
            return self._module(
                images.to(device), Batch(batch.photos, tuple(group.to(device) for group in batch.groups)),
                hidden_images=hidden_images.to(device), hidden_questions=hidden_questions,
                regions=None if regions is None else regions.to(device),
            )

    def _checkpoint_due(self) -> bool:
        due = time.monotonic() - self._last_checkpoint >= self._config.checkpoint_seconds
        return self._group.any(due)

    def _checkpoint(self) -> None:
        self._hooks.save_checkpoint(self.optimizer)
        self._last_checkpoint = time.monotonic()

    def _show_samples(self) -> None:
        self._hooks.show_samples()
        self._last_samples = time.monotonic()

    def _end_epoch(self, epoch: int) -> None:
        position = self._position
        dev_loss = self.dev_loss() if self._hooks.score is None else self._hooks.score(self.dev_loss)
        better = dev_loss < position.best_dev_loss
        position.bad_epochs = 0 if better else position.bad_epochs + 1
        train_loss = position.epoch_loss / max(position.epoch_tokens, 1.0)
        position.epoch_loss = position.epoch_tokens = 0.0
        line = {"stage": self._name, "epoch": epoch, "train_loss": train_loss, "dev_loss": dev_loss}
        position.history.append(line)
        if better:
            position.best_dev_loss = dev_loss
            self._hooks.save_best()
        self._hooks.report("epoch", **line, step=position.step, best=better)


def _seed(*parts: int) -> int:
    """One seed from several small numbers, well apart from its neighbours'."""
    value = 0x9E3779B97F4A7C15
    for part in parts:
        value = ((value ^ part) * 0xBF58476D1CE4E5B9 + 0x94D049BB133111EB) % 2**63
    return value
