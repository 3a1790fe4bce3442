"""The loss by which epochs are compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor

from core.model.vlm import VisionLanguageModel
from training.batches.dataset import Batch
from training.batches.run_data import SplitData
from training.loop.answer_loss import AnswerLoss
from training.machine.distributed import ProcessGroup

InParts = Callable[[Sequence[Batch], Callable[[list[Batch]], Tensor]], Tensor]
"""Computes what is summed over batches, with as many photos at a time as fit."""


class DevLoss:
    """Mean loss per token of the averaged weights, without label smoothing."""

    def __init__(
        self, average: VisionLanguageModel, dev: SplitData, *, frozen_encoder: bool, batch_photos: int, fused: bool,
        autocast: bool, group: ProcessGroup, in_parts: InParts,
    ) -> None:
        """frozen_encoder: photos are those of the cached features."""
        self._average, self._dev = average, dev
        self._frozen_encoder, self._batch_photos, self._autocast = frozen_encoder, batch_photos, autocast
        self._group, self._in_parts = group, in_parts
        self._loss = AnswerLoss(average, label_smoothing=0.0, fused=fused)

    @torch.no_grad()
    def __call__(self, dev: SplitData | None = None) -> float:
        """On the dev photos, or others."""
        dev = dev or self._dev
        self._average.eval()
        sums = torch.zeros(2, dtype=torch.float64)
        count = dev.pairs.batch_count(self._batch_photos)
        photos = [list(range(len(dev.pairs)))[number::count] for number in range(count)]
        for chosen in photos[self._group.rank :: self._group.world]:
            batch = dev.pairs.batch(chosen, epoch=0)
            loss = self._in_parts([batch], partial(self._summed, dev))
            sums += torch.tensor([loss.item(), float(batch.tokens)], dtype=torch.float64)
        loss_sum, tokens = self._group.sum(sums).tolist()
        return loss_sum / max(tokens, 1.0)

    def _summed(self, dev: SplitData, batches: list[Batch]) -> Tensor:
        device, total = self._group.device, torch.zeros(())
        for batch in batches:
            if self._frozen_encoder:
                images = dev.frozen_features(batch.photos, generator=None).images.to(device)
            else:
                images = dev.photos(batch.photos, self._average.encoder, device=device, generator=None).images
            with torch.autocast(device.type, torch.bfloat16, enabled=self._autocast):
                groups = tuple(group.to(device) for group in batch.groups)
                total += self._loss(images, Batch(batch.photos, groups)).cpu()
        return total
