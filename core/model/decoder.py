"""The text decoder: pre-norm transformer layers over the memory of a photo and a question.

Shapes: B photos, G sequences (questions or beams) per photo, T answer tokens, D width, H heads, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.config import ModelConfig, SpinConfig
from core.model.attention import CrossAttention, HeadRecord, MemoryKeysValues, SelfAttention
from core.model.dropouts import HeadDropout, SharedDropout
from core.model.interventions import ImageAmplification
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
        spin: SpinConfig | None,
        gamma: float,
        head_factor: Tensor | None,
        record: bool,
        fused: bool,
    ) -> tuple[Tensor, HeadRecord | None]:
        """x: [B, G, T, D]; see TextDecoder.forward."""
        x = x + self.dropout(self.self_attention(self.self_norm(x), cache=cache, layer=layer, fused=fused))
        attended, heads = self.cross_attention(
            self.cross_norm(x), memory, spin=spin, gamma=gamma, head_factor=head_factor, record=record, fused=fused
        )
        x = x + self.dropout(attended)
        return x + self.dropout(self.feed_forward(self.feed_forward_norm(x))), heads


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
        spin: SpinConfig | None = None,
        amplification: ImageAmplification | None = None,
        head_factor: Tensor | None = None,
        record: bool = False,
        fused: bool = False,
    ) -> DecoderOutput:
        """embedded: [B, G, T, D], with a cache the T tokens that follow those cached.

        spin: head suppression, decided for each query on its own; None leaves every line of its code out.
        amplification: attention to the image amplified; None leaves it out likewise.
        head_factor: [L, H] or [L, T, H], a fixed factor on each head's output (manual ablation, random heads).
        """
        start = 0 if cache is None else cache.length
        x = self.dropout(embedded + self.position[start : start + embedded.shape[2]])
        records: list[HeadRecord] = []
        for index, layer in enumerate(self._typed_layers()):
            x, heads = layer(
                x,
                memory[index],
                layer=index,
                cache=cache,
                spin=spin if spin is not None and spin.covers(index) else None,
                gamma=amplification.gamma if amplification is not None and amplification.covers(index) else 0.0,
                head_factor=None if head_factor is None else head_factor[index],
                record=record,
                fused=fused,
            )
            if heads is not None:
                records.append(heads)
        if cache is not None:
            cache.advance(embedded.shape[2])
        return DecoderOutput(self.norm(x), tuple(records))

    def _typed_layers(self) -> list[DecoderLayer]:
        return [layer for layer in self.layers if isinstance(layer, DecoderLayer)]
