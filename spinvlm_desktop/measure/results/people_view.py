"""How well a model answers what people ask: beside another photo and without one, for each kind of question."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from spinvlm_desktop.measure.results.shown_reports import ShownReport
from spinvlm_desktop.widgets.figure_table import FigureTable
from spinvlm_desktop.widgets.labels import sentence_label
from spinvlm_desktop.widgets.layouts import column_of
from training.evaluation.people.table import people_rows

HEADINGS = (
    "Questions", "Number", "Right,\n%", "Another\nphoto, %", "No\nphoto, %", "Gain,\npoints", "Synonyms\ntoo, %",
)
EXPLAINED = (
    "Questions that people asked about photos, each answered by several people. An answer that three of ten gave is right, one "
    "that fewer gave is partly right (VQA's soft score). What is right with another photo, or without one, was guessed from the "
    "question: only the gain shows that the model looks."
)
OF_PRETRAINED = (
    "Pretrained models are asked for a word or a phrase; a longer answer counts as wrong. “No photo” is a blank one for them, "
    "which they weren't trained on: compare that column among pretrained models only."
)


class PeopleView(QWidget):
    """One table of all reports."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = FigureTable("People's questions", HEADINGS)
        self.table.fit_figures()
        self.table.setToolTip(
            "Gain: how much more is right than with another photo. “Answers” sorts questions by what most people said. "
            " In brackets: where the figure would lie with other photos of the same sort (95 %)"
        )
        self.of_pretrained = sentence_label("How pretrained models are asked", OF_PRETRAINED, muted=True)
        column_of(
            sentence_label("What the table shows", EXPLAINED), self.of_pretrained, self.table, (QWidget(), 1), parent=self
        )

    def show_reports(self, reports: Sequence[ShownReport]) -> None:
        """Those with people's questions."""
        asked = [report for report in reports if report.report.questions is not None]
        self.of_pretrained.setVisible(any(report.settings.is_pretrained for report in asked))
        shown = [(report.name, report.report.questions) for report in asked if report.report.questions is not None]
        self.table.show_rows([
            (f"{name}: {cells[0]}" if len(shown) > 1 else cells[0], *cells[1:])
            for name, record in shown for cells in people_rows(record, digits=0)
        ])
