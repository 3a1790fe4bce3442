"""One turn of the chat: the question, and its answer, comparison or error."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from core.answers import Answer, AnswerToken, Comparison, Declining
from core.certainty import level_of
from spinvlm_desktop.answers.answer_markup import plain_text
from spinvlm_desktop.answers.certainty_words import (
    ASKED_ANYWAY,
    chip_text,
    chip_tip,
    guess_in_words,
    was_asked_anyway,
)
from spinvlm_desktop.answers.comparison_words import describe_divergence, was_stopped
from spinvlm_desktop.chat.panel.answer_judging import AnswerJudging
from spinvlm_desktop.chat.panel.answer_text import AnswerText
from spinvlm_desktop.widgets.buttons.hover_button import HoverButton, HoverButtons
from spinvlm_desktop.widgets.buttons.question_button import LEAST_WIDTH, QuestionButton
from spinvlm_desktop.widgets.controls import flat_button
from spinvlm_desktop.widgets.drawn_icon import circling_arrow, pages, pencil
from spinvlm_desktop.widgets.flow_layout import FlowLayout
from spinvlm_desktop.widgets.help.help_mark import HoverHelpMark
from spinvlm_desktop.widgets.help.help_topics import CERTAINTY, COMPARING
from spinvlm_desktop.widgets.labels import SentenceLabel
from spinvlm_desktop.widgets.layouts import column_of, row_of
from spinvlm_desktop.widgets.theme import colours

WEAK = "dotted words are weakly grounded"
GUESS_TIP = "Show the answer that the model would give; it is more likely wrong than right"
ANYWAY_TIP = "Give the model this question as it is; don't rely on what it answers"
ANSWERABLE_ALL_THE_SAME = frozenset({
    "text", "identity", "breed", "age", "time", "place_name", "why", "advice", "comparison", "quantity", "unseen", "statement",
    "task",
})
"""Kinds of declined questions to which the model may say something."""
WEAK_TIP = "They rest on the question far more than the answer's other words; point at one to see how much."


def _label(text: str = "", *, muted: bool = False) -> SentenceLabel:
    label = SentenceLabel(text)
    label.setProperty("muted", muted)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _explained(label: QWidget, topic: str) -> QWidget:
    """A label with a way to its place in the glossary."""
    line = QWidget()
    row_of((label, 1), HoverHelpMark(topic), parent=line, margins=(), spacing=2)
    return line


class TurnView(QWidget):
    """A question and what came of it."""

    word_clicked = Signal(str, int)
    """side (answer, baseline or spin), word"""
    suggestion_chosen = Signal(str)
    """A question that can be asked instead"""
    edit_requested = Signal()
    regenerate_requested = Signal()
    ask_anyway_requested = Signal()
    guess_shown = Signal()
    """The user wanted to see an answer that was held back."""

    def __init__(self, question: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.question = question
        self.result_text = ""
        """Answer, comparison or error as plain text; empty while it is being made."""
        self.certainty_text = ""
        """How sure the answer is, for screen readers to say first; empty where that isn't known."""
        self._sides: dict[str, AnswerText] = {}
        self._looking = True
        self._made: SentenceLabel | None = None
        self._cut_short = False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 2, 4, 4)
        layout.setSpacing(4)
        asked = QHBoxLayout()
        asked.addStretch(1)
        asked.addWidget(HoverButton(pencil, "Edit this question and ask again", self.edit_requested.emit))
        self._bubble = QFrame()
        self._bubble.setObjectName("question")
        inner = QVBoxLayout(self._bubble)
        inner.setContentsMargins(12, 6, 12, 6)
        inner.addWidget(_label(question))
        asked.addWidget(self._bubble, 6)
        layout.addLayout(asked)
        self._card = QFrame()
        self._card.setProperty("card", True)
        self._body, self._foot, self._below = QVBoxLayout(), QVBoxLayout(), QVBoxLayout()
        for part in (self._body, self._foot, self._below):
            part.setSpacing(2)
        row = QHBoxLayout()
        row.setSpacing(2)
        row.addLayout(self._foot, 1)
        copy = HoverButton(pages, "Copy the answer", lambda: QApplication.clipboard().setText(self.result_text))
        again = HoverButton(circling_arrow, "Answer this question again", self.regenerate_requested.emit)
        self._actions = (copy, again)
        self.judging = AnswerJudging()
        for button in (self.judging.up, self.judging.down, *self._actions):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        column_of(
            self._body, row, self._below, self.judging, parent=self._card, margins=(10, 4, 4, 4), spacing=2
        )
        self._hover = HoverButtons(self)
        layout.addWidget(self._card)
        self._dress()
        self.begin()

    def _dress(self) -> None:
        sheet = f"QFrame#question {{ background: {colours().question}; border-radius: 10px; }}"
        if self._bubble.styleSheet() != sheet:
            self._bubble.setStyleSheet(sheet)

    def refresh(self) -> None:
        """After a change of theme."""
        self._dress()

    def _clear(self) -> None:
        self._sides.clear()
        self._made = None
        for part in (self._body, self._foot, self._below):
            while (item := part.takeAt(0)) is not None:
                if (widget := item.widget()) is not None:
                    widget.hide()
                    widget.deleteLater()

    def _add_side(self, side: str) -> AnswerText:
        text = AnswerText()
        text.word_clicked.connect(lambda word: self.word_clicked.emit(side, word))
        text.set_looking(self._looking)
        self._sides[side] = text
        return text

    def set_looking(self, looking: bool) -> None:
        """Whether the user looks inside; the answer is plain text otherwise."""
        self._looking = looking
        for text in self._sides.values():
            text.set_looking(looking)
        self._show_how_made()

    # -- states

    def begin(self, note: str = "Answering…") -> None:
        """An answer is on its way."""
        self._clear()
        self.certainty_text = ""
        self.judging.withdraw()
        self._body.addWidget(self._add_side("answer"))
        self._set_finished(False)
        self._note = _label(note, muted=True)
        self._foot.addWidget(self._note)

    def show_progress(self, text: str) -> None:
        """What is being done before the first word."""
        self._note.setText(text)

    def add_tokens(self, tokens: Sequence[AnswerToken]) -> None:
        self._sides["answer"].append_tokens(tokens)
        self._note.setText("Answering…")

    def show_answer(self, answer: Answer, *, meta: str) -> None:
        """meta: how it was made."""
        if answer.declined is not None:
            self._show_declined(answer.declined, guess=answer if answer.declined.has_guess else None, meta=meta)
            return
        self._clear()
        text = self._add_side("answer")
        text.set_answer(answer)
        self._add_with_certainty(text, answer.certainty)
        self.certainty_text = "" if answer.certainty is None else chip_text(answer.certainty)
        if was_asked_anyway(answer):
            self._foot.addWidget(_label(ASKED_ANYWAY, muted=True))
        self._finish(_stopped(answer.finish == "stopped") + meta, plain_text(answer), cut_short=_needs_saying(answer))

    def _add_with_certainty(self, text: AnswerText, certainty: float | None) -> None:
        """The answer, and how sure it is: before it where that is not sure, else below it.

        Whatever comes last stands beside the buttons.
        """
        if certainty is None:
            self._foot.addWidget(text)
            return
        chip = _label(chip_text(certainty), muted=True)
        chip.setProperty("certainty", True)
        chip.setToolTip(chip_tip(certainty))
        chip.setAccessibleDescription(chip_tip(certainty))
        explained = _explained(chip, CERTAINTY)
        first, last = (explained, text) if level_of(certainty) == "not_sure" else (text, explained)
        self._body.addWidget(first)
        self._foot.addWidget(last)

    def _show_guess(self, answer: Answer, meta: str) -> None:
        """An answer that was held back, after all."""
        self._clear()
        self._body.addWidget(_label(guess_in_words(answer), muted=True))
        text = self._add_side("answer")
        text.set_answer(answer)
        self._foot.addWidget(text)
        self._finish(meta, f"{guess_in_words(answer)} {answer.text.strip()}")
        self.guess_shown.emit()

    def _show_declined(self, declined: Declining, *, guess: Answer | None = None, meta: str = "") -> None:
        """The sentence that is said instead of an answer, and what else can be done; no words and no map."""
        self._clear()
        sentence = _label(declined.sentence)
        sentence.setProperty("declined", True)
        self._body.addWidget(sentence)
        instead = QWidget()
        row = FlowLayout(instead)
        for suggestion in declined.suggestions:
            button = QuestionButton(suggestion, "Ask this instead")
            button.setAccessibleName(f"Ask instead: {suggestion}")
            button.clicked.connect(lambda _checked=False, text=suggestion: self.suggestion_chosen.emit(text))
            row.addWidget(button)
        self._body.addWidget(instead)
        if guess is not None:
            self._add_flat_button("Show guess", GUESS_TIP, lambda: self._show_guess(guess, meta))
        elif declined.kind in ANSWERABLE_ALL_THE_SAME:
            self._add_flat_button("Ask anyway", ANYWAY_TIP, self.ask_anyway_requested.emit)
        self._finish("", declined.sentence)

    def _add_flat_button(self, text: str, tip: str, slot: Callable[[], object]) -> None:
        button = flat_button(text, tip, slot)
        button.setMinimumWidth(LEAST_WIDTH)  # a card that is wider than the chat is cut off
        self._foot.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def show_comparison(self, comparison: Comparison, *, meta: str) -> None:
        """meta: how it was made."""
        if comparison.declined is not None:
            self._show_declined(comparison.declined)
            return
        self._clear()
        pair = QWidget()
        row = QHBoxLayout(pair)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        for side, title, answer in (("baseline", "SPIN off", comparison.baseline), ("spin", "SPIN on", comparison.spin)):
            column = QVBoxLayout()
            heading = QLabel(title)
            heading.setProperty("muted", True)
            column.addWidget(heading)
            text = self._add_side(side)
            text.set_answer(answer)
            column.addWidget(text)
            column.addStretch(1)
            row.addLayout(column, 1)
        self._body.addWidget(pair)
        for side, marked in zip(("baseline", "spin"), _differing(*self._sides.values()), strict=True):
            self._sides[side].mark_words(marked)
        self._foot.addWidget(_explained(_label(describe_divergence(comparison)), COMPARING))
        both = f"SPIN off: {plain_text(comparison.baseline)}\nSPIN on: {plain_text(comparison.spin)}"
        cut_short = any(map(_needs_saying, (comparison.baseline, comparison.spin)))
        self._finish(_stopped(was_stopped(comparison)) + meta, both, cut_short=cut_short)

    def show_error(self, sentence: str, *, details: str, partial: str = "") -> None:
        """partial: what there was of the answer."""
        self._clear()
        if partial:
            self._body.addWidget(_label(f"{partial} …"))
        error = _label(sentence)
        error.setProperty("error", True)
        self._foot.addWidget(error)
        if details:
            shown = QPlainTextEdit(details)
            shown.setReadOnly(True)
            shown.setMaximumHeight(160)
            shown.hide()
            self._below.addWidget(flat_button("Details", "Show what went wrong", lambda: shown.setVisible(shown.isHidden())))
            self._below.addWidget(shown)
        self._finish("", f"{partial}\n{sentence}".strip())

    def _finish(self, meta: str, copied: str, *, cut_short: bool = False) -> None:
        """meta: how it was made."""
        weak = any(word.weakly_grounded for text in self._sides.values() for word in text.words)
        self._made = _label(f"{meta} · {WEAK}" if weak else meta, muted=True)
        self._made.setToolTip(WEAK_TIP if weak else "")
        self._below.addWidget(self._made)
        self.result_text = copied
        self._cut_short = cut_short
        self._show_how_made()
        self._set_finished(True)

    def _show_how_made(self) -> None:
        """Only who looks inside needs it, unless the answer was cut short."""
        if self._made is not None:
            self._made.setVisible(bool(self._made.text()) and (self._looking or self._cut_short))

    def _set_finished(self, finished: bool) -> None:
        for button in self._actions:
            button.setEnabled(finished)
        self._hover.refresh()

    def side(self, name: str) -> AnswerText | None:
        """The text of one side, where there is one."""
        return self._sides.get(name)


def _differing(baseline: AnswerText, spin: AnswerText) -> tuple[frozenset[int], frozenset[int]]:
    """Words of each answer that the other hasn't in the same place."""
    first, second = ([word.text for word in text.words] for text in (baseline, spin))
    blocks = difflib.SequenceMatcher(None, first, second, autojunk=False).get_opcodes()
    changed = [block for block in blocks if block[0] != "equal"]
    return (
        frozenset(index for _, start, end, _, _ in changed for index in range(start, end)),
        frozenset(index for _, _, _, start, end in changed for index in range(start, end)),
    )


def _needs_saying(answer: Answer) -> bool:
    """Whether the line that says how it was made is for everybody: it was cut short, or a turn was left out."""
    return answer.finish != "end" or answer.forgotten_turns > 0


def _stopped(stopped: bool) -> str:
    return "Stopped · " if stopped else ""
