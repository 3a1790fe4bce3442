"""What is asked of a session, about generated photos."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from core.answers import Answer
from core.config import GenerationConfig, SpinConfig

QUESTION = "What is the man doing?"
SPIN = SpinConfig(keep=1, alpha=0.0)
SHORT = GenerationConfig(max_tokens=8)


def photo(seed: int, *, size: tuple[int, int] = (50, 40)) -> bytes:
    """A photo of coloured noise, as the bytes of a PNG file."""
    noise = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).resize(size).save(buffer, "PNG")
    return buffer.getvalue()


def token_ids(answer: Answer) -> list[int]:
    return [token.token_id for token in answer.tokens]
