"""Qwen's vision-language models: the whole photo at nearly its own shape, and positions that follow its rows and columns."""

from __future__ import annotations

from typing import Any

import torch
from PIL import Image
from torch import Tensor

from core.photo_layout import single_grid
from core.pretrained.photo.families import Family
from core.pretrained.photo.photo_input import PhotoInput, check_aspect_ratio, process, require_map


class QwenVL(Family):
    title = "Qwen-VL"
    processors = ("Qwen2VLImageProcessor",)
    can_be_finer = True
    cells_at_once = 320
    cells_when_finer = 1280

    def check(self, config: Any, processor: Any) -> None:
        vision = config.vision_config
        own = (processor.patch_size, processor.merge_size)
        require_map(own == (vision.patch_size, vision.spatial_merge_size), "its photos are prepared for another vision tower")

    def photo(self, processor: Any, config: Any, photo: Image.Image, *, finer: bool) -> PhotoInput:
        check_aspect_ratio(*photo.size)
        cell = (processor.patch_size * processor.merge_size) ** 2
        most = cell * (self.cells_when_finer if finer else self.cells_at_once)
        size = {"shortest_edge": min(processor.size["shortest_edge"], most), "longest_edge": most}
        tensors = process(processor, photo, size=size)
        _, rows, columns = tensors["image_grid_thw"][0].tolist()
        layout = single_grid(
            width=photo.width, height=photo.height, rows=rows // processor.merge_size, columns=columns // processor.merge_size
        )
        return PhotoInput({name: tensors[name] for name in ("pixel_values", "image_grid_thw")}, layout)

    def positions(self, model: Any, input_ids: Tensor, grid: Tensor | None) -> Tensor | None:
        types = (input_ids == model.config.image_token_id).int()
        places, _ = model.model.get_rope_index(input_ids, mm_token_type_ids=types, image_grid_thw=grid)  # [3, 1, T]
        counted = torch.arange(input_ids.shape[1], device=input_ids.device)[None, None]  # [1, 1, T]
        return torch.cat([counted, places])
