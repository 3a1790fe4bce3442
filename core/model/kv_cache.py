"""Preallocated cache of the answer tokens' self-attention keys and values.

The cross-attention's keys and values are computed once per memory: see `core.model.attention.MemoryKeysValues`.
"""

from __future__ import annotations

from torch import Tensor

from core.config import ModelConfig


class KVCache:
    """Keys and values of all layers for N = B*G sequences, [L, N, H, capacity, E]."""

    def __init__(self, config: ModelConfig, *, rows: int, capacity: int, like: Tensor) -> None:
        """rows: N; like: of the type and on the device that keys and values have."""
        shape = (config.layers, rows, config.heads, capacity, config.head_width)
        self._keys, self._values = like.new_empty(shape), like.new_empty(shape)
        self.length = 0
        """Tokens cached so far."""

    @property
    def capacity(self) -> int:
        return self._keys.shape[3]

    def append(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Store one layer's keys and values [N, H, T, E]; returns all of that layer's, [N, H, length + T, E]."""
        end = self.length + keys.shape[2]
        if end > self.capacity:
            raise IndexError(f"the cache holds {self.capacity} tokens, {end} were asked for")
        self._keys[layer, :, :, self.length : end] = keys
        self._values[layer, :, :, self.length : end] = values
        return self._keys[layer, :, :, :end], self._values[layer, :, :, :end]

    def advance(self, tokens: int) -> None:
        """Count the tokens that every layer has appended."""
        self.length += tokens

    def reorder(self, rows: Tensor) -> None:
        """Go on with the sequences at these indices, in this order: rows [N'], at most N."""
        self._keys = self._chosen(self._keys, rows)
        self._values = self._chosen(self._values, rows)

    def _chosen(self, stored: Tensor, rows: Tensor) -> Tensor:
        # Only what is filled is copied: beam search reorders at every token.
        filled = stored[:, :, :, : self.length].index_select(1, rows)  # [L, N', H, length, E]
        stored[:, : len(rows), :, : self.length] = filled
        return stored[:, : len(rows)]
