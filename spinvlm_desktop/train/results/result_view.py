"""What a finished run is worth: a sentence, a table beside the starter model, and its best and worst captions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QWidget

from spinvlm_desktop.train.results.sample_grid import SampleGrid
from spinvlm_desktop.widgets.figure_table import FigureTable
from spinvlm_desktop.widgets.help.help_mark import HelpMark
from spinvlm_desktop.widgets.help.help_topics import FIGURES
from spinvlm_desktop.widgets.labels import sentence_label
from spinvlm_desktop.widgets.layouts import column_of, row_of

OWN, STARTER, BLIND = "SPIN off, greedy", "starter model", "blind: another photo's caption"
OWN_ANSWERS, BLIND_ANSWERS = "SPIN off", "blind: another photo"
CAPTION_ROWS = (("cider_d", "Captions: CIDEr-D"), ("bleu_4", "Captions: BLEU-4"), ("rouge_l", "Captions: ROUGE-L"))
ANSWER_ROWS = (
    ("colour", "Colours right, %"), ("count", "Numbers right, %"), ("where", "Places right, %"), ("who", "Who right, %"),
    ("presence", "Yes/no right, %"),
)
COLUMNS = ("This\nmodel", "Starter\nmodel", "Wrong\nphoto")
EXPLAINED = (
    "Higher is better. CIDEr-D, BLEU-4 and ROUGE-L say how much the captions are like those that people wrote. “Wrong "
    "photo”: what is right by guessing, with another photo before the model. A right answer in other words counts as wrong."
)
CLEAR = 1.0
"""CIDEr-D; less of a difference isn't spoken of as one."""
FEW = 100
"""Photos; measured on fewer, another draw of photos may well turn the order of two models round."""


class ResultView(QWidget):
    """Hidden while there is nothing to show."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sentence = sentence_label("Result")
        self.table = FigureTable("Measurements", ("What was measured", *COLUMNS))
        self.table.fit_figures()
        self.table.setToolTip("Higher is better; the last column shows what is right by guessing, with the wrong photo")
        explained = sentence_label("How to read the figures", EXPLAINED, muted=True)
        self._best, self._worst = SampleGrid(), SampleGrid()
        self._titles = QLabel("Its best captions"), QLabel("Its worst captions")
        best, worst = self._titles
        column_of(
            self._sentence, self.table, row_of((explained, 1), HelpMark(FIGURES)), best, self._best, worst, self._worst,
            parent=self, margins=(),
        )
        self.hide()

    def show_result(self, metrics: Mapping[str, Any] | None, examples: Path) -> None:
        """metrics: of the `evaluated` event; examples: the file of best and worst captions."""
        rows = measured_rows(metrics or {})
        self.setVisible(bool(rows))
        if not rows:
            return
        self._sentence.setText(verdict(metrics or {}))
        self.table.show_rows(rows)
        self.table.setColumnHidden(2, all(cells[2] == "" for cells in rows))
        found = _read_examples(examples)
        # Each in a turn of the event loop of its own: together they hold the window up on a slow computer.
        steps = [
            partial(_show, found[kind], title, grid)
            for kind, title, grid in zip(("best", "worst"), self._titles, (self._best, self._worst), strict=True)
        ]
        QTimer.singleShot(0, self, lambda: self._go_on(steps))

    def _go_on(self, steps: list[Callable[[], None]]) -> None:
        step, *others = steps
        step()
        if others:
            QTimer.singleShot(0, self, lambda: self._go_on(others))

    def sentence(self) -> str:
        return self._sentence.text()


def _show(samples: list[dict[str, str]], title: QLabel, grid: SampleGrid) -> None:
    grid.show_samples(samples)
    title.setVisible(bool(samples))


def measured_rows(metrics: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """What was measured, this model's, the starter's and the blind figure; empty text where there is none."""
    captions, answers = _dict(metrics.get("captions")), _dict(metrics.get("answers"))
    rows: list[tuple[str, str, str, str]] = []
    for key, text in CAPTION_ROWS:
        own, starter, blind = (_figure(captions, name, key) for name in (OWN, STARTER, BLIND))
        rows.append((text, own, starter, blind))
    for kind, text in ANSWER_ROWS:
        own, starter, blind = (
            _figure(_dict(answers.get(name)), kind, "exact") for name in (OWN_ANSWERS, STARTER, BLIND_ANSWERS)
        )
        count = _dict(_dict(answers.get(OWN_ANSWERS)).get(kind)).get("count")
        asked = f" ({count:,} question{'' if count == 1 else 's'})" if isinstance(count, int) else ""
        rows.append((f"{text}{asked}", own, starter, blind))
    return [row for row in rows if row[1]]


def verdict(metrics: Mapping[str, Any]) -> str:
    """The captions' scores in words."""
    captions = _dict(metrics.get("captions"))
    own, starter, blind = (_dict(captions.get(name)).get("cider_d") for name in (OWN, STARTER, BLIND))
    if not isinstance(own, int | float) or not isinstance(blind, int | float):
        return ""
    sees = own > blind + CLEAR
    text = (
        "The model looks at the photos: its captions fit them better than other photos' would."
        if sees else "The model doesn't look at the photos yet: its captions fit other photos as well. Train longer, or on more."
    )
    if not isinstance(starter, int | float):
        return text
    photos = metrics.get("photos")
    if isinstance(photos, int) and photos < FEW:
        return (
            f"Too few photos to tell whether its captions are better than the starter model's: {photos:,} were kept apart from "
            f"training, and at least {FEW} are needed. {text}"
        )
    on = f"the {photos:,} photos" if isinstance(photos, int) else "the photos"
    if abs(own - starter) <= CLEAR:
        return f"{text} On {on} kept apart from training its captions are about as good as the starter model's."
    than = "better" if own > starter else "worse"
    return f"{text} On {on} kept apart from training its captions are {than} than the starter model's."


def _figure(table: Mapping[str, Any], name: str, key: str) -> str:
    value = _dict(table.get(name)).get(key)
    return f"{value:.1f}" if isinstance(value, int | float) else ""


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _read_examples(path: Path) -> dict[str, list[dict[str, str]]]:
    """Best and worst; nothing where the file is missing or damaged."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {
            name: [{key: str(item[key]) for key in ("image", "answer", "reference")} for item in content[name]]
            for name in ("best", "worst")
        }
    except (OSError, ValueError, KeyError, TypeError):
        return {"best": [], "worst": []}
