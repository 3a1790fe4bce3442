"""Maps of a pretrained model on the cells that it saw, wherever these lie on the photo."""

from __future__ import annotations

import numpy as np
import pytest

from core.answers import CellToken
from core.photo_layout import PhotoLayout, padded_square, single_grid, tiled
from spinvlm_desktop.answers.answer_words import AnswerWord, answer_words
from spinvlm_desktop.attention.answer_maps import CellMaps
from spinvlm_desktop.attention.colour_map import even_map
from spinvlm_desktop.attention.head_maps import ALL_KEPT, HeadSelection, describe_map

TILES = tiled(width=80, height=40, tile_rows=1, tile_columns=2, side=2)


def word_on(layout: PhotoLayout, cell: int, *, layer: int = 0) -> AnswerWord:
    """A word whose whole attention of 0.5 fell on one cell, in one of two layers; of that layer 3 of 4 heads are kept."""
    cells = np.zeros((2, layout.cell_count), np.float16)
    cells[layer, cell] = 0.5
    gate = np.ones((2, 4), np.float32)
    gate[layer, 3] = 0
    return answer_words([CellToken(0, 1, "bus", 0.5, np.full((2, 4), 0.5, np.float32), gate, cells)])[0]


def test_a_tiles_cell_lies_where_the_tile_does_and_the_overview_is_added() -> None:
    maps = CellMaps(TILES)
    assert (maps.places.rows, maps.places.columns) == (2, 4)
    on_tile = maps.of_word(word_on(TILES, 5), HeadSelection(0))
    assert on_tile is not None
    assert np.argwhere(on_tile > 0).tolist() == [[0, 3]], "the second tile's second cell"
    assert on_tile.sum() == pytest.approx(0.5)
    on_overview = maps.of_word(word_on(TILES, 8), HeadSelection(0))
    assert on_overview is not None
    assert np.argwhere(on_overview > 0).tolist() == [[0, 0], [0, 1]]
    assert on_overview.sum() == pytest.approx(0.5)


def test_layers_count_by_the_heads_that_they_keep() -> None:
    found = CellMaps(TILES).of_word(word_on(TILES, 5), ALL_KEPT)
    assert found is not None
    assert found.sum() == pytest.approx(0.5 * 3 / 7)


def test_cells_on_padding_are_no_places_and_the_rest_is_where_the_photo_is() -> None:
    layout = single_grid(width=80, height=40, rows=4, columns=4, box=padded_square(80, 40))
    maps = CellMaps(layout)
    assert (maps.places.rows, maps.places.columns) == (2, 4)
    above = maps.of_word(word_on(layout, 1), HeadSelection(0))
    assert above is not None
    assert above.sum() == 0
    inside = maps.of_word(word_on(layout, 7), HeadSelection(0))
    assert inside is not None
    assert np.argwhere(inside > 0).tolist() == [[0, 3]]


def test_a_strip_that_the_model_never_saw_is_known_and_has_no_attention() -> None:
    layout = single_grid(width=100, height=50, rows=2, columns=2, covered=0.9)
    maps = CellMaps(layout)
    assert maps.places.x == pytest.approx((0, 0.45, 0.9, 1))
    assert {tuple(round(edge, 3) for edge in box) for box in maps.unseen} >= {(0.9, 0.0, 1.0, 0.9)}
    found = maps.of_word(word_on(layout, 3), HeadSelection(0))
    assert found is not None
    assert found[:, 2].sum() == found[2].sum() == 0
    flat = even_map(found, maps.places, smooth=False)
    share = (flat > 0).mean()
    assert share == pytest.approx(0.45 * 0.45, abs=0.02)
    assert even_map(found, maps.places, smooth=True).max() <= found.max() + 1e-6
    assert describe_map(found, maps.places, unit="cell").startswith("Strongest: lower right, 100%")


def test_a_single_heads_map_is_missing_until_it_is_added() -> None:
    maps, word = CellMaps(TILES), word_on(TILES, 5)
    head = HeadSelection(1, 2)
    assert maps.missing(word, head) == [0]
    assert maps.of_word(word, head) is None
    own = np.zeros((2, 4, TILES.cell_count), np.float16)
    own[1, 2, 0] = 0.25
    maps.add_heads(0, own)
    found = maps.of_word(word, head)
    assert found is not None
    assert np.argwhere(found > 0).tolist() == [[0, 0]]
