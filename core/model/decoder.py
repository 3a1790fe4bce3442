"""The text decoder: pre-norm transformer layers over the memory of a photo and a question.

Shapes: B photos, G sequences (questions or beams) per photo, T answer tokens, D width, H heads, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.config import ModelConfig
from core.model.attention import CrossAttention, HeadRecord, MemoryKeysValues, SelfAttention
from core.model.dropouts import HeadDropout, SharedDropout
from core.model.head_settings import PLAIN, LayerHeads
from core.model.kv_cache import KVCache


class DecoderLayer(nn.Module):
    """Masked self-attention, cross-attention over the memory, GELU feed-forward; each pre-norm and residual."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.width
        self.self_norm, self.cross_norm, self.feed_forward_norm = (nn.LayerNorm(width) for _ in range(3))
        self.self_attention = SelfAttention(width, config.heads)
        self.cross_attention = CrossAttention(
            width, config.heads, head_dropout=HeadDropout(config.head_dropout, config.guided_head_dropout)
        )
        self.feed_forward = nn.Sequential(
            nn.Linear(width, config.feed_forward_width), nn.GELU(), nn.Linear(config.feed_forward_width, width)
        )
        self.dropout = SharedDropout(config.dropout)

    def forward(
        self,
        x: Tensor,
        memory: MemoryKeysValues,
        *,
        layer: int,
        cache: KVCache | None,
        heads: LayerHeads,
    ) -> tuple[Tensor, HeadRecord | None]:
        """x: [B, G, T, D]; layer: this one's number, from 0. See TextDecoder.forward."""
        x = x + self.dropout(self.self_attention(self.self_norm(x), cache=cache, layer=layer, fused=heads.fused))
        attended, record = self.cross_attention(self.cross_norm(x), memory, heads)
        x = x + self.dropout(attended)
        return x + self.dropout(self.feed_forward(self.feed_forward_norm(x))), record


@dataclass(frozen=True)
class DecoderOutput:
    """Hidden states [B, G, T, D] after the final norm, and a record for each layer where asked for."""

    hidden: Tensor
    heads: tuple[HeadRecord, ...]


class TextDecoder(nn.Module):
    """Embedded answer tokens -> hidden states. Token embedding and output projection belong to the whole model."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.position = nn.Parameter(torch.zeros(config.max_answer_tokens, config.width))
        self.dropout = SharedDropout(config.dropout)
        self.layers = nn.ModuleList(DecoderLayer(config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.width)

    def keys_values(
        self,
        image: Tensor,
        text: Tensor,
        text_padding: Tensor,
        *,
        same_image: Sequence[MemoryKeysValues] | None = None,
    ) -> tuple[MemoryKeysValues, ...]:
        """Each layer's cross-attention keys and values of a memory, computed once for all tokens.

        same_image: the result for the same photos with other questions; its image part is taken over.
        """
        return tuple(
            layer.cross_attention.keys_values(
                image, text, text_padding, same_image=None if same_image is None else same_image[index]
            )
            for index, layer in enumerate(self._typed_layers())
        )

    def forward(
        self,
        embedded: Tensor,
        memory: Sequence[MemoryKeysValues],
        *,
        cache: KVCache | None = None,
        heads: LayerHeads | Sequence[LayerHeads] = PLAIN,
    ) -> DecoderOutput:
        """embedded: [B, G, T, D], with a cache the T tokens that follow those cached.

        heads: what is done to the cross-attention heads, the same in all layers or one for each.
        """
        start, length = 0 if cache is None else cache.length, embedded.shape[2]
        x = self.dropout(embedded + self.position[start : start + length])
        in_layers = [heads] * len(self.layers) if isinstance(heads, LayerHeads) else heads
        records: list[HeadRecord] = []
        for index, layer in enumerate(self._typed_layers()):
            x, record = layer(x, memory[index], layer=index, cache=cache, heads=in_layers[index].at(start, length))
            if record is not None:
                records.append(record)
        if cache is not None:
            cache.advance(length)
        return DecoderOutput(self.norm(x), tuple(records))

    def _typed_layers(self) -> list[DecoderLayer]:
        return [layer for layer in self.layers if isinstance(layer, DecoderLayer)]
