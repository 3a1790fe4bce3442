"""Widgets one below the other or side by side, in one call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLayout,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

LEAST_SCROLLED = 160
"""Pixels of a part that scrolls, where others are to stay in sight."""
Box = TypeVar("Box", bound=QBoxLayout)
Item = QWidget | QLayout | int | tuple[QWidget | QLayout, int]
"""A widget or a layout, with its stretch where it has one; a number is empty room with that stretch."""


def column_of(
    *items: Item, parent: QWidget | None = None, margins: Sequence[int] | None = None, spacing: int | None = None
) -> QVBoxLayout:
    """Items from top to bottom. parent: the widget that they fill; margins: left, top, right and bottom, () for none."""
    return _filled(QVBoxLayout(parent) if parent is not None else QVBoxLayout(), items, margins=margins, spacing=spacing)


def row_of(
    *items: Item, parent: QWidget | None = None, margins: Sequence[int] | None = None, spacing: int | None = None
) -> QHBoxLayout:
    """The same from left to right."""
    return _filled(QHBoxLayout(parent) if parent is not None else QHBoxLayout(), items, margins=margins, spacing=spacing)


def _filled(
    layout: Box, items: Sequence[Item], *, margins: Sequence[int] | None, spacing: int | None
) -> Box:
    if margins is not None:
        layout.setContentsMargins(*(margins or (0, 0, 0, 0)))
    if spacing is not None:
        layout.setSpacing(spacing)
    for item in items:
        if isinstance(item, int):
            layout.addStretch(item)
            continue
        content, stretch = item if isinstance(item, tuple) else (item, 0)
        if isinstance(content, QLayout):
            layout.addLayout(content, stretch)
        else:
            layout.addWidget(content, stretch)
    return layout


def scrolled(content: QWidget, *, frame: bool = True, gives_way: bool = False) -> QScrollArea:
    """The content with bars where there is too little room for it; Tab goes to what is in it.

    gives_way: it asks for no height, so that what stands below it stays in sight.
    """
    area = QScrollArea()
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    if gives_way:
        area.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        area.setMinimumHeight(LEAST_SCROLLED)
    if not frame:
        area.setFrameShape(QFrame.Shape.NoFrame)
    return area


def divided(*parts: QWidget, sizes: Sequence[int], collapsible: bool = False) -> QSplitter:
    """Parts side by side that can be made wider. sizes: pixels at first; collapsible: a part can be dragged to nothing."""
    columns = QSplitter(Qt.Orientation.Horizontal)
    for part in parts:
        columns.addWidget(part)
    columns.setSizes(list(sizes))
    columns.setHandleWidth(10)
    columns.setChildrenCollapsible(collapsible)
    return columns
