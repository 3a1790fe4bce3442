"""The loss curves of both stages: train loss by step, dev loss by epoch."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QCheckBox, QFileDialog, QMessageBox, QWidget

from core.errors import reason_of
from core.files.atomic_file import write_bytes, write_text
from spinvlm_desktop.system.png import png_bytes
from spinvlm_desktop.system.start_folder import StartFolder
from spinvlm_desktop.train.curves.count_axis import CountAxis
from spinvlm_desktop.train.curves.zoom_box import ZoomBox
from spinvlm_desktop.widgets.controls import push_button
from spinvlm_desktop.widgets.labels import sentence_label
from spinvlm_desktop.widgets.layouts import column_of, row_of
from spinvlm_desktop.widgets.plot_axes import dress_axes
from spinvlm_desktop.widgets.theme import colours
from training.run.events import Event

MOST_POINTS = 600
"""Of a curve on screen; more steps than that are averaged."""
SMOOTHED_POINTS, SMOOTHED_PART = 30, 10
"""Points at most, and which part of all, that the moving average drawn over the single losses is wide."""
POINTING = (
    "Lower is better. Train: photos that are learnt from, with parts of the model switched off at random. Dev: photos kept "
    "apart. Point at the curves for their values."
)


class LossPlot(QWidget):
    """Steps are counted through both stages."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._start = StartFolder()
        self._train: list[tuple[str, int, float]] = []
        self._dev: list[tuple[str, int, float]] = []
        self._steps: dict[str, int] = {}
        self.plot = pg.PlotWidget(viewBox=ZoomBox(), axisItems={"bottom": CountAxis()})
        self.plot.setToolTip("Drag over a part of the curves, or Ctrl+wheel, to look closer; a double click shows all")
        self.plot.setAccessibleName("Loss curves")
        self.plot.setLabel("bottom", "step")
        self.plot.setLabel("left", "loss")
        self.plot.showGrid(x=True, y=True, alpha=0.2)
        self._cursor = pg.InfiniteLine()
        self._border = pg.InfiniteLine()
        self.plot.scene().sigMouseMoved.connect(self._on_pointer)  # pyright: ignore[reportAttributeAccessIssue]
        self._log = QCheckBox("&Logarithmic")
        self._log.setToolTip("A logarithmic scale for the loss")
        self._log.toggled.connect(lambda on: self.plot.setLogMode(y=on))
        self._values = sentence_label("Values of the curves", POINTING, muted=True)
        whole = push_button("Show all", "Show the whole curves again", self.plot.enableAutoRange)
        save = push_button(
            "Save curves…", "Save the curves as a picture (PNG) or as numbers (CSV)", self._on_save_wanted
        )
        column_of((self.plot, 1), self._values, row_of(self._log, 1, whole, save), parent=self, margins=())
        self._dress()

    def _dress(self) -> None:
        chosen = colours()
        dress_axes(self.plot)
        self.plot.clear()
        # Above the curves, where it hides none of them, and part of a saved picture.
        self.plot.setTitle(
            f'<span style="color:{chosen.link}">━</span> train &nbsp; <span style="color:{chosen.weak}">━●━</span> dev',
            color=chosen.text, size=f"{QApplication.font().pointSizeF():g}pt",
        )
        faint = QColor(chosen.link)
        faint.setAlphaF(0.3)
        self._single_curve = self.plot.plot(pen=pg.mkPen(faint, width=1))
        self._train_curve = self.plot.plot(pen=pg.mkPen(chosen.link, width=2))
        self._dev_curve = self.plot.plot(
            pen=pg.mkPen(chosen.weak, width=2), symbol="o", symbolSize=7, symbolBrush=chosen.weak, symbolPen=None,
        )
        self._cursor = pg.InfiniteLine(pen=pg.mkPen(chosen.muted, width=1))
        self._border = pg.InfiniteLine(
            pen=pg.mkPen(chosen.muted, style=Qt.PenStyle.DashLine), label="fine-tuning",
            labelOpts={"position": 0.6, "anchors": [(0, 1), (1, 1)], "color": chosen.muted},
        )
        for line in (self._cursor, self._border):
            self.plot.addItem(line, ignoreBounds=True)  # pyright: ignore[reportCallIssue]
            line.hide()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "_train_curve"):
            self._dress()
            self.refresh()

    def clear(self) -> None:
        self._train, self._dev, self._steps = [], [], {}
        self.refresh()

    def add(self, event: Event) -> None:
        """Take over an event; `refresh` shows it."""
        if event["event"] == "stage_started":
            self._steps[event["stage"]] = event["steps"]
        elif event["event"] == "step":
            self._train.append((event["stage"], event["step"], event["loss"]))
        elif event["event"] == "epoch":
            self._dev.append((event["stage"], event["step"], event["dev_loss"]))

    def refresh(self) -> None:
        """Show what was taken over."""
        tuned = any(stage == "fine_tune" for stage, *_ in self._train)
        self._border.setVisible(tuned)
        self._border.setValue(self._warm_up_steps())
        steps, losses = self._numbers(self._train)
        width = max(1, len(steps) // MOST_POINTS)
        whole = len(steps) // width * width
        steps, losses = steps[:whole].reshape(-1, width).mean(1), losses[:whole].reshape(-1, width).mean(1)
        self._single_curve.setData(steps, losses)
        self._train_curve.setData(steps, smoothed(losses))
        self._dev_curve.setData(*self._numbers(self._dev))
        for side in ("left", "bottom"):
            self.plot.getAxis(side).setStyle(showValues=bool(self._train or self._dev))

    def _numbers(self, points: list[tuple[str, int, float]]) -> tuple[np.ndarray, np.ndarray]:
        before = self._warm_up_steps()
        steps = [step + (before if stage == "fine_tune" else 0) for stage, step, _ in points]
        return np.array(steps, float), np.array([loss for *_, loss in points], float)

    def _warm_up_steps(self) -> int:
        """Those that were trained: the stage may have ended before its time."""
        return max((step for stage, step, _ in self._train if stage == "warm_up"), default=self._steps.get("warm_up", 0))

    def values_at(self, step: float) -> str:
        """The losses nearest to a step, counted through both stages, in words."""
        steps, losses = self._numbers(self._train)
        if not len(steps):
            return POINTING
        nearest = int(np.abs(steps - step).argmin())
        stage, number, _ = self._train[nearest]
        words = f"{'Warm-up' if stage == 'warm_up' else 'Fine-tuning'}, step {number:,}: train loss {losses[nearest]:.3f}"
        dev_steps, dev_losses = self._numbers(self._dev)
        if len(dev_steps):
            words += f" · nearest dev loss {dev_losses[int(np.abs(dev_steps - step).argmin())]:.3f}"
        return words

    def _on_pointer(self, place: QPointF) -> None:
        box = self.plot.getViewBox()
        inside = box.sceneBoundingRect().contains(place)
        self._cursor.setVisible(inside and bool(self._train))
        step = box.mapSceneToView(place).x()
        self._cursor.setValue(step)
        self._values.setText(self.values_at(step) if inside else POINTING)

    def to_csv(self) -> str:
        """Stage, step, kind and loss."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(("stage", "step", "kind", "loss"))
        for kind, points in (("train", self._train), ("dev", self._dev)):
            writer.writerows((stage, step, kind, f"{loss:.6g}") for stage, step, loss in points)
        return text.getvalue()

    def _on_save_wanted(self) -> None:
        start = self._start.path("curves.png")
        name, _ = QFileDialog.getSaveFileName(self, "Save curves", start, "Picture (*.png);;Numbers (*.csv)")
        if name:
            self._start.remember(Path(name))
            self.save(Path(name))

    def save(self, path: Path) -> None:
        """As numbers where the file is to be a .csv, else as a PNG picture; where that fails, a message says why."""
        try:
            if path.suffix.lower() == ".csv":
                write_text(path, self.to_csv())
            else:
                write_bytes(path.with_suffix(".png"), png_bytes(self.plot.grab().toImage()))
        except OSError as error:
            QMessageBox.warning(self, "Not saved", f"{path} can't be written: {reason_of(error)}.")


def smoothed(values: np.ndarray) -> np.ndarray:
    """A moving average of the points up to each point."""
    width = max(1, min(SMOOTHED_POINTS, len(values) // SMOOTHED_PART))
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(0, ends - width)
    return (sums[ends] - sums[starts]) / np.maximum(1, ends - starts)
