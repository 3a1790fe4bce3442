"""One run of the decoder, token by token: model, memory and cache of a fixed set of sequences.

Shapes: B photos, G sequences (questions or beams) per photo, R = B*G sequences, L layers, H heads, I image tokens,
Q question tokens, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor

from core.answers import FloatArray
from core.model.attention import HeadRecord, MemoryKeysValues
from core.model.head_settings import HeadSettings
from core.model.vlm import VisionLanguageModel


@dataclass(frozen=True)
class RunShape:
    """How many sequences a run decodes, and how long they may get."""

    photos: int
    """B"""
    questions: int
    """Per photo; where a photo has fewer than others, some of its sequences mean nothing."""
    tokens: int
    """Most tokens of an answer, the end token counted."""
    beams: int = 1
    """Per question."""

    @property
    def groups(self) -> int:
        """Sequences per photo, G."""
        return self.questions * self.beams


@dataclass(frozen=True)
class HeadTrace:
    """What each cross-attention head did for one query of each of R sequences."""

    packed: FloatArray
    """[R, L, H, I + 2]: attention on each image token, image mass, gate. One array, so that one copy leaves torch."""

    def row(self, row: int) -> HeadTrace:
        """One sequence's part, without the leading R; holds on to no other's memory."""
        return HeadTrace(self.packed[row].copy())

    @property
    def image_attention(self) -> FloatArray:
        """[..., L, H, I]"""
        return self.packed[..., :-2]

    @property
    def image_mass(self) -> FloatArray:
        """[..., L, H]"""
        return self.packed[..., -2]

    @property
    def gate(self) -> FloatArray:
        """[..., L, H]"""
        return self.packed[..., -1]


def pack_heads(records: Sequence[HeadRecord]) -> HeadTrace:
    """The layers' records of a single query per sequence (T = 1) as one NumPy array."""
    attention = torch.stack([record.image_attention for record in records])[..., 0, :]  # [L, B, H, G, I]
    mass = torch.stack([record.image_mass for record in records])[:, :, :, 0]  # [L, B, G, H]
    gate = torch.stack([record.gate for record in records])[:, :, :, 0]  # [L, B, G, H]
    parts = [attention.permute(1, 3, 0, 2, 4), *(part.permute(1, 2, 0, 3).unsqueeze(-1) for part in (mass, gate))]
    packed = torch.cat(parts, dim=-1)  # [B, G, L, H, I + 2]
    return HeadTrace(packed.flatten(0, 1).cpu().numpy())


@dataclass(frozen=True)
class ChosenToken:
    """One token of an answer, the end token included."""

    token_id: int
    log_probability: float
    """Under the model, before filters, penalties and temperature."""
    heads: HeadTrace | None
    """What the heads did for the query that predicted this token; None where it wasn't asked for."""
    log_share: float | None = None
    """On the last token of an answer of a beam search: the answer's part of the probability of all that the search finished."""


@dataclass(frozen=True)
class StepOutput:
    """What the decoder says about the next token of each sequence."""

    logits: Tensor
    """float32 [R, V], before filters and penalties."""
    heads: HeadTrace | None
    """Where it was asked for."""


class TokenRun(Protocol):
    """What a search steps through: one run of the decoder, or several that act as one. See DecodingRun."""

    def step(self, tokens: Tensor) -> StepOutput: ...

    def reorder(self, rows: Tensor) -> None: ...

    def drop_finished(self, order: list[int], under_way: Collection[int]) -> list[int]: ...


class DecodingRun:
    """Feeds one token per sequence to the decoder and keeps its cache. Call it under torch.inference_mode()."""

    def __init__(
        self, model: VisionLanguageModel, memory: Sequence[MemoryKeysValues], *, shape: RunShape, heads: HeadSettings
    ) -> None:
        """memory: of the shape's photos, with text of its G sequences, or of 1 that all of them share."""
        self._model = model
        self._memory = tuple(memory)
        self._shape = shape
        self._heads = heads.in_layers(model.config.shape, device=model.device)
        self._record = heads.record
        self._cache = model.new_cache(rows=shape.photos * shape.groups, capacity=shape.tokens)

    def step(self, tokens: Tensor) -> StepOutput:
        """tokens: the latest id of each sequence, [R], photo by photo."""
        latest = tokens.view(-1, self._shape.groups, 1)  # [B, G, 1]
        output = self._model.decode(latest, self._memory, cache=self._cache, heads=self._heads)
        logits = self._model.logits(output.hidden).float().flatten(0, 2)  # [B, G, 1, V] -> [R, V]
        return StepOutput(logits, pack_heads(output.heads) if self._record else None)

    def reorder(self, rows: Tensor) -> None:
        """Go on with the sequences at these indices [R]; each must be one of the same photo and question."""
        self._cache.reorder(rows)

    def drop_finished(self, order: list[int], under_way: Collection[int]) -> list[int]:
        """Leaves out photos none of whose questions is under way, once they are half of those decoded.

        order: the questions that are decoded, in the run's order. Returns those still decoded.
        """
        questions = self._shape.questions
        photos = [order[start : start + questions] for start in range(0, len(order), questions)]
        kept = [index for index, photo in enumerate(photos) if any(question in under_way for question in photo)]
        # Copying the memory of those that go on costs about as much as a step, so it isn't done for each photo alone.
        if len(kept) * 2 > len(photos):
            return order
        self._keep_photos(kept)
        return [question for index in kept for question in photos[index]]

    def _keep_photos(self, photos: Sequence[int]) -> None:
        """Go on with these photos' sequences only, in this order."""
        device, groups = self._model.device, self._shape.groups
        chosen = torch.tensor(photos, device=device)
        self._memory = tuple(select_photos(memory, chosen) for memory in self._memory)
        self._cache.reorder((chosen[:, None] * groups + torch.arange(groups, device=device)).flatten())


def select_photos(memory: MemoryKeysValues, photos: Tensor) -> MemoryKeysValues:
    """One layer's keys and values of the photos at these indices."""
    return MemoryKeysValues(
        memory.image_keys[photos], memory.image_values[photos], memory.text_keys[photos], memory.text_values[photos],
        memory.text_padding[photos],
    )


def repeat_questions(memory: MemoryKeysValues, *, beams: int) -> MemoryKeysValues:
    """Each question of [B, H, G, Q, E] for this many beams: [B, H, G*beams, Q, E]. The photos' part is shared."""
    if memory.text_keys.shape[2] == 1:
        return memory  # a single question broadcasts over its beams
    return replace(
        memory,
        text_keys=memory.text_keys.repeat_interleave(beams, dim=2),
        text_values=memory.text_values.repeat_interleave(beams, dim=2),
        text_padding=memory.text_padding.repeat_interleave(beams, dim=2),
    )
