"""A plot's ground and axes, in the theme's colours and the window's font size."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtWidgets import QApplication

from spinvlm_desktop.widgets.theme import colours


def dress_axes(plot: pg.PlotWidget) -> None:
    """pyqtgraph follows neither; to be called again after a change of theme or font."""
    chosen, font = colours(), QApplication.font()  # a widget's own follows its parent's, after the parent was told
    plot.setBackground(chosen.surface)
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setPen(chosen.border)
        axis.setTextPen(chosen.text)
        axis.setStyle(tickFont=font)
        axis.setLabel(axis.labelText, **{"color": chosen.text, "font-size": f"{font.pointSizeF():g}pt"})
