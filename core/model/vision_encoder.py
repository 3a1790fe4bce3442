"""timm vision transformer -> image tokens."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn

from core.errors import ConfigError
from core.model.timm_import import import_timm


class VisionEncoder(nn.Module):
    """A timm ViT without its classifier. Token 0 of its output is the class token, the patches follow row by row."""

    def __init__(self, name: str, *, image_size: int = 224) -> None:
        """name: a timm vision transformer. Raises ConfigError for a name that timm doesn't know or that is no ViT."""
        super().__init__()
        timm = import_timm()
        if not timm.is_model(name):
            raise ConfigError(f"timm knows no model named {name!r}")
        self.name = name
        try:
            self.vit: Any = timm.create_model(
                name, pretrained=False, num_classes=0, dynamic_img_size=True, img_size=image_size
            )
        except TypeError as error:
            raise ConfigError(f"{name} is not a plain vision transformer") from error
        data = timm.data.resolve_model_data_config(self.vit)
        self.mean: tuple[float, float, float] = tuple(data["mean"])
        self.std: tuple[float, float, float] = tuple(data["std"])
        """Normalisation that the encoder's own weights expect; ViT-Tiny's is 0.5, not ImageNet's."""
        if self.vit.num_prefix_tokens != 1:
            raise ConfigError(f"{name} has {self.vit.num_prefix_tokens} prefix tokens; one class token is needed")

    @property
    def width(self) -> int:
        return cast(int, self.vit.embed_dim)

    @property
    def patch_size(self) -> int:
        return cast(int, self.vit.patch_embed.patch_size[0])

    def set_fused_attention(self, fused: bool) -> None:
        """Choose between torch's fused attention and the explicit one, which trains faster in bf16 on a CPU."""
        for module in self.vit.modules():
            if hasattr(module, "fused_attn"):
                module.fused_attn = fused

    def normalise(self, pixels: Tensor) -> Tensor:
        """uint8 [B, S, S, 3] -> float32 [B, 3, S, S] as the encoder expects it."""
        mean = torch.tensor(self.mean, device=pixels.device) * 255
        std = torch.tensor(self.std, device=pixels.device) * 255
        return ((pixels.float() - mean) / std).permute(0, 3, 1, 2)

    def forward(self, pixels: Tensor) -> Tensor:
        """pixels: [B, 3, S, S], normalised. Returns [B, 1 + patches, encoder width]."""
        return self.vit.forward_features(pixels)
