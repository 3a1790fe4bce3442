from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QComboBox, QLineEdit, QPlainTextEdit, QScrollBar, QWidget
from pytestqt.qtbot import QtBot

from spinvlm_desktop.attention.colour_map import colour_of, luminance, text_on
from spinvlm_desktop.chat.chat_tab import ChatTab
from spinvlm_desktop.widgets.theme import DARK, LIGHT, Colours

LEGIBLE = 4.5
"""WCAG 2.2, 1.4.3, level AA."""
SEEN = 3.0
"""WCAG 2.2, 1.4.11: of what isn't text."""
PAIRS = {
    "text": ("window", "surface", "raised", "question", "mark", "border"),
    "muted": ("window", "surface", "raised", "question"),
    "error": ("error_ground", "window", "surface"),
    "link": ("window", "surface"),
    "on_accent": ("accent",),
}


def contrast(one: QColor, other: QColor) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_all_text_is_legible(theme: Colours) -> None:
    found = {
        (text, ground): contrast(QColor(getattr(theme, text)), QColor(getattr(theme, ground)))
        for text, grounds in PAIRS.items()
        for ground in grounds
    }
    assert {pair: ratio for pair, ratio in found.items() if ratio < LEGIBLE} == {}


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_drawn_marks_are_seen_on_every_ground(theme: Colours) -> None:
    found: dict[tuple[str, str, str], float] = {}
    for path in Path(str(resources.files("resources").joinpath("styles"))).glob("*.svg"):
        for colour in re.findall(r'(?:stroke|fill)="(#\w+)"', path.read_text(encoding="utf-8")):
            for ground in ("accent",) if path.name == "check.svg" else ("surface", "raised"):
                found[path.name, colour, ground] = contrast(QColor(colour), QColor(getattr(theme, ground)))
    assert {name for name, *_ in found} == {
        "check.svg", "chevron-down.svg", "chevron-left.svg", "chevron-right.svg", "chevron-up.svg", "clear.svg",
    }
    assert {mark: ratio for mark, ratio in found.items() if ratio < SEEN} == {}


def test_numbers_are_legible_on_every_colour_of_the_map() -> None:
    for step in range(101):
        ground = colour_of(step / 100)
        assert contrast(text_on(ground), ground) >= LEGIBLE


def test_everything_that_is_operated_has_a_name_and_a_tip(qtbot: QtBot) -> None:
    tab = ChatTab()
    qtbot.addWidget(tab)
    kinds = (QAbstractButton, QAbstractSlider, QComboBox, QLineEdit, QPlainTextEdit)
    operated = [
        widget for kind in kinds for widget in tab.findChildren(kind)
        if not widget.objectName().startswith("qt_") and not isinstance(widget, QScrollBar)
        and not isinstance(widget.parentWidget(), QLineEdit)  # the button that clears a field is Qt's own
    ]
    assert len(operated) > 20
    nameless = [_place(widget) for widget in operated if not widget.accessibleName() and not _text(widget)]
    assert nameless == []
    tipless = [_place(widget) for widget in operated if isinstance(widget, QAbstractButton) and not widget.toolTip()]
    assert tipless == []


def _text(widget: QWidget) -> str:
    return widget.text() if isinstance(widget, QAbstractButton) else ""


def _place(widget: QWidget) -> str:
    parent = widget.parentWidget()
    return f"{type(parent).__name__}/{type(widget).__name__} {_text(widget)!r} {widget.objectName()!r}"
