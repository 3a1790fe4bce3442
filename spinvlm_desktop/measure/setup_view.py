"""A new measurement: which models, which photos, what is measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from core.errors import ConfigError
from spinvlm_desktop.captioned_data.data_page import DataPage
from spinvlm_desktop.jobs.folder_names import check_name, free_name, moved
from spinvlm_desktop.jobs.job import find_jobs
from spinvlm_desktop.jobs.job_view import JobSetup
from spinvlm_desktop.measure.duration_estimate import estimate, seconds_a_photo
from spinvlm_desktop.measure.measure_job import MeasureJob
from spinvlm_desktop.measure.measurement import MeasurementSettings
from spinvlm_desktop.measure.measures_page import MeasuresPage
from spinvlm_desktop.measure.model_choice import ModelChoice
from spinvlm_desktop.measure.model_pace import ModelPaces
from spinvlm_desktop.models.model_list import MODEL_SUFFIXES
from spinvlm_desktop.system.polled_files import is_file, is_folder
from spinvlm_desktop.widgets.controls import push_button
from spinvlm_desktop.widgets.labels import add_form_row, as_title, sentence_label, wrapping_form
from spinvlm_desktop.widgets.layouts import column_of, row_of, scrolled
from training.evaluation.photo_costs import AnsweringPace, photos_in_budget
from training.run.time_left import duration

TITLE = "Does the model describe what is in the photo?"
EXPLAINED = (
    "Models like this one also name things that aren't in the photo: a dog on an empty beach. Here you measure how often yours "
    "does. It describes photos that people have described, and every object that it names and nobody saw counts as invented. "
    "This is done with head suppression (SPIN) off and with other settings of it, so that you see which one is really best, and "
    "what it costs; that may be “off”. Beside it stand what people score and what another photo's caption scores."
)
OF_MODEL = " – "
"""Between a measurement's name and its model's, where several are measured."""
TRYING = "Trying how fast “{name}” answers here; that may take a minute."
UNCOUNTED = "About {each:.1f} s for a photo; choose a folder of photos to see how long all of them take."
UNKNOWN_TIME = "How long it takes here is known after the first measurement; it can be paused, and goes on where it was."


class SetupView(JobSetup):
    """Of several ticked models each becomes a measurement of its own."""

    wanted = Signal(object)
    """list[tuple[name, MeasurementSettings]]"""

    def __init__(
        self, measurements: Path, models: Callable[[], Sequence[tuple[str, Path]]], parent: QWidget | None = None
    ) -> None:
        """measurements: their folder; models: names and files of the models that there are, besides the starter model."""
        super().__init__(parent)
        self._measurements, self._models = measurements, models
        title = as_title(QLabel(TITLE))
        title.setWordWrap(True)
        explained = sentence_label("What is measured, and why", EXPLAINED)
        self.data = DataPage("1. Photos with captions", purpose="to measure on", show_pairs=False)
        self.model = ModelChoice("2. Models")
        self.measures = MeasuresPage("3. What is measured")
        self.paces = ModelPaces(self)
        self.name = QLineEdit("First look")
        self.name.setMaxLength(200)
        form = wrapping_form()
        add_form_row(form, "&Name", self.name, "Name of the measurement in the list; of several models, each has its own added")
        self._time = sentence_label("How long it takes", muted=True)
        self.start_button = push_button(
            "&Start measuring", "Measure in the background; the chat can be used meanwhile", self._on_start_wanted, primary=True
        )
        content = QWidget()
        column_of(
            title, explained, self.data, self.model, self.measures, form, 1, parent=content, margins=(0, 0, 8, 0), spacing=10
        )
        # The page's buttons are always in sight.
        start = row_of((self._time, 1), self.start_button)
        column_of((scrolled(content, gives_way=True), 1), self.problem, start, parent=self, margins=())
        self.refresh()
        self._remember_last()
        self.data.field.textChanged.connect(lambda _text: self._on_data())
        self.data.checked.connect(self._on_data)
        self.name.textChanged.connect(lambda _text: self._on_changed())
        self.model.changed.connect(self._on_models)
        self.measures.changed.connect(self._on_changed)
        self.paces.changed.connect(self._on_models)
        self._on_data()

    def refresh(self) -> None:
        """Offer the models that are there now."""
        self.model.show_models(self._models())

    def offer_name(self) -> None:
        """A name that no measurement has yet, in place of one that is taken."""
        there = [job.name for job in find_jobs(self._measurements, MeasureJob)]

        def is_taken(name: str) -> bool:
            return any(other == name or other.startswith(name + OF_MODEL) for other in there)

        self.name.setText(free_name(self.name.text().strip(), is_taken))

    def follow_rename(self, old: Path, new: Path) -> None:
        """A folder was renamed; what is ticked in it stays ticked."""
        ticked = [None if path is None else moved(path, old, new) for path in self.model.chosen()]
        self.model.follow_rename(old, new)
        self.refresh()
        self.model.choose(ticked)

    def choose(self, model: Path | None, data: Path) -> None:
        """Have this model and these photos chosen."""
        self.model.choose([model])
        self.data.set_folder(data)

    def close_setup(self) -> None:
        """End what is under way."""
        self.data.close_check()
        self.paces.close()

    def _remember_last(self) -> None:
        """The photos that were measured on last."""
        for job in find_jobs(self._measurements, MeasureJob):
            settings = job.read_settings()
            if settings is not None and is_folder(Path(settings.data)):
                self.data.field.setText(settings.data)
                return

    def requests(self) -> list[tuple[str, MeasurementSettings]]:
        """What is wanted, a name and settings a model. Raises ConfigError with one sentence."""
        return self._requests(self.data.folder())

    def _requests(self, data: Path) -> list[tuple[str, MeasurementSettings]]:
        models = self.model.chosen()
        if not models:
            raise ConfigError("Tick a model to measure.")
        name = check_name(self.name.text().strip())
        common = self.measures.applied(MeasurementSettings(str(data)))
        all_settings = [common.of_model(model) for model in models]
        if len(models) == 1:
            return [(name, all_settings[0])]
        return [(check_name(f"{name}{OF_MODEL}{settings.model_name}"), settings) for settings in all_settings]

    def _on_data(self) -> None:
        text = self.data.field.text().strip()
        found = self.data.findings
        self.measures.show_data(Path(text) if text else None, {} if found is None else found.images)

    def time_in_words(self) -> str:
        """What is said of how long it takes."""
        return self._time.text()

    def _pretrained(self) -> list[Path]:
        """Those that are ticked."""
        return [model for model in self.model.chosen() if model is not None and model.suffix not in MODEL_SUFFIXES]

    def _on_models(self) -> None:
        chosen, pretrained = self.model.chosen(), self._pretrained()
        self.paces.want(pretrained)
        self.measures.show_kinds(own=len(chosen) > len(pretrained), pretrained=bool(pretrained))
        self._on_changed()

    def _fitting(self) -> int | None:
        """How many photos fit half an hour with the slowest of the pretrained models; None where none is ticked or known."""
        try:
            settings = self.measures.applied(MeasurementSettings("."))
        except ConfigError:
            return None
        paces = [pace for model in self._pretrained() if isinstance(pace := self.paces.of(model), AnsweringPace)]
        return min((photos_in_budget(seconds_a_photo(settings, pace)) for pace in paces), default=None)

    def _on_changed(self) -> None:
        self.measures.propose_photos(self._fitting())
        try:
            requests = self._requests(Path(self.data.field.text().strip() or "."))
        except ConfigError as error:
            self.show_error(str(error))
            self.start_button.setEnabled(False)
            self._time.setText("")
            return
        self.show_error("")
        self.start_button.setEnabled(True)
        self._time.setText(self._time_in_words([settings for _, settings in requests]))

    def _time_in_words(self, wanted: Sequence[MeasurementSettings]) -> str:
        images = {} if self.data.findings is None else self.data.findings.images
        known = find_jobs(self._measurements, MeasureJob)
        seconds, names = 0.0, list[str]()
        for settings in wanted:
            pace = self.paces.of(Path(settings.model)) if settings.is_pretrained and settings.model is not None else None
            if settings.is_pretrained and not isinstance(pace, AnsweringPace):
                return TRYING.format(name=settings.model_name) if pace is None else f"{settings.model_name}: {pace}"
            there = images.get(settings.split, settings.photos)
            photos = min(there, settings.photos) if settings.photos else there
            if isinstance(pace, AnsweringPace):
                if not photos:
                    return UNCOUNTED.format(each=seconds_a_photo(settings, pace))
                seconds += photos * seconds_a_photo(settings, pace)
                continue
            found = estimate(settings, photos, known) if photos else None
            if found is None:
                return UNKNOWN_TIME
            seconds += found[0]
            names.append(found[1])
        fitting = self._fitting()
        proposed = "" if fitting is None else f" {fitting:,} {'photo fits' if fitting == 1 else 'photos fit'} half an hour."
        at_pace = f", at the pace of “{names[0]}”" if names else ""
        return f"About {duration(seconds)}{at_pace}.{proposed}"

    def _on_start_wanted(self) -> None:
        try:
            requests = self.requests()
        except ConfigError as error:
            self.show_error(str(error))
            return
        self.show_error("")
        self.wanted.emit(requests)

    def take_files(self, files: Sequence[Path]) -> None:
        """Models, or photos' folder, or that of a file."""
        models = [path for path in files if is_file(path) and path.suffix.lower() in MODEL_SUFFIXES]
        if models:
            self.model.choose([*self.model.chosen(), *models])
            self._on_changed()
        else:
            self.data.set_folder(next((path for path in files if is_folder(path)), files[0].parent))
