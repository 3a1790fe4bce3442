"""SPIN inside the library's own attention: a function that the library calls in each decoder layer.

The library lets an attention function be registered by name, and hands it whatever extra arguments its model is called
with. So head suppression is an argument of the forward pass, `model(..., spin_step=step)`, and nothing is patched or
remembered between two calls. The vision tower keeps the library's attention.

Only the last query is looked at and only its heads are changed: earlier positions are never rewritten, so the cache stays
valid. Everything else, and all of it without an argument, is the library's own computation, bit for bit.

Source: Sarkar et al., "SPIN: image-guided head suppression", EMNLP 2025, arXiv 2505.16411.

Shapes: H query heads, J key heads (H a multiple of J), T queries, S keys, E width of a head, I image tokens.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from core.answers import HeadIndex
from core.config import SpinConfig
from core.pretrained.library import transformers

SDPA_NAME = "spin"
EAGER_NAME = "spin_eager"
"""For the decoders that the library itself runs in its eager attention, those with softcapped scores."""
ARGUMENT = "spin_step"


@dataclass(frozen=True)
class LayerRecord:
    """What one layer's heads did for the last query."""

    mass: Tensor
    """float32 [H] attention on the image tokens."""
    gate: Tensor
    """float32 [H] factor on each head's output."""
    cell_attention: Tensor
    """float32 [I] attention on each image token, averaged over the kept heads; 0 where the layer no longer sees it."""
    head_attention: Tensor | None
    """float32 [H, I], where it was asked for."""


class StoppedError(Exception):
    """Somebody wants no answer any more; ends a forward pass between two layers."""


@dataclass
class SpinStep:
    """One forward pass: what to do to the heads of the last query, and afterwards what they did."""

    image: Tensor
    """int64 [I] positions of the image tokens in the sequence."""
    length: int
    """Tokens of the sequence, those of this pass included."""
    spin: SpinConfig | None = None
    ablated: Collection[HeadIndex] = ()
    keep_heads: bool = False
    """Whether each head's own map is recorded too."""
    on_layer: Callable[[int], None] | None = None
    """Is told each layer's index as it begins; may raise StoppedError."""
    records: dict[int, LayerRecord] = field(default_factory=dict)


def changes_heads(spin: SpinConfig | None, ablated: Collection[HeadIndex], *, heads: int) -> bool:
    """Whether these settings can change an answer: not if alpha is 1 or all heads are kept, and none is switched off."""
    return bool(ablated) or (spin is not None and spin.alpha != 1.0 and spin.heads_kept(heads) < heads)


@functools.cache
def register() -> None:
    """Makes both functions known to the library, with the masks that belong to them.

    A name without a mask function of its own would get no mask at all.
    """
    masks = sys.modules[transformers().AttentionMaskInterface.__module__]
    transformers().AttentionInterface.register(SDPA_NAME, _over_sdpa)
    transformers().AttentionMaskInterface.register(SDPA_NAME, masks.sdpa_mask)
    transformers().AttentionInterface.register(EAGER_NAME, _over_eager)
    transformers().AttentionMaskInterface.register(EAGER_NAME, masks.eager_mask)


def install(model: Any) -> None:
    """The text decoder of a loaded model goes through these functions from now on; its vision tower doesn't."""
    register()
    own = model.config.get_text_config()._attn_implementation
    name = EAGER_NAME if own == "eager" else SDPA_NAME
    model.set_attn_implementation({"text_config": name})


def _over_sdpa(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, **kwargs: Any
) -> tuple[Tensor, Tensor | None]:
    step: SpinStep | None = kwargs.pop(ARGUMENT, None)
    _begin(step, module)
    own = sys.modules["transformers.integrations.sdpa_attention"].sdpa_attention_forward
    output, weights = own(module, query, key, value, attention_mask, **kwargs)
    return _apply(step, module, query, key, attention_mask, output, kwargs), weights


def _over_eager(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, **kwargs: Any
) -> tuple[Tensor, Tensor | None]:
    step: SpinStep | None = kwargs.pop(ARGUMENT, None)
    _begin(step, module)
    own = sys.modules[type(module).__module__].eager_attention_forward
    output, weights = own(module, query, key, value, attention_mask, **kwargs)
    return _apply(step, module, query, key, attention_mask, output, kwargs), weights


def _begin(step: SpinStep | None, module: nn.Module) -> None:
    if step is not None and step.on_layer is not None and getattr(module, "layer_idx", None) is not None:
        step.on_layer(int(module.layer_idx))  # type: ignore[arg-type]


def _apply(
    step: SpinStep | None, module: nn.Module, query: Tensor, key: Tensor, attention_mask: Tensor | None, output: Tensor,
    kwargs: dict[str, Any],
) -> Tensor:
    """The layer's output [1, T, H, E] with the last query's heads gated; records what they looked at."""
    layer = getattr(module, "layer_idx", None)
    if step is None or layer is None:
        return output
    scores = last_scores(
        query, key, attention_mask, scaling=kwargs.get("scaling"), softcap=kwargs.get("softcap")
    )  # [H, S]
    image = step.image - (step.length - scores.shape[-1])  # a sliding layer keeps the last keys only
    inside = image >= 0
    image = image[inside]
    looked = scores[:, image]  # [H, I']
    visible = looked > torch.finfo(torch.float32).min / 2
    attention = scores.softmax(-1)[:, image]
    mass = attention.sum(-1)
    gate = head_gate(
        mass if step.spin is None or step.spin.score == "mass" else looked.where(visible, 0.0).sum(-1),
        layer=layer, spin=step.spin if bool(visible.any()) else None, ablated=step.ablated,
    )
    step.records[layer] = _record(step, attention, mass, gate, inside)
    if bool((gate == 1.0).all()):
        return output
    factor = gate.to(output.dtype)[None, None, :, None]
    return torch.cat([output[:, :-1], output[:, -1:] * factor], dim=1)


def last_scores(
    query: Tensor, key: Tensor, attention_mask: Tensor | None, *, scaling: float | None, softcap: float | None
) -> Tensor:
    """The last query's scores before the softmax, float32 [H, S]; masked keys have minus infinity or nearly so.

    query: [1, H, T, E]; key: [1, J, S, E]; attention_mask: bool or additive, [1, 1 or H, T, S], None is no mask.
    """
    heads, width = query.shape[1], query.shape[-1]
    last = query[0, :, -1].float().view(key.shape[1], -1, width)  # [J, H/J, E]
    scale = width**-0.5 if scaling is None else scaling
    scores = (last @ key[0].float().transpose(1, 2) * scale).flatten(0, 1)  # [H, S]
    if softcap is not None:
        scores = (scores / softcap).tanh() * softcap
    if attention_mask is None:
        return scores
    row = attention_mask[0, :, -1, : scores.shape[-1]].expand(heads, -1)  # [H, S]
    return scores.masked_fill(~row, -torch.inf) if row.dtype == torch.bool else scores + row.float()


def head_gate(scores: Tensor, *, layer: int, spin: SpinConfig | None, ablated: Collection[HeadIndex]) -> Tensor:
    """float32 [H]: 1 for the heads that look at the image most, alpha for the others, 0 for those switched off.

    Of equal scores the lower head index wins. spin: None where nothing is suppressed, also because the layer's window no
    longer reaches the photo: where no head sees it, none can be said to look at it more.
    """
    heads = scores.shape[-1]
    gate = torch.ones(heads, device=scores.device)
    if spin is not None and spin.covers(layer):
        # A stable sort decides ties by position; torch.topk leaves them undefined.
        order = scores.sort(descending=True, stable=True).indices
        gate[order[spin.heads_kept(heads) :]] = spin.alpha
    off = [head for at, head in ablated if at == layer]
    if off:
        gate[off] = 0.0
    return gate


def _record(step: SpinStep, attention: Tensor, mass: Tensor, gate: Tensor, inside: Tensor) -> LayerRecord:
    """attention: [H, I'] on those of the image tokens that the layer still sees; inside: bool [I]."""
    kept = gate == 1.0
    mean = attention[kept].mean(0) if bool(kept.any()) else attention.new_zeros(attention.shape[-1])
    cells = mean.new_zeros(len(inside))
    cells[inside] = mean
    heads = None
    if step.keep_heads:
        heads = attention.new_zeros(len(attention), len(inside))
        heads[:, inside] = attention
    return LayerRecord(mass, gate, cells, heads)
