"""The training loss: cross-entropy of the answer's tokens, given photo and question, and where the heads are to look."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.model.attention import MemoryKeysValues
from core.model.head_settings import LayerHeads
from core.model.vlm import VisionLanguageModel
from training.batches.dataset import IGNORED, Batch
from training.loop.attention_loss import attention_loss


class AnswerLoss(nn.Module):
    """Model and loss as one module, so that DistributedDataParallel can wrap it."""

    def __init__(
        self, model: VisionLanguageModel, *, label_smoothing: float, fused: bool, attention_weight: float = 0.0
    ) -> None:
        super().__init__()
        self.model = model
        self._label_smoothing = label_smoothing
        self._fused = fused
        self._attention_weight = attention_weight

    def forward(
        self,
        images: Tensor,
        batch: Batch,
        *,
        hidden_images: Tensor | None = None,
        hidden_questions: tuple[Tensor, ...] | None = None,
        regions: Tensor | None = None,
    ) -> Tensor:
        """Summed (not averaged), weighted loss over the batch's tokens, float32 scalar.

        images: normalised pixels [B, 3, S, S], or the encoder's features of them [B, I, encoder width].
        hidden_images [B] and hidden_questions [B, G] per group: what is blanked out.
        regions: [B, R, S, S], the photos' regions that the groups' targets describe.
        """
        features = self.model.encode_image(images) if images.ndim == 4 else images
        total = features.new_zeros((), dtype=torch.float32)
        keys_values: tuple[MemoryKeysValues, ...] | None = None
        for index, group in enumerate(batch.groups):
            memory = self.model.memory(
                features,
                group.question,
                group.question_padding,
                hidden_images=hidden_images,
                hidden_questions=None if hidden_questions is None else hidden_questions[index],
            )
            keys_values = self.model.keys_values(memory, same_image=keys_values)
            looking = self._attention_weight > 0 and regions is not None and group.regions is not None
            heads = LayerHeads(record=looking, fused=self._fused and not looking)
            decoded = self.model.decode(group.inputs, keys_values, heads=heads)
            hidden = decoded.hidden
            counted = group.targets != IGNORED
            logits = self.model.logits(hidden[counted])  # [tokens, V]: padding never reaches the vocabulary
            loss = smoothed_cross_entropy(logits.float(), group.targets[counted], self._label_smoothing)
            if looking and regions is not None and group.regions is not None:
                loss = loss + self._attention_weight * attention_loss(
                    decoded.heads, group.regions, regions, hidden_images=hidden_images
                )
            total = total + group.weight * loss
        return total


def smoothed_cross_entropy(logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    """Summed cross-entropy with label smoothing, as torch's own but with one pass over the logits instead of four.

    logits: [N, V], float32; targets: [N].
    """
    chosen = logits.gather(1, targets[:, None]).squeeze(1)
    wanted = chosen if smoothing == 0 else (1 - smoothing) * chosen + smoothing * logits.mean(1)
    return (logits.logsumexp(1) - wanted).sum()
