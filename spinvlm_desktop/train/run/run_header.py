"""What a run is called and doing: stages, a line, figures, a bar, and what went wrong."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from spinvlm_desktop.jobs.job import STATE_WORDS, JobState
from spinvlm_desktop.train.run.run_progress import RunProgress
from spinvlm_desktop.train.run.run_time import Remaining
from spinvlm_desktop.train.run.stage_strip import StageStrip
from spinvlm_desktop.widgets.controls import log_pane, progress_bar
from spinvlm_desktop.widgets.labels import as_title, error_label, sentence_label, show_or_hide
from spinvlm_desktop.widgets.layouts import column_of
from training.run.time_left import duration

WAITING = "Starts when no other run is being trained, while this window is open."
CUT_OFF = (
    "Training ended without a message, as when the computer is switched off or memory runs out. Resume goes on from the last "
    "checkpoint; what was learnt until then is not lost."
)
ESTIMATED = (
    "Estimated from recent speed, if no stage ends early. Until stage 2 trains, its speed is estimated from what was measured "
    "before the start, or from the usual proportions."
)
SHORT_S = 120
UNEXPECTED = "Training stopped on an unexpected error; the log's last lines:"


class RunHeader(QWidget):
    """Shows what it is given."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = QLabel(name)
        title.setTextFormat(Qt.TextFormat.PlainText)
        as_title(title)
        self._strip = StageStrip()
        self._line = sentence_label("What the run is doing")
        self._bar = progress_bar("Progress of this stage", "Steps of this stage that are done")
        self._advice = sentence_label("What to do")
        self._figures = sentence_label("Figures of the run", muted=True)
        self._notice = sentence_label("Latest notice", muted=True)
        self.failure = error_label("What went wrong")
        self._log = log_pane(140)
        column_of(
            title, self._strip, self._line, self._bar, self._advice, self._figures, self._notice, self.failure, self._log,
            parent=self, margins=(),
        )

    @property
    def line(self) -> str:
        """What the run is doing, as it is shown."""
        return self._line.text()

    def show_progress(self, progress: RunProgress, state: JobState, remaining: Remaining | None) -> None:
        """remaining: None where the run doesn't train."""
        training, done = state == "running", state == "finished"
        line = progress.line if training or done else f"{progress.line} · {STATE_WORDS[state]}"
        if state in ("waiting", "new"):
            line = WAITING if state == "waiting" else "Not started yet."
        left = "" if remaining is None else _in_words(remaining, "stage" if progress.in_stage else "step")
        self._line.setText(f"{line} · {left}" if left else line)
        self._line.setToolTip(ESTIMATED if left else "")
        self._strip.show_phase(progress.phase)
        self._strip.setVisible(state not in ("waiting", "new", "gone"))
        self._bar.setVisible(training)
        self._bar.setRange(0, progress.total)
        self._bar.setValue(progress.done)
        show_or_hide(self._advice, progress.advice if training else None)
        show_or_hide(self._figures, progress.figures if training else None)
        show_or_hide(self._notice, progress.notice if training else None)

    def show_failure(self, progress: RunProgress, state: JobState, log: Sequence[str]) -> None:
        """log: its last lines."""
        wrong = progress.failure or UNEXPECTED if state == "failed" else CUT_OFF if state == "interrupted" else None
        show_or_hide(self.failure, wrong)
        self._log.setPlainText("\n".join(log))
        self._log.setVisible(bool(wrong and log))
        self._log.verticalScrollBar().setValue(self._log.verticalScrollBar().maximum())


def _in_words(remaining: Remaining, part: str) -> str:
    """part: what it is that is under way."""
    under_way = None if remaining.part is None else duration(remaining.part)
    if remaining.whole is None:
        return f"{under_way} left of this {part}" if under_way else ""
    whole = duration(remaining.whole)
    # Where less than two minutes are left, a part of them says nothing.
    of_part = "" if under_way in (None, whole) or remaining.whole < SHORT_S else f", {under_way} of it in this {part}"
    return f"{whole} left{of_part}"
