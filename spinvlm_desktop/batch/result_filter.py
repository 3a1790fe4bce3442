"""Which photos of a folder are shown, and in which order."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel

from spinvlm_desktop.batch.photo_result import PhotoResult
from spinvlm_desktop.batch.result_model import PHOTO_ROLE, RESULT_ROLE, SORT_ROLE, PhotoResults

ALL, ANSWERED, OPEN, FAILED, CORRECTED = "all", "answered", "open", "failed", "corrected"
KINDS = ((ALL, "All photos"), (ANSWERED, "Answered"), (OPEN, "Not answered yet"), (FAILED, "Can't be answered"),
         (CORRECTED, "Corrected"))
MOST_ANSWERS = 12
"""Answers that can be chosen from; those that are given most."""


class ResultFilter(QSortFilterProxyModel):
    """Photos of one kind or with one answer, whose words are all in the text or the name."""

    def __init__(self, results: PhotoResults, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._results = results
        self._kind: str = ALL
        self._answer: str | None = None
        self._words: list[str] = []
        self.setSourceModel(results)
        self.setSortRole(SORT_ROLE)
        self.setDynamicSortFilter(True)

    def show_kind(self, kind: str) -> None:
        """One of KINDS."""
        self._kind, self._answer = kind, None
        self.invalidate()

    def show_answer(self, answer: str) -> None:
        """Photos with this answer alone."""
        self._kind, self._answer = ANSWERED, answer
        self.invalidate()

    def search(self, text: str) -> None:
        self._words = text.casefold().split()
        self.invalidate()

    def photos(self) -> list[Path]:
        """As they are shown."""
        return [self.index(row, 0).data(PHOTO_ROLE) for row in range(self.rowCount())]

    def answers(self) -> list[tuple[str, int]]:
        """Those that several photos share, with how many do, the most frequent first."""
        counts = Counter(result.text for result in self._results.results().values() if not result.failed)
        return [(answer, number) for answer, number in counts.most_common(MOST_ANSWERS) if number > 1]

    def has_certainties(self) -> bool:
        """Whether how certain an answer is was measured, or a correction takes its place."""
        return any(r.certainty is not None or r.correction is not None for r in self._results.results().values())

    def filterAcceptsRow(self, source_row: int, source_parent: QModelIndex | QPersistentModelIndex) -> bool:
        index = self._results.index(source_row, 0)
        result: PhotoResult | None = index.data(RESULT_ROLE)
        if not _is_of_kind(result, self._kind) or (self._answer is not None and (result is None or result.text != self._answer)):
            return False
        if not self._words:
            return True
        text = f"{index.data()}\n{'' if result is None else result.text}".casefold()
        return all(word in text for word in self._words)


def _is_of_kind(result: PhotoResult | None, kind: str) -> bool:
    if kind == ALL:
        return True
    if result is None:
        return kind == OPEN
    if kind == CORRECTED:
        return result.correction is not None
    failed = result.failed and result.correction is None
    return kind == (FAILED if failed else ANSWERED)
