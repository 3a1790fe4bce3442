"""Light and dark: one palette, one stylesheet. Fusion draws everything, so that all systems look alike."""

from __future__ import annotations

from dataclasses import dataclass, fields
from importlib import resources
from pathlib import Path
from string import Template
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

TITLE = 1.4
"""How much larger a title is than other text."""
ThemeName = Literal["system", "light", "dark"]


@dataclass(frozen=True)
class Colours:
    """What things are drawn with. Every text colour has at least 4.5:1 on each ground it is used on (WCAG 2.2, 1.4.3)."""

    window: str
    """Ground of the window."""
    surface: str
    """Ground of panels, fields and the model's bubbles."""
    raised: str
    """Ground of buttons and of what the pointer is over."""
    border: str
    text: str
    muted: str
    """Text of less weight."""
    accent: str
    """Ground of what is chosen and of the main button, under `on_accent`."""
    on_accent: str
    link: str
    """The accent as a text colour."""
    question: str
    """Ground of the user's bubbles."""
    error: str
    """Text of errors."""
    error_ground: str
    weak: str
    """Underline of weakly grounded words."""
    mark: str
    """Ground of words that differ between two answers."""


LIGHT = Colours(
    window="#f4f5f7", surface="#ffffff", raised="#e9ebef", border="#c9cdd5", text="#1b1f27", muted="#5a6270",
    accent="#1f5fc4", on_accent="#ffffff", link="#1a56b4", question="#dce8fb", error="#a3201d", error_ground="#fdeceb",
    weak="#c25a00", mark="#fde9a9",
)
DARK = Colours(
    window="#16181d", surface="#1f2229", raised="#2b2f38", border="#424854", text="#e8eaee", muted="#a6adb9",
    accent="#2f66c8", on_accent="#ffffff", link="#86b3ff", question="#23385c", error="#ffa29c", error_ground="#3f2322",
    weak="#ffa654", mark="#5c4a12",
)


def colours() -> Colours:
    """The colours in force; a widget asks again in `changeEvent` when its palette has changed."""
    return DARK if QApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128 else LIGHT


def is_dark(theme: ThemeName) -> bool:
    """Whether a theme is dark; `system` asks the system."""
    if theme != "system":
        return theme == "dark"
    return QApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def apply_theme(application: QApplication, theme: ThemeName, *, font_size: int) -> None:
    """Dress the whole application. font_size: points."""
    apply_colours_and_font(application, theme, font_size=font_size)
    apply_style_sheet(application, theme, font_size=font_size)


def apply_colours_and_font(application: QApplication, theme: ThemeName, *, font_size: int) -> None:
    """What widgets measure themselves by while they are made."""
    chosen = _colours_of(theme)
    application.setStyle("Fusion")
    application.setPalette(_palette(chosen))
    font = application.font()
    font.setPointSize(font_size)
    application.setFont(font)


def apply_style_sheet(application: QApplication, theme: ThemeName, *, font_size: int) -> None:
    """The rest. It is looked through again for each widget that finds its place in another one: a window is made before it."""
    chosen = _colours_of(theme)
    styles = resources.files("resources").joinpath("styles")
    sheet = Template(styles.joinpath("window.qss").read_text(encoding="utf-8"))
    values = {item.name: getattr(chosen, item.name) for item in fields(chosen)}
    title_size = round(TITLE * font_size)
    application.setStyleSheet(sheet.substitute(values, styles=Path(str(styles)).as_posix(), title_size=f"{title_size}pt"))


def _colours_of(theme: ThemeName) -> Colours:
    return DARK if is_dark(theme) else LIGHT


def _palette(chosen: Colours) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for name, colour in {
        role.Window: chosen.window, role.Base: chosen.surface, role.AlternateBase: chosen.raised, role.Button: chosen.raised,
        role.WindowText: chosen.text, role.Text: chosen.text, role.ButtonText: chosen.text, role.ToolTipBase: chosen.surface,
        role.ToolTipText: chosen.text, role.PlaceholderText: chosen.muted, role.Highlight: chosen.accent,
        role.HighlightedText: chosen.on_accent, role.Link: chosen.link, role.Mid: chosen.border, role.Light: chosen.surface,
        role.Dark: chosen.border, role.Midlight: chosen.raised, role.Shadow: chosen.border,
    }.items():
        palette.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(chosen.muted))
    return palette
