"""Teaching from beginning to end: what there is to learn, how far it is, what it changed, and which model answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QDialog, QFileDialog, QLabel, QWidget

from core.errors import SpinVlmError
from spinvlm_desktop.system.polled_files import is_file
from spinvlm_desktop.system.start_folder import StartFolder
from spinvlm_desktop.teach.answers_table import AnswersTable
from spinvlm_desktop.teach.collection import Lesson, own_collection, photos_of
from spinvlm_desktop.teach.teach_runner import TeachRunner
from spinvlm_desktop.widgets.controls import progress_bar, push_button
from spinvlm_desktop.widgets.figure_table import FigureTable
from spinvlm_desktop.widgets.labels import as_title, error_label, sentence_label, show_or_hide
from spinvlm_desktop.widgets.layouts import column_of, row_of
from training.teaching.report import TeachReport
from training.teaching.result_words import OUTCOME_TITLES, explained, rows
from training.teaching.settings import FEWEST_PHOTOS

HEADINGS = ("Measured on", "Before", "Now", "Change, in points (95 %)")
ENOUGH_PHOTOS = 20
PRETRAINED = "Only the program's own models can be taught, and the one in use is another. Choose one in the Models menu."
WAITS = "Teaching takes minutes and goes on when this window is closed. The model that you have answers meanwhile."
BARS = 1000


def corrections_in_words(count: int) -> str:
    """`7 corrections`."""
    return f"{count:,} correction{'s' * (count != 1)}"


class TeachDialog(QDialog):
    """Says what is wanted; the runner does it."""

    def __init__(
        self, runner: TeachRunner, made: Sequence[Lesson], collections: Path, model: Callable[[], Path | None], *,
        can_be_taught: bool, captioned: tuple[Path, int] | None = None, parent: QWidget | None = None,
    ) -> None:
        """made: what the corrections teach; collections: where they are kept for that; model: gives the file of the model in use,
        None for the starter model; captioned: a collection to be taught in the corrections' place, and how many photos it has."""
        super().__init__(parent)
        self._runner, self._lessons, self._collections, self._model = runner, made, collections, model
        self._can_be_taught = can_be_taught
        self._captioned = captioned
        """Until it is taught."""
        self._start = StartFolder()
        self.setWindowTitle("Teach")
        self.resize(900, 640)
        self.title = as_title(QLabel())
        self.title.setWordWrap(True)
        self.title.setAccessibleName("What it came to")
        self.sentence = sentence_label("About teaching")
        self.problem = error_label("What went wrong")
        self.bar = progress_bar("How far the teaching is", "How much of the teaching is done")
        self.bar.setRange(0, BARS)
        self.doing = sentence_label("What is being done", muted=True)
        self.figures = FigureTable("Before and now", HEADINGS)
        self.figures.fit_figures()
        self.answers = AnswersTable()
        self._room = QWidget()
        """In place of the answers, so that sentences stay at the top."""
        self.teach = push_button("&Teach", "Begin", self._on_teach, primary=True)
        self.others = push_button("Other &photos…", "Teach a folder of photos with captions or questions", self._on_others)
        self.stop = push_button("&Stop", "End it; the model that you have stays in use", self._on_stop)
        self.use = push_button("&Use the new model", "The new model answers from now on", lambda: self._do(runner.use_new))
        self.back = push_button("Go &back", "The model that you had before answers again", lambda: self._do(runner.go_back))
        self.close_button = push_button("Close", "Close this window; what runs goes on", self.reject)
        for button in (self.teach, self.others, self.stop, self.use, self.back, self.close_button):
            button.setAutoDefault(False)
        buttons = row_of(self.teach, self.others, self.stop, self.use, self.back, 1, self.close_button)
        column_of(
            self.title, self.sentence, self.problem, self.bar, self.doing, self.figures, (self.answers, 1), (self._room, 1),
            buttons, parent=self,
        )
        runner.changed.connect(self.refresh)
        self.refresh()

    def set_model(self, *, can_be_taught: bool) -> None:
        """Another model is in use."""
        self._can_be_taught = can_be_taught
        self.refresh()

    def refresh(self) -> None:
        """Show how it is now."""
        running, report = self._runner.running, None
        problem = ""
        if not running and self._captioned is None:
            try:
                report = self._runner.report()
            except SpinVlmError as error:
                problem = str(error)
            problem = problem or self._failure(report)
        self._show_progress()
        self._show_report(report)
        if report is None:
            self._show_offer(running)
        show_or_hide(self.problem, problem)
        self.stop.setVisible(running)
        self.others.setVisible(not running)
        self.others.setEnabled(self._can_be_taught)
        self.teach.setVisible(not running)
        self.teach.setText(f"&Teach ({self._offered()})")
        self.teach.setEnabled(self._can_be_taught and self._photos() >= FEWEST_PHOTOS)

    def _photos(self) -> int:
        """Of those that can be taught."""
        return len(photos_of(self._lessons)) if self._captioned is None else self._captioned[1]

    def _offered(self) -> str:
        """`7 corrections` or `40 photos`."""
        return corrections_in_words(len(self._lessons)) if self._captioned is None else f"{self._photos():,} photos"

    def _failure(self, report: TeachReport | None) -> str:
        job = self._runner.job
        if report is not None or job is None:
            return ""
        state = job.state()
        if state == "failed":
            return job.failure()
        return "The last teaching was cut off; the model that you have stayed in use." if state == "interrupted" else ""

    def _show_progress(self) -> None:
        running, job = self._runner.running, self._runner.job
        self.bar.setVisible(running)
        self.doing.setVisible(running)
        if running and job is not None:
            progress = job.progress()
            self.bar.setValue(round(BARS * progress.part))
            self.doing.setText(progress.words)

    def _show_offer(self, running: bool) -> None:
        photos = self._photos()
        self.title.setText("Teaching…" if running else f"Teach {self._offered()}" if photos else "Teach")
        if running:
            self.sentence.setText(WAITS)
        elif not self._can_be_taught:
            self.sentence.setText(PRETRAINED)
        elif photos < FEWEST_PHOTOS and self._captioned is not None:
            self.sentence.setText(f"{photos} photos are described, and {FEWEST_PHOTOS} are the fewest. Describe some more first.")
        elif photos < FEWEST_PHOTOS:
            self.sentence.setText(
                f"There are right answers about {photos} photo{'s' * (photos != 1)}, and {FEWEST_PHOTOS} are the fewest. Thumbs "
                "beside answers in the chat say what is right; or choose a folder of photos with captions or questions."
            )
        else:
            few = (
                f" With fewer than {ENOUGH_PHOTOS} photos it can hardly be told whether it got better." if photos < ENOUGH_PHOTOS
                else ""
            )
            own = self._captioned is not None
            there = "You have described them." if own else f"There are right answers about {photos} photos."
            self.sentence.setText(
                f"{there} A quarter of the photos is kept back, to see whether the model "
                f"gets better on photos that it wasn't shown.{few} It rehearses what it knows, and only where it forgot nothing "
                "and got better, the new model answers. That takes some minutes."
            )

    def _show_report(self, report: TeachReport | None) -> None:
        job = self._runner.job
        self.answers.setVisible(report is not None)
        self._room.setVisible(report is None)
        self.figures.show_rows([] if report is None else rows(report))
        has_new = report is not None and report.best_pass > 0
        kept = job is not None and is_file(job.kept)
        self.use.setVisible(has_new and job is not None and self._model() != job.files.best_model)
        self.back.setVisible(has_new and kept and job is not None and self._model() == job.files.best_model)
        if report is not None:
            self.title.setText(OUTCOME_TITLES[report.outcome])
            self.sentence.setText(explained(report))
            self.answers.show_answers(report.shown)

    def _on_teach(self) -> None:
        def begin() -> None:
            data = own_collection(self._lessons, self._collections) if self._captioned is None else self._captioned[0]
            self._runner.begin([data], self._model())
            self._captioned = None

        self._do(begin)

    def _on_others(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "A folder of photos with captions or questions", self._start.path())
        if chosen:
            self._start.remember(Path(chosen))
            self._captioned = None
            self._do(lambda: self._runner.begin([Path(chosen)], self._model()))

    def _on_stop(self) -> None:
        self._do(self._runner.stop)

    def _do(self, act: Callable[[], None]) -> None:
        problem = ""
        try:
            act()
        except SpinVlmError as error:
            problem = str(error)
        self.refresh()
        if problem:
            show_or_hide(self.problem, problem)
