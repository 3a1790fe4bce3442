"""Photos -> image features, each photo once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from core.errors import SpinVlmError
from core.images.feature_cache import FeatureCache
from core.images.image_input import content_hash, load_image, squash
from core.model.vlm import VisionLanguageModel

PhotoSource = Path | bytes
DECODED_SIDES = 2
"""A photo is decoded at no less than this many times the model's image size: much faster for a large JPEG."""


class PhotoEncoder:
    """Reads and encodes photos; those seen lately come from the cache."""

    def __init__(self, model: VisionLanguageModel, *, cache: FeatureCache) -> None:
        self._model = model
        self._cache = cache

    def encode(self, photos: Sequence[PhotoSource]) -> list[Tensor | SpinVlmError]:
        """Features [I, encoder width] of each photo, or why it can't be used. New photos are encoded in one batch."""
        found: dict[str, Tensor] = {}
        new: dict[str, Tensor] = {}
        results: list[str | SpinVlmError] = []
        for photo in photos:
            key = self._key(photo)
            results.append(key)
            if isinstance(key, SpinVlmError) or key in found or key in new:
                continue
            known = self._cache.get(key)
            if known is not None:
                found[key] = known
                continue
            try:
                new[key] = self._read(photo)
            except SpinVlmError as error:
                results[-1] = error
        if new:
            found.update(self._encode_new(new))
        return [found[result] if isinstance(result, str) else result for result in results]

    def _encode_new(self, pixels: dict[str, Tensor]) -> dict[str, Tensor]:
        weight = self._model.token_embedding.weight
        with torch.inference_mode():
            batch = torch.stack(list(pixels.values())).to(weight.device)  # [B, S, S, 3]
            encoded = self._model.encode_image(self._model.encoder.normalise(batch).to(weight.dtype))  # [B, I, C]
            # A copy of its own for each, so that the cache doesn't keep a whole batch for one photo.
            features = {key: row.clone() for key, row in zip(pixels, encoded, strict=True)}
        for key, row in features.items():
            self._cache.put(key, row)
        return features

    def _key(self, photo: PhotoSource) -> str | SpinVlmError:
        try:
            return content_hash(photo)
        except SpinVlmError as error:
            return error

    def _read(self, photo: PhotoSource) -> Tensor:
        """uint8 [S, S, 3]"""
        size = self._model.config.image_size
        return torch.tensor(squash(load_image(photo, at_least=DECODED_SIDES * size), size))
