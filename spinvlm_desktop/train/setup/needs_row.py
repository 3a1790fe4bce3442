"""What a run would need of this computer: memory, disk, and time, which is measured when asked for."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

import psutil
from PySide6.QtWidgets import QWidget

from spinvlm_desktop.system.polled_files import is_folder
from spinvlm_desktop.train.setup.pace_probe import PaceProbe
from spinvlm_desktop.widgets.controls import push_button
from spinvlm_desktop.widgets.labels import error_label, sentence_label, show_or_hide
from spinvlm_desktop.widgets.layouts import column_of, row_of
from training.run.needs import run_needs
from training.run.pace import Pace
from training.run.time_left import duration
from training.run.training_config import TrainingConfig

GB = 1e9


class NeedsRow(QWidget):
    """Shows what `show_needs` is given; what was measured holds until the model or its batches change."""

    def __init__(self, runs: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self._config: TrainingConfig | None = None
        self._photos: int | None = None
        self._pace: Pace | None = None
        self._line = sentence_label("What the run needs", muted=True)
        self._warning = error_label("What is too little")
        self.measure = push_button(
            "Measure the t&ime", "Train on some of the photos for about half a minute, to estimate how long all of it takes here",
            self._on_measure_wanted,
        )
        self._probe = PaceProbe(self)
        self._probe.ended.connect(self._on_measured)
        column_of(row_of((self._line, 1), self.measure), self._warning, parent=self, margins=())

    def show_needs(self, config: TrainingConfig | None, *, photos: int | None) -> None:
        """config: None where the settings can't be; photos: how many there are, None where that isn't known yet."""
        self._config, self._photos = config, photos
        if config is not None and self._pace is not None and not self._pace.holds_for(config):
            self._pace = None
        self._show()

    @property
    def pace(self) -> Pace | None:
        """As it was measured for these settings."""
        return self._pace

    def close_probe(self) -> None:
        """End a measurement that is under way."""
        self._probe.cancel()

    def _show(self) -> None:
        config, photos = self._config, self._photos
        self.measure.setEnabled(config is not None and photos is not None)
        self.measure.setText("Cancel" if self._probe.running else "Measure the t&ime")
        if config is None or photos is None:
            self._line.setText("")
            show_or_hide(self._warning, None)
            return
        needs = run_needs(config, photos=photos)
        parts = [] if config.start_from else [f"{needs.parameters / 1e6:.1f} million weights"]
        memory = needs.memory_bytes if self._pace is None else self._pace.memory_bytes
        disk_free, memory_free = self._free()
        parts += [
            f"about {needs.disk_bytes / GB:.1f} GB on the disk ({disk_free / GB:.0f} GB free)",
            f"about {memory / GB:.1f} GB of memory ({memory_free / GB:.1f} GB free)",
        ]
        if self._probe.running:
            parts.append("measuring for about half a minute…")
        elif self._pace is not None:
            parts.append(f"{duration(self._pace.seconds(config, photos=photos))} on this computer, if nothing ends early")
        self._line.setText(" · ".join(parts))
        if needs.disk_bytes > disk_free:
            show_or_hide(self._warning, f"There is too little free space on the disk of {self._runs} for this run.")
        elif memory > memory_free:
            show_or_hide(self._warning, "There is too little memory free now; close other programs, or choose a smaller model.")
        else:
            show_or_hide(self._warning, None)

    def _free(self) -> tuple[int, int]:
        """Bytes on the runs' disk and of memory."""
        place = next((path for path in (self._runs, *self._runs.parents) if is_folder(path)), Path())
        disk = 0
        with suppress(OSError):  # it may have gone since
            disk = shutil.disk_usage(place).free
        return disk, psutil.virtual_memory().available

    def sentence(self) -> str:
        """What the run needs, as it is shown."""
        return self._line.text()

    def warning(self) -> str:
        """What is too little or went wrong, as it is shown."""
        return self._warning.text() if self._warning.isVisibleTo(self) else ""

    def _on_measure_wanted(self) -> None:
        if self._probe.running:
            self._probe.cancel()
        elif self._config is not None:
            self._probe.start(self._config)
        self._show()

    def _on_measured(self, pace: Pace | None, wrong: str) -> None:
        self._pace = pace
        self._show()
        if wrong:
            show_or_hide(self._warning, wrong)
