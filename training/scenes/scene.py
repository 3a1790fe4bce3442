"""What is in a generated scene: shapes of a colour, kind and size, each in a place of its own. Drawn at random from a seed.

Coordinates are parts of the picture's side, from its top left corner.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

KINDS = ("circle", "square", "triangle", "star", "heart", "cross", "ring", "diamond")
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "black", "white")
BACKGROUNDS = ("grey", "pink", "beige", "turquoise")
"""Colours that no shape has."""
PATTERNS = ("plain", "gradient", "stripes", "checks", "noise")
SIZES = {"small": (0.05, 0.06), "medium": (0.08, 0.09), "large": (0.115, 0.125)}
"""Least and largest radius; the gaps between them keep the words true."""
ROWS, COLUMNS = ("top", "middle", "bottom"), ("left", "middle", "right")
MARGIN = 0.07
"""Left free at every side."""
MOST_GROUPS, MOST_OF_A_GROUP, MOST_SHAPES = 4, 4, 8
SHARED = 0.5
"""Part of the groups that have their colour or kind from another one, so that both must be looked at together."""
MOST_STRAY_MARKS = 5

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Shape:
    """One shape of a scene."""

    colour: str
    kind: str
    size: str
    """A key of SIZES."""
    row: int
    column: int
    centre: tuple[float, float]
    radius: float
    """Of the circle around it."""
    angle: float
    """Turned by so many degrees."""

    @property
    def name(self) -> str:
        """Colour and kind: "red circle"."""
        return f"{self.colour} {self.kind}"

    @property
    def place(self) -> str:
        """Where it is, for a sentence: "at the top left"."""
        row, column = ROWS[self.row], COLUMNS[self.column]
        if row == "middle":
            return "in the middle" if column == "middle" else f"on the {column}"
        return f"at the {row}" if column == "middle" else f"at the {row} {column}"


@dataclass(frozen=True)
class Group:
    """All shapes of one colour and kind; they have one size."""

    shapes: tuple[Shape, ...]

    @property
    def first(self) -> Shape:
        return self.shapes[0]

    def __len__(self) -> int:
        return len(self.shapes)


@dataclass(frozen=True)
class Scene:
    """A picture before it is drawn."""

    name: str
    """Of its file."""
    background: str
    pattern: str
    groups: tuple[Group, ...]
    stray_marks: int
    """Thin strokes and dots in the background's own colour that no caption mentions."""

    @cached_property
    def shapes(self) -> tuple[Shape, ...]:
        return tuple(shape for group in self.groups for shape in group.shapes)

    @cached_property
    def counts(self) -> Counter[str]:
        """How many there are of each name, of each kind, and of shapes in all; what isn't there counts 0."""
        return Counter(name for shape in self.shapes for name in (shape.name, shape.kind, "shape"))

    def groups_of(self, kind: str) -> list[Group]:
        """The groups of a kind, which differ in colour."""
        return [group for group in self.groups if group.first.kind == kind]


def scene_by_number(number: int, *, seed: int) -> Scene:
    """The scene of this number under a seed; always the same."""
    rng = random.Random(f"{seed} scene {number}")
    cells = [(row, column) for row in range(len(ROWS)) for column in range(len(COLUMNS))]
    rng.shuffle(cells)
    groups: list[Group] = []
    for colour, kind in _names(rng):
        count = rng.choices(range(1, MOST_OF_A_GROUP + 1), weights=(5, 3, 2, 2))[0]
        count = min(count, MOST_SHAPES - sum(map(len, groups)))
        size = rng.choice(tuple(SIZES))
        places = [cells.pop() for _ in range(count)]
        if places:
            groups.append(Group(tuple(_placed(colour, kind, size, place, rng) for place in places)))
    return Scene(
        name=f"scene{number:06}.jpg", background=rng.choice(BACKGROUNDS), pattern=rng.choice(PATTERNS),
        groups=tuple(groups), stray_marks=rng.randint(0, MOST_STRAY_MARKS),
    )


def _names(rng: random.Random) -> Iterator[tuple[str, str]]:
    """Different pairs of a colour and a kind."""
    taken: list[tuple[str, str]] = []
    wanted = rng.choices(range(1, MOST_GROUPS + 1), weights=(3, 4, 3, 2))[0]
    while len(taken) < wanted:
        colour, kind = rng.choice(COLOURS), rng.choice(KINDS)
        if taken and rng.random() < SHARED:
            colour, kind = rng.choice([(rng.choice(taken)[0], kind), (colour, rng.choice(taken)[1])])
        if (colour, kind) not in taken:
            taken.append((colour, kind))
            yield colour, kind


def _placed(colour: str, kind: str, size: str, cell: tuple[int, int], rng: random.Random) -> Shape:
    """A shape that stays within its cell, so that shapes never touch."""
    side = (1 - 2 * MARGIN) / len(ROWS)
    radius = rng.uniform(*SIZES[size])
    loose = 0.8 * (side / 2 - radius)
    x, y = (MARGIN + (index + 0.5) * side + rng.uniform(-loose, loose) for index in (cell[1], cell[0]))
    return Shape(colour, kind, size, cell[0], cell[1], (x, y), radius, rng.uniform(-12, 12))
