"""Copies of a prompt's key-value cache, so that several answers can go on from one reading of photo and question.

The library's growing caches never write into the tensors they hold: each new token makes longer ones. So a fork shares the
prompt's keys and values, costs nothing, and can't disturb another.
"""

from __future__ import annotations

import copy
import inspect
from typing import Any

from core.pretrained.errors import PretrainedModelError
from core.pretrained.library import library_class, transformers


def cache_argument(model: Any) -> str:
    """What the model calls the argument that takes its cache: the library renamed it in 5.24."""
    return "cache" if "cache" in inspect.signature(model.forward).parameters else "past_key_values"


def new_cache(model: Any) -> Any:
    """An empty cache for this model that keeps all keys of the prompt, also in layers that look at the last ones only."""
    cache = library_class("DynamicCache")(config=model.config)
    known = (transformers().cache_utils.DynamicLayer, transformers().cache_utils.DynamicSlidingWindowLayer)
    for layer in cache.layers:
        if type(layer) not in known:
            raise PretrainedModelError(
                f"This model remembers what it has read in a way that can't be shared here ({type(layer).__name__})."
            )
        if layer.is_sliding:
            layer.activate_past_recording()
    return cache


def fork(cache: Any, *, without_last: int = 0) -> Any:
    """A cache that goes on from a prompt's cache, optionally without its last token or tokens.

    cache: from new_cache, after the prompt was read, or another that is_whole.
    """
    layers: list[Any] = []
    for layer in cache.layers:
        branch = copy.copy(layer)
        kept = layer.keys.shape[-2] - without_last
        start = 0
        if layer.is_sliding:
            branch.record_past = False
            branch.cumulative_length = kept
            start = max(0, kept - (layer.sliding_window - 1))
        branch.keys, branch.values = layer.keys[..., start:kept, :], layer.values[..., start:kept, :]
        layers.append(branch)
    forked = copy.copy(cache)
    forked.layers = layers
    return forked


def is_whole(cache: Any) -> bool:
    """Whether a cache still has the keys of all its tokens, so that it can be forked at any of them."""
    return all(layer.keys.shape[-2] == layer.get_seq_length() for layer in cache.layers)
