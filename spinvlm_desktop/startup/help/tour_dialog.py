"""Help, A short tour: what can be done here, in a few pictures."""

from __future__ import annotations

from importlib import resources

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QDialog, QLabel, QWidget

from spinvlm_desktop.widgets.controls import push_button
from spinvlm_desktop.widgets.labels import as_title, sentence_label
from spinvlm_desktop.widgets.layouts import column_of, row_of

STEPS = (
    ("window-empty", "Drop a photo",
     "Or paste it (Ctrl+V), open a file (Ctrl+O), or take one of the samples. Nothing leaves this computer."),
    ("window-plain", "Ask about it",
     "The photo is described at once. Click a suggested question or type your own. A click on a word of the answer shows where "
     "the model looked."),
    ("window-overlay", "Look inside",
     "The switch on the photo (Ctrl+I) opens the map, every attention head, and SPIN, which weakens the heads that look at the "
     "photo least."),
    ("dialog-batch", "Ask about a folder",
     "One question about every photo (Ctrl+B): filter the answers, correct them, export them, or train on them."),
    ("train-data", "Train your own",
     "The tab Train teaches a model your photos and your words; the tab Measure shows how good it is."),
)
"""Picture, title and text of each."""
WIDTH, HEIGHT = 720, 450


class TourDialog(QDialog):
    """Stays open beside the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("A short tour")
        self._step = 0
        self._title = as_title(QLabel())
        self._picture = QLabel()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._picture.setMinimumSize(320, 200)
        self._text = sentence_label("What this step shows")
        self._count = QLabel()
        self._count.setProperty("muted", True)
        self._back = push_button("&Back", "The step before", lambda: self._show_step(self._step - 1))
        self._next = push_button("&Next", "The next step", lambda: self._show_step(self._step + 1), primary=True)
        self._next.setDefault(True)
        foot = row_of((self._count, 1), self._back, self._next)
        column_of(self._title, (self._picture, 1), self._text, foot, parent=self, spacing=10)
        self.resize(WIDTH + 40, HEIGHT + 170)
        self._show_step(0)

    def _show_step(self, step: int) -> None:
        if step >= len(STEPS):
            self.accept()
            return
        self._step = step
        name, title, text = STEPS[step]
        self._title.setText(title)
        self._text.setText(text)
        self._count.setText(f"{step + 1} of {len(STEPS)}")
        self._back.setEnabled(step > 0)
        last = step == len(STEPS) - 1
        self._next.setText("&Done" if last else "&Next")
        self._next.setToolTip("Close the tour" if last else "The next step")
        self._full = QPixmap()
        self._full.loadFromData(resources.files("resources").joinpath("tour", f"{name}.jpg").read_bytes())
        self._picture.setAccessibleName(f"Picture: {title}")
        self._fit_picture()

    def _fit_picture(self) -> None:
        room = self._picture.size() * self.devicePixelRatioF()
        fitting = self._full.scaled(
            QSize(min(room.width(), self._full.width()), room.height()), Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        fitting.setDevicePixelRatio(self.devicePixelRatioF())
        self._picture.setPixmap(fitting)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_picture()
