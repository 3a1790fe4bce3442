"""Cells and pixels: a white square on a photo is found again through the library's real image processors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import transformers
from PIL import Image, ImageDraw

from core.errors import ImageError
from core.photo_layout import CellGrid, PhotoLayout, padded_square, single_grid, tiled
from core.pretrained.photo.families import Family, Gemma3, Idefics3, InternVL, Llava, PaliGemma
from core.pretrained.photo.onevision import LlavaOneVision
from core.pretrained.photo.photo_input import PhotoInput
from core.pretrained.photo.qwen_vl import QwenVL

SIZES = [(640, 480), (97, 400), (500, 125)]


@dataclass(frozen=True)
class Case:
    family: Family
    processor: Any
    config: Any
    finer: bool


def vision(size: Any, patch: Any, **more: Any) -> SimpleNamespace:
    return SimpleNamespace(image_size=size, patch_size=patch, **more)


POINTS = [[384 * rows, 384 * columns] for rows in range(1, 7) for columns in range(1, 7)]
ONEVISION = SimpleNamespace(
    vision_config=vision(384, 14), image_grid_pinpoints=POINTS, vision_aspect_ratio="anyres_max_9",
    vision_feature_select_strategy="full",
)
CASES = {
    "SmolVLM": lambda finer: Case(
        Idefics3(), transformers.SmolVLMImageProcessorPil(size={"longest_edge": 2048}, max_image_size={"longest_edge": 512}),
        SimpleNamespace(vision_config=vision(512, 16), scale_factor=4), finer),
    "SmolVLM-2.2B": lambda finer: Case(
        Idefics3(), transformers.Idefics3ImageProcessorPil(size={"longest_edge": 1536}, max_image_size={"longest_edge": 384}),
        SimpleNamespace(vision_config=vision(384, 14), scale_factor=3), finer),
    "Idefics3": lambda finer: Case(
        Idefics3(), transformers.Idefics3ImageProcessorPil(), SimpleNamespace(vision_config=vision(364, 14), scale_factor=2),
        finer),
    "Qwen2-VL": lambda finer: Case(QwenVL(), transformers.Qwen2VLImageProcessorPil(), SimpleNamespace(), finer),
    "Qwen3-VL": lambda finer: Case(
        QwenVL(), transformers.Qwen2VLImageProcessorPil(patch_size=16, merge_size=2), SimpleNamespace(), finer),
    "LLaVA-1.5": lambda finer: Case(
        Llava(), transformers.CLIPImageProcessorPil(size={"shortest_edge": 336}, crop_size={"height": 336, "width": 336}),
        SimpleNamespace(vision_config=vision(336, 14, model_type="clip_vision_model"), vision_feature_select_strategy="default"),
        finer),
    "OneVision": lambda finer: Case(
        LlavaOneVision(), transformers.LlavaOnevisionImageProcessorPil(image_grid_pinpoints=POINTS), ONEVISION, finer),
    "InternVL": lambda finer: Case(
        InternVL(), transformers.GotOcr2ImageProcessorPil(size={"height": 448, "width": 448}),
        SimpleNamespace(vision_config=vision([448, 448], [14, 14]), downsample_ratio=0.5), finer),
    "PaliGemma": lambda finer: Case(
        PaliGemma(), transformers.SiglipImageProcessorPil(size={"height": 448, "width": 448}),
        SimpleNamespace(vision_config=vision(448, 14)), finer),
    "Gemma3": lambda finer: Case(
        Gemma3(), transformers.Gemma3ImageProcessorPil(size={"height": 896, "width": 896}),
        SimpleNamespace(vision_config=vision(896, 14), mm_tokens_per_image=256), finer),
}
EVERY = [(name, finer) for name in CASES for finer in (False, True) if not finer or CASES[name](True).family.can_be_finer]


def prepared(case: Case, photo: Image.Image) -> PhotoInput:
    return case.family.photo(case.processor, case.config, photo, finer=case.finer)


def seen_brightness(case: Case, shown: PhotoInput) -> np.ndarray:
    """[C] how bright each cell is in what the vision tower gets, from its own tensors alone."""
    values = np.asarray(shown.tensors["pixel_values"], np.float32)
    layout = shown.layout
    if isinstance(case.family, QwenVL):
        cells = values.mean(-1).reshape(-1, case.processor.merge_size**2).mean(-1)  # patches come cell by cell
    elif isinstance(case.family, LlavaOneVision) and case.finer:
        cells = np.concatenate([pooled(values[0, 0], layout.grids[0], patched(case)), tiles_brightness(values[0, 1:], shown)])
    else:
        tiles = values.reshape(-1, *values.shape[-3:])
        cells = np.concatenate([pooled(tile, grid, patched(case)) for tile, grid in zip(tiles, layout.grids, strict=True)])
    return (cells - cells.min()) / (cells.max() - cells.min())


def patched(case: Case) -> int:
    """How many pixels of a tile's side whole patches cover."""
    size, patch = case.config.vision_config.image_size, case.config.vision_config.patch_size
    return size // patch * patch if isinstance(size, int) else size[0]


def pooled(tile: np.ndarray, grid: CellGrid, side: int) -> np.ndarray:
    """The mean of each cell of a tile [3, S, S], of which `side` pixels are divided into patches."""
    image = tile.mean(0)[:side, :side]
    image = np.asarray(Image.fromarray(image).resize((grid.columns, grid.rows), Image.Resampling.BOX))
    return image.reshape(-1)


def tiles_brightness(tiles: np.ndarray, shown: PhotoInput) -> np.ndarray:
    """OneVision's tiles put together again, without the cells that the model takes off as padding."""
    rows, columns = shown.tiles
    side = tiles.shape[-1]
    canvas = tiles.mean(1).reshape(rows, columns, side, side).transpose(0, 2, 1, 3).reshape(rows * side, columns * side)
    height, width = (int(length) for length in np.asarray(shown.tensors["image_sizes"])[0])
    full = (rows * 27, columns * 27)
    cells = np.asarray(Image.fromarray(canvas).resize(full[::-1], Image.Resampling.BOX))
    if width / height > full[1] / full[0]:
        cut = (full[0] - int(round(height * full[1] / width, 7))) // 2
        cells = cells[cut : full[0] - cut]
    else:
        cut = (full[1] - int(round(width * full[0] / height, 7))) // 2
        cells = cells[:, cut : full[1] - cut]
    grid = shown.layout.grids[1]
    return np.asarray(Image.fromarray(cells).resize((grid.columns, grid.rows), Image.Resampling.BILINEAR)).reshape(-1)


def covered(cells: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    """[C] which share of each cell lies in the box."""
    width = np.minimum(cells[:, 2], box[2]) - np.maximum(cells[:, 0], box[0])
    height = np.minimum(cells[:, 3], box[3]) - np.maximum(cells[:, 1], box[1])
    area = np.maximum((cells[:, 2] - cells[:, 0]) * (cells[:, 3] - cells[:, 1]), 1e-6)
    return width.clip(min=0) * height.clip(min=0) / area


@pytest.mark.parametrize(("name", "finer"), EVERY)
@pytest.mark.parametrize("size", SIZES)
def test_a_white_square_is_found_again_in_the_cells_that_lie_on_it(name: str, finer: bool, size: tuple[int, int]) -> None:
    width, height = size
    side = min(size) * 2 // 3
    left, top = (width - side) // 3, (height - side) * 2 // 3
    photo = Image.new("RGB", size, (0, 0, 0))
    ImageDraw.Draw(photo).rectangle((left, top, left + side - 1, top + side - 1), fill=(255, 255, 255))
    case = CASES[name](finer)
    shown = prepared(case, photo)
    cells = shown.layout.cells
    check_cells(shown.layout, size)
    bright = seen_brightness(case, shown)
    assert len(bright) == len(cells)
    area = (cells[:, 2] - cells[:, 0]) * (cells[:, 3] - cells[:, 1])
    whole = area > area.max() * 0.2  # cells that lie mostly on padding mix its colour in
    step_x, step_y = (cells[:, 2] - cells[:, 0]).max(), (cells[:, 3] - cells[:, 1]).max()
    # Resampling smears an edge over its neighbours; cells further away must be right one by one.
    near = covered(cells, (left - step_x, top - step_y, left + side + step_x, top + side + step_y)) > 0
    assert (bright[whole & ~near] < 0.3).all()
    deep = covered(cells, (left + step_x / 2, top + step_y / 2, left + side - step_x / 2, top + side - step_y / 2)) > 0.99
    assert (bright[whole & deep] > 0.7).all()
    weights = np.where(whole & near, bright, 0) * area
    centre = [(weights * (cells[:, axis] + cells[:, axis + 2]) / 2).sum() / weights.sum() for axis in (0, 1)]
    assert abs(centre[0] - (left + side / 2)) < step_x * 0.3
    assert abs(centre[1] - (top + side / 2)) < step_y * 0.3


def check_cells(layout: PhotoLayout, size: tuple[int, int]) -> None:
    """All cells lie on the photo and cover what was seen."""
    cells = layout.cells
    assert (layout.width, layout.height) == size
    assert (cells[:, :2] >= 0).all()
    assert (cells[:, 2:] <= size).all()
    assert (cells[:, 2:] >= cells[:, :2]).all()
    assert len(set(layout.cell_tokens.tolist())) == len(cells)
    assert layout.cell_tokens.max() < layout.image_tokens
    hidden = np.zeros((40, 40), bool)
    for left, top, right, bottom in layout.unseen:
        y, x = (slice(math.floor(low * 40 / length), math.ceil(high * 40 / length))
                for low, high, length in ((top, bottom, size[1]), (left, right, size[0])))
        hidden[y, x] = True
    raster = layout.raster(np.ones(len(cells)), rows=40, columns=40)
    assert (raster[~hidden] > 0).all(), "what isn't covered is known to be unseen"
    area = sum((right - left) * (bottom - top) for left, top, right, bottom in layout.unseen)
    assert area < 0.04 * size[0] * size[1]


@pytest.mark.parametrize("name", list(CASES))
def test_a_strip_is_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(ImageError, match="one side is more than 200 times the other"):
        prepared(CASES[name](False), Image.new("RGB", (2010, 10)))


def test_one_tile_is_used_unless_finer_is_asked_for() -> None:
    photo = Image.new("RGB", (1200, 900))
    counts = {name: prepared(CASES[name](False), photo).layout.image_tokens for name in CASES}
    assert counts == {
        "SmolVLM": 64, "SmolVLM-2.2B": 81, "Idefics3": 169, "Qwen2-VL": 300, "Qwen3-VL": 300, "LLaVA-1.5": 576, "OneVision": 730,
        "InternVL": 256, "PaliGemma": 1024, "Gemma3": 256,
    }


def test_finer_has_a_bound_on_large_photos() -> None:
    photo = Image.new("RGB", (1200, 900))
    counts = {name: prepared(CASES[name](True), photo).layout.image_tokens for name, finer in EVERY if finer}
    assert all(tokens <= 3200 for tokens in counts.values()), counts
    assert all(tokens > prepared(CASES[name](False), photo).layout.image_tokens for name, tokens in counts.items())


def test_values_are_spread_over_their_cells_and_keep_their_sum() -> None:
    layout = tiled(width=200, height=100, tile_rows=1, tile_columns=2, side=2)
    values = np.random.default_rng(0).random(12)
    raster = layout.raster(values, rows=30, columns=50)
    assert raster.shape == (30, 50)
    assert math.isclose(raster.sum(), values.sum(), rel_tol=1e-5)
    only = np.zeros(12)
    only[1] = 1.0  # the second cell of the first tile
    raster = layout.raster(only, rows=2, columns=4)
    assert raster.tolist() == [[0, 1, 0, 0], [0, 0, 0, 0]]


def test_what_falls_on_padding_is_left_out_of_the_raster() -> None:
    layout = single_grid(width=100, height=50, rows=4, columns=4, box=padded_square(100, 50))
    raster = layout.raster(np.ones(16), rows=2, columns=2)
    assert math.isclose(raster.sum(), 8, rel_tol=1e-6)
    assert (layout.cells[:4, 3] == layout.cells[:4, 1]).all(), "the first row of cells is padding"


def test_what_a_crop_leaves_out_is_known() -> None:
    layout = PhotoLayout(100, 50, (CellGrid(2, 2, (25, 0, 75, 50), 0, 2, False),), 4)
    assert layout.unseen == ((0, 0, 25, 50), (75, 0, 100, 50))


def test_the_strip_that_whole_patches_do_not_cover_is_unseen() -> None:
    layout = prepared(CASES["SmolVLM-2.2B"](False), Image.new("RGB", (384, 384))).layout
    assert layout.unseen == ((378, 0, 384, 378), (0, 378, 378, 384), (378, 378, 384, 384))
    assert prepared(CASES["SmolVLM"](False), Image.new("RGB", (384, 384))).layout.unseen == ()


@pytest.mark.parametrize(("name", "finer"), EVERY)
def test_these_models_pass_the_check_of_their_map(name: str, finer: bool) -> None:
    case = CASES[name](finer)
    if not isinstance(case.family, QwenVL):
        case.family.check(case.config, case.processor)
