"""By what an encoder is known: features of another mean nothing to what was learnt on this one's."""

from __future__ import annotations

import hashlib

import torch

from core.model.vision_encoder import VisionEncoder


def encoder_fingerprint(encoder: VisionEncoder, *, image_size: int) -> str:
    """SHA-256 of its name, the photos' size and its weights in half precision, as model files hold them: as hexadecimal digits.

    A model that was trained on with a frozen encoder keeps it.
    """
    digest = hashlib.sha256(f"{encoder.name} {image_size}".encode())
    for name, tensor in sorted(encoder.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.to("cpu", torch.float16).contiguous().numpy())
    return digest.hexdigest()
