"""Where the image tokens of a pretrained model lie on the photo. NumPy only.

A photo reaches a model as one or more regular grids of cells: the whole photo, or tiles of it, or both. A cell's rectangle is
in pixels of the upright photo as the user sees it, and never reaches beyond it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the photo."""


@dataclass(frozen=True)
class CellGrid:
    """A regular grid of cells, row by row."""

    rows: int
    columns: int
    box: Box
    """What the grid covers. It may reach beyond the photo where the photo was padded."""
    first_token: int
    """Index of its first cell among the photo's image tokens."""
    row_stride: int
    """Image tokens from one row to the next: `columns`, or one more where a token marks the end of each row."""
    is_overview: bool
    """Whether it shows the whole photo, beside tiles that show parts of it."""

    @property
    def cells(self) -> int:
        return self.rows * self.columns

    def edges(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Pixels at which columns [columns + 1] and rows [rows + 1] begin and end."""
        left, top, right, bottom = self.box
        return np.linspace(left, right, self.columns + 1), np.linspace(top, bottom, self.rows + 1)

    def tokens(self) -> NDArray[np.int64]:
        """[rows * columns] the image token of each cell."""
        starts = self.first_token + self.row_stride * np.arange(self.rows)
        return (starts[:, None] + np.arange(self.columns)).reshape(-1)


@dataclass(frozen=True)
class PlaceGrid:
    """Places that together cover a photo, in rows and columns that may differ in size."""

    x: tuple[float, ...]
    """[columns + 1] where the columns begin and end, as parts of the photo's width."""
    y: tuple[float, ...]
    """[rows + 1] where the rows begin and end, as parts of its height."""

    @property
    def rows(self) -> int:
        return len(self.y) - 1

    @property
    def columns(self) -> int:
        return len(self.x) - 1

    @classmethod
    def even(cls, rows: int, columns: int) -> Self:
        """Places of one size."""
        return cls(tuple(np.linspace(0, 1, columns + 1).tolist()), tuple(np.linspace(0, 1, rows + 1).tolist()))

    @property
    def is_even(self) -> bool:
        return all(bool(np.ptp(np.diff(edges)) < 1e-6) for edges in (self.x, self.y))

    def at(self, x: float, y: float) -> tuple[int, int]:
        """Row and column of the place at a point, in parts of width and height."""
        row, column = (int(np.searchsorted(edges, part, "right")) - 1 for edges, part in ((self.y, y), (self.x, x)))
        return min(self.rows - 1, max(0, row)), min(self.columns - 1, max(0, column))

    def box(self, row: int, column: int) -> Box:
        """In parts of width and height."""
        return self.x[column], self.y[row], self.x[column + 1], self.y[row + 1]


@dataclass(frozen=True)
class PhotoLayout:
    """A photo as a model sees it: C cells among the image tokens, each with its rectangle."""

    width: int
    height: int
    """Pixels of the upright photo."""
    grids: tuple[CellGrid, ...]
    image_tokens: int
    """Image tokens of the photo in the prompt; more than cells where some stand for no place."""

    @property
    def cell_count(self) -> int:
        return sum(grid.cells for grid in self.grids)

    @property
    def cells(self) -> FloatArray:
        """[C, 4] left, top, right, bottom of each cell; without area where it lies beyond the photo, on padding."""
        found: list[NDArray[np.float64]] = []
        for grid in self.grids:
            x, y = grid.edges()
            x, y = x.clip(0, self.width), y.clip(0, self.height)
            left, top = np.meshgrid(x[:-1], y[:-1])
            right, bottom = np.meshgrid(x[1:], y[1:])
            found.append(np.stack([left, top, right, bottom], axis=-1).reshape(-1, 4))
        return np.concatenate(found).astype(np.float32)

    @property
    def cell_tokens(self) -> NDArray[np.int64]:
        """[C] the image token of each cell."""
        return np.concatenate([grid.tokens() for grid in self.grids])

    @property
    def unseen(self) -> tuple[Box, ...]:
        """Rectangles of the photo that the model never saw, without overlap."""
        return _outside(self.width, self.height, [grid.box for grid in self.grids])

    def raster(self, values: NDArray[np.floating], *, rows: int, columns: int) -> FloatArray:
        """The cells' values [C] spread evenly over their rectangles, summed on a raster [rows, columns] of the photo.

        What lies on padding is left out, so the sum may be smaller than that of the values.
        """
        return self._spread(values, np.linspace(0, self.width, columns + 1), np.linspace(0, self.height, rows + 1))

    @property
    def places(self) -> PlaceGrid:
        """The photo cut along the edges of its cells: of the tiles' where there are tiles, else of the only grid's."""
        boxes = [grid.edges() for grid in self.grids if not grid.is_overview] or [grid.edges() for grid in self.grids]
        parts = ((self.width, [x for x, _ in boxes]), (self.height, [y for _, y in boxes]))
        x, y = (_parts(max(length, 1), edges) for length, edges in parts)
        return PlaceGrid(x, y)

    def on_places(self, values: NDArray[np.floating]) -> FloatArray:
        """[..., rows, columns] of `places`: the cells' values [..., C] that fall on each; those of all grids are added up."""
        places = self.places
        return self._spread(values, np.asarray(places.x) * self.width, np.asarray(places.y) * self.height)

    @property
    def unseen_parts(self) -> tuple[Box, ...]:
        """`unseen` in parts of the photo's width and height."""
        width, height = max(self.width, 1), max(self.height, 1)
        return tuple((left / width, top / height, right / width, bottom / height) for left, top, right, bottom in self.unseen)

    def _spread(self, values: NDArray[np.floating], x: NDArray[np.float64], y: NDArray[np.float64]) -> FloatArray:
        leading = values.shape[:-1]
        total = np.zeros((*leading, len(y) - 1, len(x) - 1))
        start = 0
        for grid in self.grids:
            part = np.asarray(values[..., start : start + grid.cells], np.float64).reshape(*leading, grid.rows, grid.columns)
            start += grid.cells
            grid_x, grid_y = grid.edges()
            total += shares(y, grid_y) @ part @ shares(x, grid_x).T
        return total.astype(np.float32)


def _parts(length: int, edges: Sequence[NDArray[np.float64]]) -> tuple[float, ...]:
    """Edges in [0, length] as parts of it, with both ends; such as differ by rounding only are one."""
    found = np.unique(np.concatenate([[0.0, 1.0], *(each.clip(0, length) / length for each in edges)]).round(6))
    return tuple(found.tolist())


def shares(raster: NDArray[np.float64], cells: NDArray[np.float64]) -> NDArray[np.float64]:
    """[R, C] which share of each cell lies in each interval of the raster, from the edges [R + 1] and [C + 1] of both."""
    low = np.maximum(raster[:-1, None], cells[None, :-1])
    high = np.minimum(raster[1:, None], cells[None, 1:])
    return (high - low).clip(min=0) / np.maximum(cells[1:] - cells[:-1], 1e-9)[None]


def single_grid(
    *, width: int, height: int, rows: int, columns: int, box: Box | None = None, covered: float = 1.0,
    first_token: int = 0, image_tokens: int | None = None,
) -> PhotoLayout:
    """One grid over the whole photo, or over a box around it where the photo was padded. covered: see covered_part."""
    whole = covered_part(box or (0, 0, width, height), covered)
    grid = CellGrid(rows, columns, whole, first_token, columns, is_overview=False)
    return PhotoLayout(width, height, (grid,), grid.cells if image_tokens is None else image_tokens)


def tiled(
    *, width: int, height: int, tile_rows: int, tile_columns: int, side: int, covered: float = 1.0
) -> PhotoLayout:
    """Tiles that divide the photo evenly, row by row, each of side x side cells; the whole photo comes last.

    covered: see covered_part.
    """
    grids: list[CellGrid] = []
    for row in range(tile_rows):
        for column in range(tile_columns):
            box = (
                width * column / tile_columns, height * row / tile_rows,
                width * (column + 1) / tile_columns, height * (row + 1) / tile_rows,
            )
            grids.append(CellGrid(side, side, covered_part(box, covered), len(grids) * side * side, side, is_overview=False))
    whole = covered_part((0, 0, width, height), covered)
    grids.append(CellGrid(side, side, whole, len(grids) * side * side, side, is_overview=True))
    return PhotoLayout(width, height, tuple(grids), len(grids) * side * side)


def covered_part(box: Box, covered: float) -> Box:
    """What a vision tower sees of a box: without a strip on the right and at the bottom where its patches don't fit in evenly.

    covered: which part of each side whole patches cover, in (0, 1].
    """
    left, top, right, bottom = box
    return (left, top, left + (right - left) * covered, top + (bottom - top) * covered)


def padded_square(width: int, height: int) -> Box:
    """The square around a photo in the middle of which it lies, in whole pixels."""
    side = max(width, height)
    left, top = (side - width) // 2, (side - height) // 2
    return (-left, -top, side - left, side - top)


def _outside(width: int, height: int, seen: Sequence[Box]) -> tuple[Box, ...]:
    """The photo without the seen boxes, cut into rectangles along their edges."""
    x, y = _edges(width, ((box[0], box[2]) for box in seen)), _edges(height, ((box[1], box[3]) for box in seen))
    hidden: list[Box] = []
    for top, bottom in pairwise(y):
        for left, right in pairwise(x):
            middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
            if not any(box[0] <= middle_x <= box[2] and box[1] <= middle_y <= box[3] for box in seen):
                hidden.append((left, top, right, bottom))
    return tuple(hidden)


def _edges(length: float, spans: Iterable[tuple[float, float]]) -> list[float]:
    inside = {min(max(edge, 0.0), float(length)) for span in spans for edge in span}
    return sorted(inside | {0.0, float(length)})
