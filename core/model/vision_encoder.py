"""A timm backbone as vision encoder: photo -> image tokens."""

from __future__ import annotations

import copy
from typing import Any, Self, cast

import torch
from torch import Tensor, nn

from core.errors import ConfigError
from core.model.compiler import without_compiler
from core.model.timm_import import import_timm


class VisionEncoder(nn.Module):
    """A timm backbone without its classifier, as tokens: one for the whole photo, then one for each place, row by row.

    Of a vision transformer they are the class token and the patches. A backbone that gives a feature map (a convolutional
    network, say) has the mean of its cells in the class token's place.
    """

    def __init__(self, name: str, *, image_size: int = 224, map_stride: int | None = None) -> None:
        """name: a timm model; map_stride: pixels from one cell of its feature map to the next where that is known.

        Raises ConfigError for a model that timm doesn't know or that gives neither tokens nor a map.
        """
        super().__init__()
        timm = import_timm()
        if not timm.is_model(name):
            raise ConfigError(f"timm knows no model named {name!r}")
        self.name = name
        try:
            backbone: Any = timm.create_model(name, pretrained=False, num_classes=0, dynamic_img_size=True, img_size=image_size)
        except TypeError:
            backbone = timm.create_model(name, pretrained=False, num_classes=0)
        self.vit: Any = backbone
        """The backbone, whichever kind it is; its weights have this name in every model file."""
        data = timm.data.resolve_model_data_config(backbone)
        self.mean: tuple[float, float, float] = tuple(data["mean"])
        self.std: tuple[float, float, float] = tuple(data["std"])
        """Normalisation that the encoder's own weights expect; ViT-Tiny's is 0.5, not ImageNet's."""
        self.gives_map = not hasattr(backbone, "patch_embed") or not hasattr(backbone, "num_prefix_tokens")
        self.width = cast(int, backbone.num_features)
        """Of its tokens."""
        stride = (map_stride or self._map_stride(image_size)) if self.gives_map else backbone.patch_embed.patch_size[0]
        self.patch_size = cast(int, stride)
        """Pixels along the side of a place."""

    def _map_stride(self, image_size: int) -> int:
        """Pixels from one cell of the feature map to the next. Raises ConfigError where the backbone gives no such map."""
        meta = copy.deepcopy(self.vit).to("meta").eval()
        try:
            with without_compiler():
                features = meta.forward_features(torch.empty(1, 3, image_size, image_size, device="meta"))
            rows, columns = self._map_first(features).shape[2:]
        except (AttributeError, RuntimeError, AssertionError, ValueError) as error:
            raise ConfigError(f"{self.name} gives no feature map of a photo of {image_size} x {image_size} pixels") from error
        if rows != columns or image_size % rows:
            raise ConfigError(
                f"{self.name} divides a photo of {image_size} x {image_size} pixels into {rows} x {columns} cells; choose an "
                "image size that they divide evenly"
            )
        return image_size // rows

    def _map_first(self, features: Tensor) -> Tensor:
        """A feature map as [B, C, rows, columns]; some backbones have the channels last."""
        if features.ndim != 4:
            raise ValueError(f"no feature map: {tuple(features.shape)}")
        return features if features.shape[1] == self.width else features.permute(0, 3, 1, 2)

    def train(self, mode: bool = True) -> Self:
        """As nn.Module's, but batch norms keep the statistics of the photos that the backbone was trained on.

        Those of a few dozen photos are far noisier, and a measured model must be the one that was trained.
        """
        super().train(mode)
        for module in self.vit.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):  # pyright: ignore[reportPrivateUsage]
                module.eval()
        return self

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
        """pixels: [B, 3, S, S], normalised. Returns [B, 1 + places, encoder width]."""
        features = self.vit.forward_features(pixels)
        if self.gives_map:
            places = self._map_first(features).flatten(2).transpose(1, 2)  # [B, places, C]
        else:
            places = features[:, self.vit.num_prefix_tokens :]  # register tokens stand for no place
        has_class_token = not self.gives_map and getattr(self.vit, "has_class_token", True)
        first = features[:, :1] if has_class_token else places.mean(1, keepdim=True)
        return torch.cat([first, places], dim=1)
