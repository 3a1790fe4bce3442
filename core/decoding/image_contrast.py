"""Contrastive decoding with a distorted photo: what distorts it, how logits are contrasted, and both decoded side by side.

Source: VCD, Leng et al., "Mitigating object hallucinations in large vision-language models through visual contrastive
decoding", CVPR 2024, arXiv 2311.16922. The photo's pixels are distorted before they are encoded, as the authors do.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from core.decoding.decoding_run import DecodingRun, RunShape, StepOutput, TokenRun
from core.errors import ConfigError
from core.model.attention import MemoryKeysValues
from core.model.head_settings import HeadSettings
from core.model.interventions import NOISE_STEPS, ImageContrast
from core.model.vlm import VisionLanguageModel

IMPLAUSIBLE = -1e4
"""Added to the logit of a token that the photo makes implausible: finite, so that where filters forbid all plausible
tokens, the best of the others is left."""


def distort(pixels: Tensor, contrast: ImageContrast) -> Tensor:
    """Photos [B, 3, S, S], normalised, after noise_step steps of forward diffusion (Ho et al., arXiv 2006.11239).

    The schedule is the authors': betas from 1e-5 to 5e-3 along a sigmoid. All photos get the same noise, so that a photo's
    distortion doesn't depend on those beside it.
    """
    betas = torch.linspace(-6, 6, NOISE_STEPS, dtype=torch.float64).sigmoid() * (5e-3 - 1e-5) + 1e-5
    kept = float((1 - betas).cumprod(0)[contrast.noise_step])  # the photo's share of the variance
    generator = torch.Generator().manual_seed(contrast.seed)
    noise = torch.randn(pixels.shape[1:], generator=generator).to(pixels)
    return math.sqrt(kept) * pixels + math.sqrt(1 - kept) * noise


def contrast_logits(logits: Tensor, distorted: Tensor, contrast: ImageContrast) -> Tensor:
    """(1 + a) * logits - a * distorted, less what is implausible by `logits` alone; all float32 [R, V]."""
    contrasted = (1 + contrast.strength) * logits - contrast.strength * distorted
    if contrast.plausibility == 0:
        return contrasted
    bound = logits.amax(-1, keepdim=True) + math.log(contrast.plausibility)
    return torch.where(logits < bound, contrasted + IMPLAUSIBLE, contrasted)


class ContrastRun:
    """Two runs of the decoder over the same tokens: with the photo, and with the photo distorted. Used as a DecodingRun."""

    def __init__(self, original: DecodingRun, distorted: DecodingRun, *, contrast: ImageContrast) -> None:
        self._original = original
        self._distorted = distorted
        self._contrast = contrast

    def step(self, tokens: Tensor) -> StepOutput:
        """See DecodingRun.step. The logits are contrasted; the record is that of the heads that saw the photo."""
        output = self._original.step(tokens)
        distorted = self._distorted.step(tokens).logits
        return StepOutput(contrast_logits(output.logits, distorted, self._contrast), output.heads)

    def reorder(self, rows: Tensor) -> None:
        """See DecodingRun.reorder."""
        self._original.reorder(rows)
        self._distorted.reorder(rows)

    def drop_finished(self, order: list[int], under_way: Collection[int]) -> list[int]:
        """See DecodingRun.drop_finished."""
        self._distorted.drop_finished(order, under_way)
        return self._original.drop_finished(order, under_way)


def new_run(
    model: VisionLanguageModel,
    memory: Sequence[MemoryKeysValues],
    distorted: Sequence[MemoryKeysValues] | None,
    *,
    shape: RunShape,
    heads: HeadSettings,
) -> TokenRun:
    """One run of the decoder, or two for a contrast; see DecodingRun.

    Raises ConfigError for a contrast without the distorted photos' memory.
    """
    run = DecodingRun(model, memory, shape=shape, heads=heads)
    if heads.contrast is None:
        return run
    if distorted is None:
        raise ConfigError("contrasting a photo with its distortion needs what the encoder sees of the distortion")
    beside = DecodingRun(model, distorted, shape=shape, heads=replace(heads, record=False))
    return ContrastRun(run, beside, contrast=heads.contrast)
