"""Multi-head attention of the decoder, each with a fused and an explicit path over one set of weights.

The fused path (torch's scaled_dot_product_attention) returns no weights, so head suppression and the overlay need the
explicit one. Inference always takes the explicit path: with a single query it is as fast, and looking at the heads then
can't change an answer by a rounding error.

Shapes: B photos, G sequences (questions or beams) per photo, T queries, D width, H heads, E = D/H, I image tokens,
Q question tokens, M = I + Q memory tokens.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.model.dropouts import HeadDropout
from core.model.head_settings import PLAIN, LayerHeads
from core.model.head_suppression import image_mass, spin_gate
from core.model.kv_cache import KVCache

MASKED = -1e9
"""Score of a masked position: finite, so that a wholly masked row can't give NaN."""


class SelfAttention(nn.Module):
    """Causal self-attention over the answer's tokens."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query_key_value = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)

    def forward(self, x: Tensor, *, cache: KVCache | None, layer: int, fused: bool) -> Tensor:
        """x: [B, G, T, D], with a cache the T tokens that follow those cached. Returns [B, G, T, D]."""
        groups, length = x.shape[1], x.shape[2]
        rows = self.query_key_value(x.flatten(0, 1))  # [B*G, T, 3D]
        query, key, value = rows.unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)  # each [B*G, H, T, E]
        if cache is not None:
            key, value = cache.append(layer, key, value)
        past = key.shape[2] - length
        if fused:
            mask = causal_mask(length, past, device=x.device)
            context = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        else:
            logits = (query / math.sqrt(query.shape[-1])) @ key.transpose(-2, -1)  # [B*G, H, T, past+T]
            if length > 1:
                logits = logits.masked_fill(~causal_mask(length, past, device=x.device), MASKED)
            context = logits.softmax(-1, dtype=torch.float32).to(value.dtype) @ value
        return self.output(context.transpose(1, 2).flatten(2)).unflatten(0, (-1, groups))  # [B, G, T, D]


def causal_mask(length: int, past: int, *, device: torch.device) -> Tensor:
    """True where query t (at position past + t) may look: [T, past + T]."""
    return torch.ones(length, past + length, dtype=torch.bool, device=device).tril(past)


@dataclass(frozen=True)
class MemoryKeysValues:
    """Keys and values of one layer's cross-attention, computed once per memory.

    The image's are kept once per photo, the question's once per sequence (or once per photo, where G is 1 and all
    beams share the question).
    """

    image_keys: Tensor
    """[B, H, I, E]"""
    image_values: Tensor
    """[B, H, I, E]"""
    text_keys: Tensor
    """[B, H, G, Q, E]"""
    text_values: Tensor
    """[B, H, G, Q, E]"""
    text_padding: Tensor
    """[B, 1, G, 1, Q], True at padding."""


@dataclass(frozen=True)
class HeadRecord:
    """What each head of one layer did for each query."""

    image_mass: Tensor
    """[B, G, T, H] attention on all image tokens, float32."""
    gate: Tensor
    """[B, G, T, H] factor that was applied to the head's output, float32."""
    image_attention: Tensor
    """[B, H, G, T, I] attention on each image token."""


class CrossAttention(nn.Module):
    """Attention from the answer's tokens to the memory [image tokens ; question tokens]."""

    def __init__(self, width: int, heads: int, *, head_dropout: HeadDropout | None = None) -> None:
        super().__init__()
        self.heads = heads
        self.head_dropout = head_dropout or HeadDropout(0.0)
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.output = nn.Linear(width, width)

    def keys_values(
        self, image: Tensor, text: Tensor, text_padding: Tensor, *, same_image: MemoryKeysValues | None = None
    ) -> MemoryKeysValues:
        """image: [B, I, D]; text: [B, G, Q, D]; text_padding: [B, G, Q], True at padding.

        same_image: keys and values of the same photos with other questions, whose image part is taken over.
        """
        text_kv = self.key_value(text).unflatten(-1, (2, self.heads, -1))  # [B, G, Q, 2, H, E]
        text_kv = text_kv.permute(3, 0, 4, 1, 2, 5)  # [2, B, H, G, Q, E]
        padding = text_padding[:, None, :, None]
        if same_image is not None:
            return MemoryKeysValues(same_image.image_keys, same_image.image_values, text_kv[0], text_kv[1], padding)
        image_kv = self.key_value(image).unflatten(-1, (2, self.heads, -1)).permute(2, 0, 3, 1, 4)  # [2, B, H, I, E]
        return MemoryKeysValues(image_kv[0], image_kv[1], text_kv[0], text_kv[1], padding)

    def forward(self, x: Tensor, memory: MemoryKeysValues, heads: LayerHeads = PLAIN) -> tuple[Tensor, HeadRecord | None]:
        """x: [B, G, T, D]; heads: what is done to these T queries' heads, a factor being [T, H] or [1, H].

        Returns the output [B, G, T, D] and, if asked for, what the heads did.
        """
        spin, factor = heads.spin, heads.factor
        query = self.query(x).unflatten(-1, (self.heads, -1)).permute(0, 3, 1, 2, 4)  # [B, H, G, T, E]
        needs_mass = heads.record or (spin is not None and spin.score == "mass") or self.head_dropout.needs_mass
        if heads.fused and not needs_mass and spin is None and factor is None and heads.gamma == 0:
            return self._merge_heads(fused_context(query, memory)), None
        logits = memory_logits(query, memory, gamma=heads.gamma)  # [B, H, G, T, M]
        attention = logits.softmax(-1, dtype=torch.float32)
        context = memory_context(attention.to(query.dtype), memory)  # [B, H, G, T, E]
        image_tokens = memory.image_keys.shape[2]
        mass = image_mass(attention, image_tokens=image_tokens) if needs_mass else None  # [B, G, T, H]
        gate = None
        if spin is not None:
            gate = spin_gate(logits, mass, image_tokens=image_tokens, spin=spin)
        if factor is not None:
            gate = factor.expand(*x.shape[:3], -1) if gate is None else gate * factor
        if gate is not None:
            context = context * gate.movedim(-1, 1).unsqueeze(-1).to(context.dtype)
        record = None
        if heads.record and mass is not None:
            record = HeadRecord(mass, torch.ones_like(mass) if gate is None else gate, attention[..., :image_tokens])
        return self._merge_heads(context, mass), record

    def _merge_heads(self, context: Tensor, mass: Tensor | None = None) -> Tensor:
        context = self.head_dropout(context, mass)
        return self.output(context.permute(0, 2, 3, 1, 4).flatten(3))  # [B, H, G, T, E] -> [B, G, T, D]


def memory_logits(query: Tensor, memory: MemoryKeysValues, *, gamma: float = 0.0) -> Tensor:
    """Scaled, masked scores of query [B, H, G, T, E] over the memory: [B, H, G, T, M]; those of the image `amplified`."""
    groups, length = query.shape[2], query.shape[3]
    query = query / math.sqrt(query.shape[-1])
    image = query.flatten(2, 3) @ memory.image_keys.transpose(-2, -1)  # [B, H, G*T, I]: one product for all sequences
    if gamma:
        image = amplified(image, gamma=gamma)
    text = query @ memory.text_keys.transpose(-2, -1)  # [B, H, G, T, Q]
    text = text.masked_fill(memory.text_padding, MASKED)
    return torch.cat([image.unflatten(2, (groups, length)), text], dim=-1)


def amplified(scores: Tensor, *, gamma: float) -> Tensor:
    """Each score s before the softmax becomes s + gamma * |s|, of any shape. Source: PAI, arXiv 2407.21771."""
    return scores + gamma * scores.abs()


def memory_context(attention: Tensor, memory: MemoryKeysValues) -> Tensor:
    """Attention [B, H, G, T, M] times the memory's values: each head's output [B, H, G, T, E]."""
    image_tokens = memory.image_keys.shape[2]
    image = attention[..., :image_tokens].flatten(2, 3) @ memory.image_values  # [B, H, G*T, E]
    return image.unflatten(2, attention.shape[2:4]) + attention[..., image_tokens:] @ memory.text_values


def fused_context(query: Tensor, memory: MemoryKeysValues) -> Tensor:
    """Each head's output [B, H, G, T, E] without its weights."""
    batch, _, groups, length, _ = query.shape
    question_tokens = memory.text_keys.shape[3]

    def join(image: Tensor, text: Tensor) -> Tensor:  # [B*G, H, M, E]
        image = image.unsqueeze(2).expand(-1, -1, groups, -1, -1)
        text = text.expand(-1, -1, groups, -1, -1)
        return torch.cat([image, text], dim=3).transpose(1, 2).flatten(0, 1)

    padding = memory.text_padding.expand(-1, -1, groups, -1, -1)  # [B, 1, G, 1, Q]
    visible = torch.ones(batch * groups, 1, 1, memory.image_keys.shape[2] + question_tokens, dtype=torch.bool,
                         device=query.device)
    visible[..., -question_tokens:] = ~padding.transpose(1, 2).flatten(0, 1)
    context = functional.scaled_dot_product_attention(
        query.transpose(1, 2).flatten(0, 1),
        join(memory.image_keys, memory.text_keys),
        join(memory.image_values, memory.text_values),
        attn_mask=visible.expand(-1, -1, length, -1),
    )  # [B*G, H, T, E]
    return context.unflatten(0, (batch, groups)).transpose(1, 2)
