"""What the model answered about the same few photos as it learnt, with a slider through the times."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QSlider, QWidget

from spinvlm_desktop.train.results.sample_grid import SampleGrid
from spinvlm_desktop.train.run.run_progress import Sample
from spinvlm_desktop.widgets.labels import sentence_label
from spinvlm_desktop.widgets.layouts import column_of

NOTHING_YET = "What the model says about six photos is shown here after each pass, and every few minutes."


class SampleView(QWidget):
    """Follows the newest answers until the slider is moved back."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._samples: Sequence[Sample] = ()
        self._title = sentence_label("When the model answered so")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("When the model answered so")
        self.slider.setToolTip("Move to the left for what the model said earlier")
        self.slider.valueChanged.connect(lambda _value: self._show())
        self._grid = SampleGrid()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(self._grid)
        column_of(self._title, self.slider, (area, 1), parent=self, margins=())
        self.show_samples(())

    def show_samples(self, samples: Sequence[Sample]) -> None:
        """All there are, the newest last."""
        newest = self.slider.value() == self.slider.maximum()
        self._samples = tuple(samples)
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(0, len(samples) - 1))
        if newest:
            self.slider.setValue(self.slider.maximum())
        self.slider.blockSignals(False)
        self.slider.setVisible(len(samples) > 1)
        self._show()

    def _show(self) -> None:
        if not self._samples:
            self._title.setText(NOTHING_YET)
            self._grid.show_samples(())
            return
        sample = self._samples[self.slider.value()]
        number = f" ({self.slider.value() + 1} of {len(self._samples)})" if len(self._samples) > 1 else ""
        self._title.setText(f"What the model says {sample.when}{number}")
        self._grid.show_samples(sample.answers)

    def answers(self) -> list[str]:
        """Those that are shown."""
        return self._grid.answers()
