"""The order of the image tokens: a patch of the photo that changes, changes most the token whose cell lies there."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from core.pretrained.loading.model_check import photo_features
from core.pretrained.tiny_models.families import TINY
from tests.core.pretrained.conftest import Loaded

FINER = ["idefics3", "qwen2_vl", "qwen3_vl", "llava_onevision", "internvl"]


def features(model: object, photo: Image.Image, *, finer: bool) -> tuple[np.ndarray, object]:
    parts = model.parts  # type: ignore[attr-defined]
    shown = parts.loaded.family.photo(parts.processor, parts.loaded.model.config, photo, finer=finer)
    found = photo_features(parts.loaded, shown).pooler_output
    tokens = torch.cat([each.reshape(-1, each.shape[-1]) for each in found])  # [I, D]
    return tokens.numpy(), shown.layout


@pytest.mark.parametrize(("family", "finer"), [*((each, False) for each in TINY), *((each, True) for each in FINER)])
def test_a_cell_of_the_photo_is_the_token_that_the_layout_says(family: str, finer: bool, loaded: Loaded) -> None:
    model = loaded(family)
    noise = np.random.default_rng(1).integers(90, 110, (64, 96, 3), np.uint8)
    before, layout = features(model, Image.fromarray(noise, "RGB"), finer=finer)
    assert len(before) == layout.image_tokens  # type: ignore[attr-defined]
    cells, tokens = layout.cells, layout.cell_tokens  # type: ignore[attr-defined]
    area = (cells[:, 2] - cells[:, 0]) * (cells[:, 3] - cells[:, 1])
    full = np.flatnonzero(area > area.max() * 0.99)
    found = 0
    chosen = full[:: max(1, len(full) // 6)]
    for cell in chosen:
        left, top, right, bottom = np.rint(cells[cell]).astype(int)
        changed = noise.copy()
        changed[top:bottom, left:right] = np.random.default_rng(2).integers(0, 256, (bottom - top, right - left, 3))
        after, _ = features(model, Image.fromarray(changed, "RGB"), finer=finer)
        difference = np.linalg.norm(after - before, axis=-1)[tokens]
        # An overview and a tile both show the place, so only cells of the same grid compete.
        grid = next(
            range(start, start + size) for start, size in _grids(layout) if start <= cell < start + size
        )
        found += int(difference[grid.start : grid.stop].argmax()) + grid.start == cell
    assert found >= len(chosen) - 1


def _grids(layout: object) -> list[tuple[int, int]]:
    starts, start = [], 0
    for grid in layout.grids:  # type: ignore[attr-defined]
        starts.append((start, grid.cells))
        start += grid.cells
    return starts
