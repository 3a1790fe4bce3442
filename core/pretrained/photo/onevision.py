"""LLaVA-OneVision: a padded square by default; finer, a squashed overview with a grid of tiles that has lost its padding."""

from __future__ import annotations

import math
from typing import Any

import torch
from PIL import Image

from core.photo_layout import Box, CellGrid, PhotoLayout, covered_part, padded_square, single_grid
from core.pretrained.photo.families import Family
from core.pretrained.photo.photo_input import (
    PhotoInput,
    check_aspect_ratio,
    mean_colour,
    on_square,
    process,
    require_map,
)

OVERVIEW_ONLY = 2
"""The library shows a photo without tiles where it is one of several. It is told so, and given one photo."""
TILES_ALONG_A_SIDE = 2


class LlavaOneVision(Family):
    title = "LLaVA-OneVision"
    processors = ("LlavaOnevisionImageProcessor",)
    can_be_finer = True

    def check(self, config: Any, processor: Any) -> None:
        super().check(config, processor)
        strategy = config.vision_feature_select_strategy
        require_map(strategy == "full", f"it leaves out image tokens (strategy {strategy})")

    def photo(self, processor: Any, config: Any, photo: Image.Image, *, finer: bool) -> PhotoInput:
        check_aspect_ratio(*photo.size)
        side, size = int(self.side(config)), int(config.vision_config.image_size)
        if finer:
            return self._in_tiles(processor, config, photo, side=side, size=size)
        square = on_square(photo, colour=mean_colour(processor))
        prepared = process(processor, square, image_grid_pinpoints=[[size, size]])
        tensors = {
            "pixel_values": prepared["pixel_values"][:, :1], "image_sizes": prepared["image_sizes"],
            "batch_num_images": torch.tensor([OVERVIEW_ONLY]),
        }
        layout = single_grid(
            width=photo.width, height=photo.height, rows=side, columns=side, box=padded_square(*photo.size),
            covered=self.covered(config), image_tokens=side * side + 1,  # the last one ends the photo and is no place in it
        )
        return PhotoInput(tensors, layout)

    def _in_tiles(self, processor: Any, config: Any, photo: Image.Image, *, side: int, size: int) -> PhotoInput:
        most = TILES_ALONG_A_SIDE * size
        smaller = photo.copy()
        if max(photo.size) > most:
            smaller.thumbnail((most, most), Image.Resampling.BICUBIC)
        pinpoints = [list(point) for point in config.image_grid_pinpoints]
        prepared = process(processor, smaller, image_grid_pinpoints=pinpoints)
        height, width = (int(length) for length in _best(pinpoints, smaller))
        layout = unpadded_layout(
            photo.size, smaller.size, canvas=(width, height), side=side, tile=size,
            covered=self.covered(config), most_tiles=int(config.vision_aspect_ratio.removeprefix("anyres_max_")),
        )
        tensors = {name: prepared[name] for name in ("pixel_values", "image_sizes")}
        return PhotoInput(tensors, layout, (height // size, width // size))


def _best(pinpoints: list[list[int]], photo: Image.Image) -> tuple[int, int]:
    from transformers.image_processing_utils import select_best_resolution

    return select_best_resolution((photo.height, photo.width), pinpoints)


def unpadded_layout(
    photo: tuple[int, int], shown: tuple[int, int], *, canvas: tuple[int, int], side: int, tile: int, covered: float,
    most_tiles: int,
) -> PhotoLayout:
    """An overview of side x side cells, then the tiles' cells without those that lie on padding alone.

    photo, shown: width and height of the photo and of what the processor was given; canvas: of the tiles together, pixels;
    tile: a tile's side, pixels; covered: see covered_part; most_tiles: with more, neighbouring cells are joined. The tiles'
    cells are taken to lie evenly, though a narrow strip of each tile may go unseen.
    """
    columns, rows = side * canvas[0] // tile, side * canvas[1] // tile
    left, top = 0, 0
    if shown[0] / shown[1] > columns / rows:
        top = (rows - int(round(shown[1] * (columns / shown[0]), 7))) // 2
    else:
        left = (columns - int(round(shown[0] * (rows / shown[1]), 7))) // 2
    box = _on_photo(photo, shown, canvas, (left, top, columns - left, rows - top), cell=tile / side)
    columns, rows = columns - 2 * left, rows - 2 * top
    ratio = math.sqrt(columns * rows / (most_tiles * side**2))
    if ratio > 1.1:
        columns, rows = int(columns // ratio), int(rows // ratio)
    overview = CellGrid(side, side, covered_part((0, 0, photo[0], photo[1]), covered), 0, side, is_overview=True)
    tiles = CellGrid(rows, columns, box, side * side, columns + 1, is_overview=False)
    return PhotoLayout(photo[0], photo[1], (overview, tiles), side * side + rows * (columns + 1))


def _on_photo(
    photo: tuple[int, int], shown: tuple[int, int], canvas: tuple[int, int], cells: tuple[int, int, int, int], *, cell: float
) -> Box:
    """A box of cells on the canvas as a box on the photo, which lies scaled in the canvas's middle."""
    scale = min(canvas[0] / shown[0], canvas[1] / shown[1])
    placed = [min(math.ceil(shown[axis] * scale), canvas[axis]) for axis in (0, 1)]
    offset = [(canvas[axis] - placed[axis]) // 2 for axis in (0, 1)]
    left, top, right, bottom = (
        (edge * cell - offset[index % 2]) * photo[index % 2] / placed[index % 2] for index, edge in enumerate(cells)
    )
    return (left, top, right, bottom)
