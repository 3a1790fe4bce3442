"""What a new model is to learn from, what it starts from, and how long it is trained."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QWidget

from core.errors import ConfigError
from spinvlm_desktop.captioned_data.data_page import DataPage
from spinvlm_desktop.jobs.folder_names import check_name
from spinvlm_desktop.jobs.job_view import JobSetup
from spinvlm_desktop.system.polled_files import is_folder
from spinvlm_desktop.train.setup.model_page import ModelPage
from spinvlm_desktop.train.setup.needs_row import NeedsRow
from spinvlm_desktop.train.setup.stages_page import StagesPage
from spinvlm_desktop.widgets.controls import push_button
from spinvlm_desktop.widgets.labels import as_title, sentence_label, show_or_hide
from spinvlm_desktop.widgets.layouts import column_of, row_of, scrolled
from spinvlm_desktop.widgets.wheel_guard import WheelGuard
from training.run.training_config import TrainingConfig, preset

SOME, MANY = 60, 1000
"""Photos from which a model takes over more than the photos themselves, and from which it learns to describe others."""


def few_photos(photos: int) -> str:
    """What to expect of so few; empty where they are enough to say nothing."""
    if photos >= MANY:
        return ""
    number = "1 photo" if photos == 1 else f"{photos:,} photos"
    if photos < SOME:
        return f"With {number} the model memorises them and learns little else. From {SOME} on it picks up your wording."
    return f"With {number} the model picks up your wording and learns few new things. Describing new photos takes thousands."


class SetupView(JobSetup):
    """What is chosen becomes the settings of one run."""

    run_wanted = Signal(str, object)
    """Name of the run, and TrainingConfig"""

    def __init__(self, runs: Path, parent: QWidget | None = None) -> None:
        """runs: folder of the runs."""
        super().__init__(parent)
        title = as_title(QLabel("Train a model on your own photos"))
        title.setWordWrap(True)
        self.data = DataPage("1. Photos with captions", purpose="to train on", captions_offered=True)
        self.model, self.stages = ModelPage(runs), StagesPage()
        self.needs = NeedsRow(runs)
        self.start_button = push_button(
            "&Start training", "Train in the background; the chat can be used meanwhile", self._on_start_wanted, primary=True
        )
        self.why = sentence_label("Why training can't start", muted=True)
        content = QWidget()
        column_of(title, self.data, self.model, self.stages, 1, parent=content, margins=(0, 0, 8, 0), spacing=10)
        # The page's buttons are always in sight.
        start = row_of((self.needs, 1), self.start_button)
        column_of((scrolled(content, gives_way=True), 1), self.problem, self.why, start, parent=self, margins=())
        WheelGuard(self)
        self._on_changed()
        for signal in (self.data.checked, self.data.changed, self.model.changed, self.stages.changed):
            signal.connect(self._on_changed)

    def set_folder(self, folder: Path) -> None:
        """Take this folder and check it."""
        self.data.set_folder(folder)

    def offer_name(self) -> None:
        """For the next run, another name than those that are taken."""
        self.model.offer_name()

    def close_setup(self) -> None:
        """End what is under way."""
        self.data.close_check()
        self.needs.close_probe()

    def wanted(self) -> TrainingConfig:
        """The settings as shown. Raises ConfigError with one sentence."""
        return self._config(self.data.folder())

    def _config(self, folder: Path) -> TrainingConfig:
        return self.stages.applied(self.model.applied(preset("standard", data=str(folder), compare_with_starter=True)))

    def _on_changed(self) -> None:
        found = self.data.findings
        photos = None if found is None else found.images.get("train", 0) + found.images.get("dev", 0)
        try:
            config = self._config(Path(self.data.field.text().strip() or "."))
            check_name(self.model.name.text().strip())
        except ConfigError as error:
            self.show_error(str(error))
            config = None
        else:
            self.show_error("")
        problem = self.data.problem() if config is not None else ""
        show_or_hide(self.why, problem or (few_photos(photos) if config is not None and photos is not None else ""))
        self.start_button.setEnabled(config is not None and not problem)
        self.needs.show_needs(config, photos=photos)

    def _on_start_wanted(self) -> None:
        try:
            config, name = self.wanted(), check_name(self.model.name.text().strip())
        except ConfigError as error:
            self.show_error(str(error))
            return
        self.show_error("")
        self.run_wanted.emit(name, config)

    def take_files(self, files: Sequence[Path]) -> None:
        """A folder of photos, or that of a file."""
        self.set_folder(next((path for path in files if is_folder(path)), files[0].parent))


