"""What a folder of captioned photos holds: counts, what is wrong, and a look at some photos."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import (
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from spinvlm_desktop.captioned_data.pair_cards import PairCards
from spinvlm_desktop.system.polled_files import is_file
from spinvlm_desktop.widgets.controls import open_folder, push_button
from spinvlm_desktop.widgets.figure_table import FigureTable
from spinvlm_desktop.widgets.labels import sentence_label
from spinvlm_desktop.widgets.layouts import column_of, row_of
from training.data.data_findings import DataFindings

SPLITS = {"train": "to train on", "dev": "to measure on", "test": "left alone (test)"}
MOST_NAMES = 200
"""Listed of one problem."""


class DataSummary(QWidget):
    """Shows what `show_findings` is given."""

    def __init__(self, *, purpose: str, show_pairs: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder, self._purpose, self._show_pairs = Path(), purpose, show_pairs
        self._line = sentence_label("What was found")
        self._counts = FigureTable("Counts", ("Photos", "Number", "Captions"))
        self._counts.setToolTip("How many photos and captions there are, and what for")
        self._problems = QTreeWidget()
        self._problems.setHeaderHidden(True)
        self._problems.setAccessibleName("What is wrong")
        self._problems.setToolTip("What is wrong, and with which photos")
        self._problems.itemActivated.connect(lambda *_: self._on_show_wanted())
        self._show = push_button("Show in folder", "Open the folder that this photo lies in", self._on_show_wanted)
        self._problems.currentItemChanged.connect(lambda item, _before: self._show.setEnabled(item is not None))
        self._no_problem = sentence_label("What is wrong", "Nothing is wrong with the photos and captions.", muted=True)
        self.cards = PairCards()
        right = column_of(self._no_problem, self._problems, row_of(self._show, 1), 1)
        left = column_of(self._counts, 1)
        column_of(self._line, row_of(left, (right, 1)), self.cards, parent=self, margins=())

    def show_findings(self, folder: Path, found: DataFindings) -> None:
        """folder: the one that was looked over."""
        self._folder = folder
        self._line.setText(
            f"{found.layout}. {found.preview.words:,} different words"
            f"{f'; {found.preview.pairs:,} questions and answers to learn from' * self._show_pairs}."
            if found.usable else f"{found.layout}. There is nothing {self._purpose}."
        )
        self._counts.show_rows([
            (SPLITS.get(split, split), f"{found.images[split]:,}", f"{found.captions.get(split, 0):,}") for split in found.images
        ])
        self._show_problems(found)
        self.cards.show_photos(found.preview.photos)
        self.cards.setVisible(self._show_pairs and bool(found.preview.photos))

    def _show_problems(self, found: DataFindings) -> None:
        self._problems.clear()
        for what, names in found.problems.items():
            branch = QTreeWidgetItem([f"{what[0].upper()}{what[1:]}: {len(names):,}"])
            branch.addChildren([QTreeWidgetItem([name]) for name in names[:MOST_NAMES]])
            if len(names) > MOST_NAMES:
                branch.addChild(QTreeWidgetItem([f"and {len(names) - MOST_NAMES:,} more"]))
            self._problems.addTopLevelItem(branch)
        wrong = bool(found.problems)
        self._problems.setVisible(wrong)
        self._show.setVisible(wrong)
        self._show.setEnabled(False)
        self._no_problem.setVisible(not wrong)
        self._problems.setFixedHeight(110)

    def problems(self) -> list[str]:
        """The problems in words, without the photos' names."""
        found = (self._problems.topLevelItem(row) for row in range(self._problems.topLevelItemCount()))
        return [item.text(0) for item in found if item is not None]

    def _on_show_wanted(self) -> None:
        item = self._problems.currentItem()
        if item is not None:  # pyright: ignore[reportUnnecessaryComparison]  # so it is where nothing is chosen
            open_folder(self.place_of(item.text(0)))

    def place_of(self, text: str) -> Path:
        """The folder of the photo that a line names, or the whole one where it names none that is there."""
        name = text.split(" = ")[0].split(" (")[0]
        candidates = [folder / name for folder in (self._folder, *self._folder.glob("*/"))]
        return next((path.parent for path in candidates if is_file(path)), self._folder)
