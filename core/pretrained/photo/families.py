"""The families of models that can be used, and what differs between them.

A family says how a photo becomes image tokens and where these lie on it, how the prompt makes room for them, and which
extra arguments the decoder wants. What all have in common is in core.pretrained.decoding and core.pretrained.prompt.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from core.photo_layout import PhotoLayout, padded_square, single_grid, tiled
from core.pretrained.photo.photo_input import (
    PhotoInput,
    check_aspect_ratio,
    input_size,
    mean_colour,
    on_square,
    process,
    require_map,
)


class Family:
    """What models of one kind have in common; this one is squashed to a square of side x side cells."""

    title: str
    processors: tuple[str, ...]
    """Names of the library's image processors that fit, without their endings; the first where a folder names none."""
    can_be_finer = False
    """Whether the photo can be looked at in tiles or at a higher resolution."""
    has_template = True
    """Whether the model comes with a chat template, and so remembers a conversation."""

    def check(self, config: Any, processor: Any) -> None:
        """Raises PretrainedModelError where a model of this kind has no known map from image tokens to pixels."""
        self.check_grid(config)
        size = input_size(processor)
        expected = _tower(config)[0]
        require_map(size == (expected, expected), f"its photos are prepared at {size}, but its vision tower takes {expected}")

    def check_grid(self, config: Any) -> None:
        side = self.side(config)
        require_map(side >= 1 and side == int(side), f"{side:g} cells don't make a grid")

    def side(self, config: Any) -> float:
        """Cells along one side of a tile."""
        size, patch = _tower(config)
        return size // patch

    def covered(self, config: Any) -> float:
        """Which part of each side of a tile whole patches cover."""
        size, patch = _tower(config)
        return size // patch * patch / size

    def photo(self, processor: Any, config: Any, photo: Image.Image, *, finer: bool) -> PhotoInput:
        """The photo as tensors and its layout. Raises ImageError where it can't be used."""
        check_aspect_ratio(*photo.size)
        tensors = process(processor, photo)
        return PhotoInput({"pixel_values": tensors["pixel_values"]}, self.layout(config, photo, 0, 0))

    def layout(self, config: Any, photo: Image.Image, rows: int, columns: int) -> PhotoLayout:
        """So many rows and columns of tiles, or the photo as one; (0, 0) is one."""
        side, covered = int(self.side(config)), self.covered(config)
        if rows:
            return tiled(
                width=photo.width, height=photo.height, tile_rows=rows, tile_columns=columns, side=side, covered=covered
            )
        return single_grid(width=photo.width, height=photo.height, rows=side, columns=side, covered=covered)

    def placeholder(self, tokenizer: Any, config: Any) -> str:
        """What stands for the photo in a rendered chat template."""
        return image_token(tokenizer, config)

    def expansion(self, tokenizer: Any, config: Any, photo: PhotoInput) -> str:
        """What the placeholder becomes."""
        return image_token(tokenizer, config) * photo.layout.image_tokens

    def positions(self, model: Any, input_ids: Tensor, grid: Tensor | None) -> Tensor | None:
        """int64 [4, 1, T] where positions aren't just counted, else None. input_ids: [1, T]."""
        return None

    def token_types(self, input_ids: Tensor, image: Tensor) -> dict[str, Tensor]:
        """Extra arguments for reading the prompt. input_ids: [1, T]; image: [I] positions of the image tokens."""
        return {}


class Idefics3(Family):
    title = "Idefics3 / SmolVLM"
    processors = ("Idefics3ImageProcessor", "SmolVLMImageProcessor")
    can_be_finer = True

    def check(self, config: Any, processor: Any) -> None:
        self.check_grid(config)
        tile, expected = _edge(processor.max_image_size), config.vision_config.image_size
        require_map(tile == expected, f"its photos are prepared at {tile}, but its vision tower takes {expected}")

    def side(self, config: Any) -> float:
        return super().side(config) / config.scale_factor

    def photo(self, processor: Any, config: Any, photo: Image.Image, *, finer: bool) -> PhotoInput:
        check_aspect_ratio(*photo.size)
        options: dict[str, Any] = {"do_image_splitting": finer, "return_row_col_info": True}
        if finer:
            options["size"] = {"longest_edge": 2 * _edge(processor.max_image_size)}
        tensors = process(processor, [photo], **options)
        rows, columns = int(tensors["rows"][0][0]), int(tensors["cols"][0][0])
        layout = self.layout(config, photo, rows, columns)
        kept = {name: tensors[name] for name in ("pixel_values", "pixel_attention_mask") if name in tensors}
        return PhotoInput(kept, layout, (rows, columns))

    def expansion(self, tokenizer: Any, config: Any, photo: PhotoInput) -> str:
        rows, columns = photo.tiles
        border, overview = "<fake_token_around_image>", "<global-img>"
        tile = image_token(tokenizer, config) * (photo.layout.image_tokens // (rows * columns + 1))
        text = ""
        for row in range(1, rows + 1):
            text += "".join(f"{border}<row_{row}_col_{column}>{tile}" for column in range(1, columns + 1)) + "\n"
        return text + ("\n" if rows else "") + f"{border}{overview}{tile}{border}"


class Llava(Family):
    title = "LLaVA-1.5"
    processors = ("CLIPImageProcessor", "LlavaImageProcessor", "SiglipImageProcessor")

    def check(self, config: Any, processor: Any) -> None:
        kind = config.vision_config.model_type
        require_map(kind in ("clip_vision_model", "siglip_vision_model"), f"the map of the vision tower {kind} isn't known")
        super().check(config, processor)

    def photo(self, processor: Any, config: Any, photo: Image.Image, *, finer: bool) -> PhotoInput:
        check_aspect_ratio(*photo.size)
        tensors = process(processor, on_square(photo, colour=mean_colour(processor)))
        side = int(self.side(config))
        whole = config.vision_feature_select_strategy == "full" and config.vision_config.model_type == "clip_vision_model"
        extra = 1 if whole else 0  # the class token
        layout = single_grid(
            width=photo.width, height=photo.height, rows=side, columns=side, box=padded_square(*photo.size),
            covered=self.covered(config), first_token=extra, image_tokens=side * side + extra,
        )
        return PhotoInput({"pixel_values": tensors["pixel_values"]}, layout)


class InternVL(Family):
    title = "InternVL"
    processors = ("GotOcr2ImageProcessor",)
    can_be_finer = True
    most_tiles = 4

    def side(self, config: Any) -> float:
        return super().side(config) * config.downsample_ratio

    def photo(self, processor: Any, config: Any, photo: Image.Image, *, finer: bool) -> PhotoInput:
        check_aspect_ratio(*photo.size)
        options = {"crop_to_patches": finer, "min_patches": 1, "max_patches": self.most_tiles}
        tensors = process(processor, photo, **options)
        tiles = self._tiles(processor, photo) if len(tensors["pixel_values"]) > 1 else (0, 0)
        return PhotoInput({"pixel_values": tensors["pixel_values"]}, self.layout(config, photo, *tiles), tiles)

    def _tiles(self, processor: Any, photo: Image.Image) -> tuple[int, int]:
        from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import get_optimal_tiled_canvas

        columns, rows = get_optimal_tiled_canvas(
            (photo.height, photo.width), input_size(processor), 1, self.most_tiles  # pyright: ignore[reportArgumentType]
        )
        return rows, columns

    def expansion(self, tokenizer: Any, config: Any, photo: PhotoInput) -> str:
        start, end = (getattr(tokenizer, name, default) for name, default in
                      (("start_image_token", "<img>"), ("end_image_token", "</img>")))
        return f"{start}{image_token(tokenizer, config) * photo.layout.image_tokens}{end}"


class PaliGemma(Family):
    title = "PaliGemma"
    processors = ("SiglipImageProcessor",)
    has_template = False

    def token_types(self, input_ids: Tensor, image: Tensor) -> dict[str, Tensor]:
        return {"token_type_ids": torch.zeros_like(input_ids)}  # all of the prompt is read in both directions


class Gemma3(Family):
    title = "Gemma 3"
    processors = ("Gemma3ImageProcessor", "SiglipImageProcessor")

    def side(self, config: Any) -> float:
        return math.sqrt(config.mm_tokens_per_image)

    def placeholder(self, tokenizer: Any, config: Any) -> str:
        return str(tokenizer.convert_ids_to_tokens(config.boi_token_index))

    def expansion(self, tokenizer: Any, config: Any, photo: PhotoInput) -> str:
        end = tokenizer.convert_ids_to_tokens(config.eoi_token_index)
        tokens = image_token(tokenizer, config) * photo.layout.image_tokens
        return f"\n\n{self.placeholder(tokenizer, config)}{tokens}{end}\n\n"

    def token_types(self, input_ids: Tensor, image: Tensor) -> dict[str, Tensor]:
        types = torch.zeros_like(input_ids)
        types[0, image] = 1  # the photo's tokens see each other
        return {"token_type_ids": types}


def image_token(tokenizer: Any, config: Any) -> str:
    """The token that stands for one cell."""
    return str(tokenizer.convert_ids_to_tokens(config.image_token_id))


def _tower(config: Any) -> tuple[int, int]:
    """Sides of the vision tower's photo and of its patches, pixels; some configurations give both height and width."""
    size, patch = config.vision_config.image_size, config.vision_config.patch_size
    if isinstance(size, int):
        return size, patch
    require_map(len(set(size)) == len(set(patch)) == 1, "its vision tower takes photos that aren't square")
    return size[0], patch[0]


def _edge(size: Any) -> int:
    return int(dict(size)["longest_edge"])
