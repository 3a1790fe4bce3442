"""The loss of a teaching: new photos' answers are learnt, and about old photos the model is to go on saying what it said.

What it said is the whole distribution of the model that the teaching started from, not the answers alone (learning without
forgetting; Li and Hoiem 2016, arXiv 1606.09282). That holds also where a photo's features are known only roughly, since both
models see the same.
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.model.attention import MemoryKeysValues
from core.model.vlm import VisionLanguageModel
from training.batches.dataset import IGNORED, Batch
from training.loop.answer_loss import AnswerLoss


class KeepingLoss(AnswerLoss):
    """Of a batch whose photos numbered below `new` come first."""

    def __init__(self, model: VisionLanguageModel, before: VisionLanguageModel, *, new: int, keep: float) -> None:
        """before: the model as it was; keep: weight of what it said."""
        super().__init__(model, label_smoothing=0.0, fused=False)
        self._before = [before]  # in a list, so that its weights aren't parameters of this module
        self._new, self._keep = new, keep

    def forward(self, images: Tensor, batch: Batch, **_others: object) -> Tensor:
        """Summed, weighted loss; images: features [B, I, encoder width]."""
        count = int((batch.photos < self._new).sum())
        total = images.new_zeros((), dtype=torch.float32)
        if count:
            total = total + super().forward(images[:count], batch.part(0, count))
        if count < len(batch.photos) and self._keep:
            total = total + self._keep * self._kept(images[count:], batch.part(count, len(batch.photos)))
        return total

    def _kept(self, features: Tensor, batch: Batch) -> Tensor:
        """How far what is said of each token has moved: cross-entropy with what was said before, less that one's entropy."""
        total = features.new_zeros((), dtype=torch.float32)
        with torch.no_grad():
            before = answer_logits(self._before[0], features, batch)
        for group, old, new in zip(batch.groups, before, answer_logits(self.model, features, batch), strict=True):
            was, now = old.float().log_softmax(-1), new.float().log_softmax(-1)
            total = total + group.weight * (was.exp() * (was - now)).sum()
        return total


def answer_logits(model: VisionLanguageModel, features: Tensor, batch: Batch) -> list[Tensor]:
    """For each group the logits of all targets that count: [tokens, V]."""
    found: list[Tensor] = []
    keys_values: tuple[MemoryKeysValues, ...] | None = None
    for group in batch.groups:
        memory = model.memory(features, group.question, group.question_padding)
        keys_values = model.keys_values(memory, same_image=keys_values)
        hidden = model.decode(group.inputs, keys_values).hidden
        found.append(model.logits(hidden[group.targets != IGNORED]))
    return found
