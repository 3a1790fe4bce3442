"""The tab in which models are measured: measurements at the left, a new one or the chosen ones beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from core.errors import SpinVlmError
from spinvlm_desktop.jobs.job import Job, find_jobs
from spinvlm_desktop.jobs.job_tab import JobTab, JobTabWords
from spinvlm_desktop.jobs.job_view import JobSetup, JobView
from spinvlm_desktop.measure.measure_job import MeasureJob
from spinvlm_desktop.measure.measurement import MeasurementSettings
from spinvlm_desktop.system.polled_files import exists, is_file
from spinvlm_desktop.widgets.controls import question_box

if TYPE_CHECKING:
    from spinvlm_desktop.measure.measurement_view import MeasurementView
    from spinvlm_desktop.measure.setup_view import SetupView

WORDS = JobTabWords(
    list_name="Measurements", new="New measurement", new_tip="Measure a model", none_yet="What you measure is listed here.",
    compare="Side by side", compare_tip="Show the chosen measurements in the same tables and plots",
    rename_label="Name of the measurement:", not_started="Measurement not started",
)


class MeasureTab(JobTab):
    """One model is measured at a time; others wait for their turn, which comes while the window is open."""

    results_shown = Signal(object)
    """ResultsView that is now on show."""

    def __init__(
        self, measurements: Path, *, models: Callable[[], Sequence[tuple[str, Path]]], training: Callable[[], Path | None],
        parent: QWidget | None = None,
    ) -> None:
        """measurements: their folder; models: names and files to choose from; training: the run that trains now."""
        self._measurements, self._models, self._training = measurements, models, training
        super().__init__(WORDS, MeasureJob, measurements, parent)

    @property
    def setup(self) -> SetupView:
        """The page for a new measurement."""
        return cast("SetupView", self.setup_page())

    @property
    def measurement(self) -> MeasurementView | None:
        """The page of a measurement, where one is on show."""
        return cast("MeasurementView | None", self.view)

    # -- pages

    def first_shown(self) -> Path | None:
        """What is under way, if anything is, else what was measured last."""
        return self.running() or next(iter(self.list.states()), None)

    def make_setup(self) -> JobSetup:
        from spinvlm_desktop.measure.setup_view import SetupView

        setup = SetupView(self._measurements, self._models)
        setup.wanted.connect(self._on_wanted)
        return setup

    def show_setup(self) -> None:
        self.setup.refresh()
        self.setup.offer_name()
        super().show_setup()

    def offer_models(self) -> None:
        """Offer a model that was finished meanwhile on the page for a new measurement too, where there is one."""
        if self._setup is not None:
            self.setup.refresh()

    def propose(self, model: Path | None, data: Path, *, name: str) -> None:
        """The page for a new measurement, with this model and these photos chosen."""
        self.show_setup()
        self.setup.choose(model, data)
        self.setup.name.setText(name)
        self.setup.offer_name()

    def follow_rename(self, old: Path, new: Path) -> None:
        """A folder was renamed: measurements of its model, made or to be made, are still of it."""
        changed = [job.path for job in find_jobs(self._measurements, MeasureJob) if job.follow_model(old, new)]
        if self._setup is not None:
            self.setup.follow_rename(old, new)
        if set(changed) & set(self._shown):
            self.show_again(self._shown)

    def job_page(self, folder: Path) -> JobView:
        from spinvlm_desktop.measure.measurement_view import MeasurementView  # brings pyqtgraph

        view = MeasurementView(folder)
        view.resume_wanted.connect(lambda: self._on_resume_wanted(MeasureJob(folder)))
        self.results_shown.emit(view.results)
        return view

    def comparable(self) -> list[Path]:
        states = self.list.states()
        return [folder for folder in self.list.chosen() if states[folder] == "finished"]

    def comparison_page(self, folders: Sequence[Path]) -> QWidget | None:
        from spinvlm_desktop.measure.measurement_view import shown_report
        from spinvlm_desktop.measure.results.results_view import ResultsView

        reports = [report for folder in folders if (report := shown_report(folder)) is not None]
        if len(reports) < 2:
            return None
        results = ResultsView()
        results.show_reports(reports)
        self.results_shown.emit(results)
        return results

    # -- what is measured

    def unfinished(self) -> list[str]:
        """Names of those listed that were cut off."""
        return [folder.name for folder, state in self.list.states().items() if state == "interrupted"]

    def may_start(self, job: Job) -> bool:
        return self._training() is None or is_file(MeasureJob(job.path).beside_training)

    def _on_wanted(self, requests: list[tuple[str, MeasurementSettings]]) -> None:
        taken = [name for name, _ in requests if exists(self._measurements / name)]
        if taken:
            self.setup.show_error(f"There is a measurement named “{taken[0]}”; choose another name.")
            return
        beside = self._may_run_beside_training()
        if beside is None:
            return
        try:
            for name, settings in requests:
                job = MeasureJob(self._measurements / name)
                job.prepare(settings)
                job.allow_beside_training(beside)
                self.begin(job)
        except SpinVlmError as error:
            self.setup.show_error(str(error))
            return
        self.show_job(self._measurements / requests[0][0])

    def _on_resume_wanted(self, job: MeasureJob) -> None:
        beside = self._may_run_beside_training()
        if beside is None:
            return
        try:
            job.allow_beside_training(beside)
            self.begin(job)
        except SpinVlmError as error:
            QMessageBox.warning(self, WORDS.not_started, str(error))

    def _may_run_beside_training(self) -> bool | None:
        """Ask where a model is being trained; True where it needn't be waited for, None where nothing is to be done."""
        run = self._training()
        if run is None:
            return False
        box = question_box(
            self, "A model is being trained", f"“{run.name}” is being trained.",
            "If it is measured meanwhile, both are slower, and the time per word means nothing.",
        )
        wait = box.addButton("Measure after it", QMessageBox.ButtonRole.AcceptRole)
        now = box.addButton("Measure now", QMessageBox.ButtonRole.ActionRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(wait)
        box.exec()
        return {wait: False, now: True}.get(box.clickedButton())  # type: ignore[call-overload, arg-type]
