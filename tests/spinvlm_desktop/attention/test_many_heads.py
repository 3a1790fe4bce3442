"""The grid of a model with many layers: strips with the mean, one of them open, by pointer and by keys."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from spinvlm_desktop.attention.head_grid import HeadGrid


@pytest.fixture
def grid(qtbot: QtBot) -> HeadGrid:
    """32 layers of 32 heads, each with a mass of its own; of each layer the first heads are suppressed, one a layer more."""
    made = HeadGrid()
    qtbot.addWidget(made)
    mass = np.arange(1024, dtype=np.float32).reshape(32, 32) / 1023
    gate = np.ones((32, 32), np.float32)
    for layer in range(32):
        gate[layer, :layer] = 0.1
    made.set_grid(mass, gate)
    made.resize(420, made.sizeHint().height())
    made.show()
    return made


def test_layers_are_strips_that_a_click_opens_and_closes(grid: HeadGrid, qtbot: QtBot) -> None:
    closed = grid.sizeHint().height()
    assert closed < 1000
    strip = grid.cell_rect(5, 0).center().toPoint()
    qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=strip)
    assert grid.opened == 5
    assert grid.sizeHint().height() > closed
    assert "open" in grid.accessibleDescription()
    with qtbot.waitSignal(grid.head_chosen) as chosen:
        qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=grid.cell_rect(5, 20).center().toPoint())
    assert chosen.args == [(5, 20)]
    with qtbot.waitSignal(grid.ablation_toggled) as toggled:
        qtbot.mouseClick(
            grid, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, grid.cell_rect(5, 31).center().toPoint()
        )
    assert toggled.args == [5, 31]
    qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=strip)
    assert grid.opened is None


def test_no_cell_of_an_open_layer_lies_on_another_or_on_a_strip(grid: HeadGrid) -> None:
    grid.open_layer(7)
    grid.resize(420, grid.sizeHint().height())
    rects = [grid.cell_rect(7, head) for head in range(32)] + [grid.cell_rect(layer, 0) for layer in range(32) if layer != 7]
    for place, rect in enumerate(rects):
        assert grid.rect().toRectF().contains(rect)
        assert not any(rect.intersects(other) for other in rects[place + 1 :])


def test_keys_go_through_layers_and_into_one(grid: HeadGrid, qtbot: QtBot) -> None:
    for _ in range(3):
        qtbot.keyClick(grid, Qt.Key.Key_Down)
    assert grid.accessibleDescription().startswith("Layer 4: ")
    assert "3 suppressed" in grid.accessibleDescription()
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert grid.opened == 3
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert grid.opened is None
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert grid.opened == 3
    assert grid.accessibleDescription().startswith("Layer 4, head 2: ")
    with qtbot.waitSignal(grid.head_chosen) as chosen:
        qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert chosen.args == [(3, 1)]
    with qtbot.waitSignal(grid.ablation_toggled) as toggled:
        qtbot.keyClick(grid, Qt.Key.Key_Space)
    assert toggled.args == [3, 1]
    qtbot.keyClick(grid, Qt.Key.Key_Left)
    qtbot.keyClick(grid, Qt.Key.Key_Left)
    assert grid.accessibleDescription().startswith("Layer 4: ")


def test_the_layer_of_a_chosen_head_opens_and_strips_count_what_is_off(grid: HeadGrid) -> None:
    grid.set_selected((30, 2))
    assert grid.opened == 30
    grid.set_ablated(frozenset({(9, 1), (9, 2), (4, 4)}))
    assert "9 suppressed · 2 off by hand" in grid.describe(9, None)
    assert grid.describe(9, 1).endswith("to be switched off by hand")


def test_few_layers_are_all_open(qtbot: QtBot) -> None:
    grid = HeadGrid()
    qtbot.addWidget(grid)
    grid.set_grid(np.zeros((4, 8), np.float32), np.ones((4, 8), np.float32))
    grid.resize(300, grid.sizeHint().height())
    rects = [grid.cell_rect(layer, head) for layer in range(4) for head in range(8)]
    assert len({(rect.x(), rect.y()) for rect in rects}) == 32
