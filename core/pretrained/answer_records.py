"""What a pretrained model's answer is made of. NumPy only, no tensors.

The names are those of core.answers where they mean the same. What differs: the map of a token isn't one square grid of each
head, but the model's own cells, averaged over the heads that were kept in each layer. A single head's map is made again
when somebody asks for it (PretrainedSession.head_maps), since all of them together take megabytes a token.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.answers import Divergence, FinishReason, FloatArray, HeadIndex
from core.config import GenerationConfig, SpinConfig
from core.pretrained.photo.photo_layout import PhotoLayout

HalfArray = NDArray[np.float16]


@dataclass(frozen=True)
class Turn:
    """An earlier question about the same photo, with its answer."""

    question: str
    answer: str


@dataclass(frozen=True)
class PhotoQuestion:
    """One question about one photo, in a conversation about it."""

    image: Path | bytes
    """Path of an image file, or its encoded bytes."""
    question: str
    earlier: tuple[Turn, ...] = ()
    """Earlier turns about the same photo, the oldest first."""
    spin: SpinConfig | None = None
    """Head suppression; None is off."""
    generation: GenerationConfig = field(default_factory=GenerationConfig)
    ablated_heads: frozenset[HeadIndex] = frozenset()
    """(layer, head) of attention heads that are switched off by hand, on top of `spin`."""
    finer: bool = False
    """Whether the photo is looked at in tiles or at a higher resolution, which takes longer."""
    request_id: int = 0
    """Chosen by the caller; comes back with every token."""


@dataclass(frozen=True)
class PretrainedToken:
    """One answer token and what each attention head did for the query that predicted it: L layers, H heads, C cells."""

    index: int
    """Position in the answer, from 0."""
    token_id: int
    text: str
    """Text that this token adds; may be empty while a character is incomplete."""
    probability: float
    """Softmax probability of this token under the model, before sampling filters and penalties."""
    image_mass: FloatArray
    """[L, H] attention on all image tokens together, in [0, 1]."""
    head_gate: FloatArray
    """[L, H] factor applied to each head's output: 1 kept, alpha suppressed, 0 ablated."""
    cell_attention: HalfArray
    """[L, C] attention on each cell, averaged over the layer's kept heads."""
    request_id: int = 0


@dataclass(frozen=True)
class PretrainedAnswer:
    """A whole answer of a pretrained model."""

    question: str
    text: str
    tokens: tuple[PretrainedToken, ...]
    """The text's tokens; the end token, where there is one, is the last and has empty text."""
    finish: FinishReason
    log_probability: float
    seconds: float
    """Time from the request to the last token, the photo's reading included where it wasn't remembered."""
    layout: PhotoLayout
    """Where the cells of the tokens' maps lie on the photo."""
    forgotten_turns: int = 0
    """How many of the oldest turns were left out, because the conversation had become too long for the model."""


@dataclass(frozen=True)
class PretrainedComparison:
    """The same question with head suppression off and on."""

    baseline: PretrainedAnswer
    spin: PretrainedAnswer
    divergence: Divergence | None
    """None where both answers are the same."""


def first_divergence(baseline: PretrainedAnswer, spin: PretrainedAnswer) -> Divergence | None:
    """The first index at which both have a token, but not the same; None where there is none."""
    for off, on in zip(baseline.tokens, spin.tokens, strict=False):
        if off.token_id != on.token_id:
            return Divergence(off.index, off.text, off.probability, on.text, on.probability)
    return None
