"""SPIN, image-guided head suppression, as pure functions.

Source: Sarkar et al., "SPIN: image-guided head suppression", EMNLP 2025, arXiv 2505.16411. Per layer and query, the K
cross-attention heads that look at the image most are kept; the output of every other head is multiplied by alpha before
the output projection. Nothing is renormalised.

Shapes: B photos, G sequences (questions or beams) per photo, T queries, H heads, M memory tokens.
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from core.config import ModelShape, ScoreName, SpinConfig
from core.model.interventions import RandomHeads


def image_mass(attention: Tensor, *, image_tokens: int) -> Tensor:
    """Attention on the image, summed in float32.

    attention: [B, H, G, T, M] after the softmax, image tokens first. Returns [B, G, T, H], in [0, 1].
    """
    return attention[..., :image_tokens].sum(-1, dtype=torch.float32).movedim(1, -1)


def head_scores(logits: Tensor, mass: Tensor | None, *, image_tokens: int, score: ScoreName) -> Tensor:
    """How much each head looks at the image.

    logits: [B, H, G, T, M] before the softmax, image tokens first; mass: from image_mass, needed for the score `mass`.
    Returns float32 [B, G, T, H]. `logits` follows the authors' code and isn't shift-invariant; `mass` is the default.
    """
    if score == "logits":
        return image_mass(logits, image_tokens=image_tokens)
    assert mass is not None
    return mass


def head_gate(scores: Tensor, *, keep: int, alpha: float) -> Tensor:
    """1 for the `keep` heads of highest score, alpha for the others; of equal scores the lower head index wins.

    scores: [..., H]. Returns float32 [..., H], which may be shared: never change it in place. Heads that look at nothing but
    the image have masses of nearly 1 that differ by float32's last digits; which of them is kept may follow the rounding,
    and so the size of the batch.
    """
    if scores.is_cpu and scores.numel() == scores.shape[-1]:
        # Between two layers' weights every small operation of torch finds cold caches; Python orders a few numbers in less
        # than one of them takes. `sorted` keeps equal elements in order, also when it reverses.
        row: list[float] = scores.flatten().tolist()
        order = sorted(range(len(row)), key=row.__getitem__, reverse=True)
        return _row_gate(frozenset(order[:keep]), alpha, scores.shape)
    # A stable sort decides ties by position; torch.topk leaves them undefined.
    best = torch.sort(scores, dim=-1, descending=True, stable=True).indices[..., :keep]
    gate = torch.full_like(scores, alpha, dtype=torch.float32)
    return gate.scatter(-1, best, 1.0)


@lru_cache(maxsize=1024)
def _row_gate(kept: frozenset[int], alpha: float, shape: torch.Size) -> Tensor:
    """The gate of a single query, [..., H] with this shape; the same heads are kept again and again."""
    with torch.inference_mode(False):
        return torch.tensor([1.0 if head in kept else alpha for head in range(shape[-1])]).view(shape)


def spin_gate(logits: Tensor, mass: Tensor | None, *, image_tokens: int, spin: SpinConfig) -> Tensor:
    """The gate that SPIN applies to each head: [B, G, T, H] from scores [B, H, G, T, M] and image mass [B, G, T, H]."""
    scores = head_scores(logits, mass, image_tokens=image_tokens, score=spin.score)
    return head_gate(scores, keep=spin.heads_kept(scores.shape[-1]), alpha=spin.alpha)


def random_gates(suppression: RandomHeads, shape: ModelShape) -> Tensor:
    """The gate of random heads at each place P of an answer: float32 [L, P, H].

    Whatever is decoded, all places are drawn, so that a place's heads don't depend on the answer's length.
    """
    generator = torch.Generator().manual_seed(suppression.seed)
    scores = torch.rand(shape.layers, shape.max_answer_tokens, shape.heads, generator=generator)
    gates = head_gate(scores, keep=suppression.heads_kept(shape.heads), alpha=suppression.alpha)
    outside = torch.tensor([not suppression.covers(layer) for layer in range(shape.layers)])
    return gates.masked_fill(outside[:, None, None], 1.0)
