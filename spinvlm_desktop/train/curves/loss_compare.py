"""The dev losses of several runs in one plot."""

from __future__ import annotations

import html
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pyqtgraph as pg
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QLabel, QWidget

from spinvlm_desktop.train.curves.count_axis import CountAxis
from spinvlm_desktop.train.curves.zoom_box import ZoomBox
from spinvlm_desktop.widgets.flow_layout import FlowLayout
from spinvlm_desktop.widgets.labels import sentence_label
from spinvlm_desktop.widgets.layouts import column_of
from spinvlm_desktop.widgets.plot_axes import dress_axes
from training.run.events import History, event_of
from training.run.run_folder import RunFolder

HUES = 9
STEP_START = b'{"event": "step",'


class LossCompare(QWidget):
    """Passes are counted through both stages."""

    def __init__(self, runs: Sequence[Path], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curves = {folder.name: dev_losses(folder) for folder in runs}
        self.plot = pg.PlotWidget(viewBox=ZoomBox(), axisItems={"bottom": CountAxis()})
        self.plot.setAccessibleName("Dev losses of the chosen runs")
        self.plot.setLabel("bottom", "pass, through both stages")
        self.plot.setLabel("left", "dev loss")
        self.plot.showGrid(x=True, y=True, alpha=0.2)
        self._words = sentence_label("Best dev losses")
        self._names = {name: QLabel() for name in self._curves}
        legend = QWidget()  # above the curves, where it hides none of them
        row = FlowLayout(legend)
        for label in self._names.values():
            row.addWidget(label)
        column_of(legend, (self.plot, 1), self._words, parent=self)
        best = {name: min(losses) for name, losses in self._curves.items() if losses}
        self._words.setText(
            "Best dev loss: " + ", ".join(f"{name} {loss:.3f}" for name, loss in sorted(best.items(), key=lambda item: item[1]))
            + ". They can be compared where the runs learnt from the same photos and words."
            if best else "None of these runs has finished a pass yet."
        )
        self._draw()

    def _draw(self) -> None:
        self.plot.clear()
        dress_axes(self.plot)
        for number, (name, losses) in enumerate(self._curves.items()):
            colour = pg.intColor(number, hues=HUES, values=1, maxValue=210)
            self.plot.plot(
                list(range(1, len(losses) + 1)), losses, pen=pg.mkPen(colour, width=2), symbol="o", symbolSize=6,
                symbolBrush=colour, symbolPen=None,
            )
            self._names[name].setText(f'<span style="color:{colour.name()}">━●━</span> {html.escape(name)}')

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "_words"):
            self._draw()

    def in_words(self) -> str:
        return self._words.text()


def dev_losses(folder: Path) -> list[float]:
    """After each pass of both stages."""
    history = History()
    with suppress(OSError), RunFolder(folder).events.open("rb") as file:
        for line in file:
            # Of a long run nearly all lines are steps, which take long to read.
            if not line.startswith(STEP_START) and (event := event_of(line)) is not None:
                history.take(event)
    return [float(event["dev_loss"]) for event in history.events if event["event"] == "epoch" and "dev_loss" in event]
