"""Cycles are collected in the window's thread alone, and none is kept for ever."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject

from spinvlm_desktop.worker.garbage import WindowThreadGarbage


class Cycle:
    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def garbage(qtbot: object) -> Iterator[WindowThreadGarbage]:
    window = QObject()
    garbage = WindowThreadGarbage(window)
    yield garbage
    garbage.end()


def test_a_cycle_that_was_left_before_a_model_was_loaded_is_collected(garbage: WindowThreadGarbage) -> None:
    cycle = Cycle()
    left = weakref.ref(cycle)
    del cycle
    garbage.settle()
    gc.collect()
    assert left() is None


def test_a_cycle_that_was_in_use_at_one_load_and_left_by_the_next_is_collected(garbage: WindowThreadGarbage) -> None:
    model = Cycle()
    left = weakref.ref(model)
    garbage.settle()
    del model
    garbage.settle()
    gc.collect()
    assert left() is None
    assert gc.get_freeze_count() > 0, "what is in use isn't looked over again"
