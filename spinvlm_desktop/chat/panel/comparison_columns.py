"""Both answers of a comparison side by side, their differing words marked."""

from __future__ import annotations

import difflib

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from spinvlm_desktop.chat.panel.answer_text import AnswerText


class ComparisonColumns(QWidget):
    """Head suppression off at the left, on at the right."""

    def __init__(self, baseline: AnswerText, spin: AnswerText) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        for title, text in (("SPIN off", baseline), ("SPIN on", spin)):
            column = QVBoxLayout()
            column.setSpacing(0)
            heading = QLabel(title)
            heading.setProperty("muted", True)
            column.addWidget(heading)
            column.addWidget(text)
            column.addStretch(1)
            row.addLayout(column, 1)
        for text, marked in zip((baseline, spin), _differing(baseline, spin), strict=True):
            text.mark_words(marked)


def _differing(baseline: AnswerText, spin: AnswerText) -> tuple[frozenset[int], frozenset[int]]:
    """Words of each answer that the other hasn't in the same place."""
    first, second = ([word.text for word in text.words] for text in (baseline, spin))
    blocks = difflib.SequenceMatcher(None, first, second, autojunk=False).get_opcodes()
    changed = [block for block in blocks if block[0] != "equal"]
    return (
        frozenset(index for _, start, end, _, _ in changed for index in range(start, end)),
        frozenset(index for _, _, _, start, end in changed for index in range(start, end)),
    )
