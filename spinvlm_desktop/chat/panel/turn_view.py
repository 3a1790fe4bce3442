"""One turn of the chat: the question, and its answer, comparison or error."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QVBoxLayout, QWidget

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
from spinvlm_desktop.chat.panel.comparison_columns import ComparisonColumns
from spinvlm_desktop.chat.panel.declined_note import ANSWERABLE_ALL_THE_SAME, DeclinedNote
from spinvlm_desktop.chat.panel.failed_note import FailedNote
from spinvlm_desktop.widgets.buttons.hover_button import HoverButton, HoverButtons
from spinvlm_desktop.widgets.buttons.question_button import LEAST_WIDTH
from spinvlm_desktop.widgets.controls import flat_button
from spinvlm_desktop.widgets.drawn_icon import circling_arrow, pages, pencil
from spinvlm_desktop.widgets.help.help_mark import explained_label
from spinvlm_desktop.widgets.help.help_topics import CERTAINTY, COMPARING
from spinvlm_desktop.widgets.labels import SentenceLabel, selectable_label, show_or_hide
from spinvlm_desktop.widgets.layouts import column_of
from spinvlm_desktop.widgets.theme import colours

WEAK = "dotted words are weakly grounded"
GUESS_TIP = "Show the answer that the model would give; it is more likely wrong than right"
ANYWAY_TIP = "Give the model this question as it is; don't rely on what it answers"
WEAK_TIP = "They rest on the question far more than the answer's other words; point at one to see how much."


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
        inner.addWidget(selectable_label(question))
        asked.addWidget(self._bubble, 6)
        layout.addLayout(asked)
        self._author = selectable_label(muted=True)
        self._author.hide()
        layout.addWidget(self._author)
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

    def show_author(self, name: str) -> None:
        """Which model answers from here on; an empty name hides it."""
        show_or_hide(self._author, f"Answered by {name}" if name else None)

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
        self._note = selectable_label(note, muted=True)
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
            self._foot.addWidget(selectable_label(ASKED_ANYWAY, muted=True))
        self._finish(_stopped(answer.finish == "stopped") + meta, plain_text(answer), cut_short=_needs_saying(answer))

    def _add_with_certainty(self, text: AnswerText, certainty: float | None) -> None:
        """The answer, and how sure it is: before it where that is not sure, else below it. That stands beside the buttons, so
        that the answer has the card's whole width."""
        if certainty is None:
            self._foot.addWidget(text)
            return
        chip = selectable_label(chip_text(certainty), muted=True)
        chip.setProperty("certainty", True)
        chip.setToolTip(chip_tip(certainty))
        chip.setAccessibleDescription(chip_tip(certainty))
        self._foot.addWidget(explained_label(chip, CERTAINTY))
        (self._below if level_of(certainty) == "not_sure" else self._body).addWidget(text)

    def _show_guess(self, answer: Answer, meta: str) -> None:
        """An answer that was held back, after all."""
        self._clear()
        self._foot.addWidget(selectable_label(guess_in_words(answer), muted=True))
        text = self._add_side("answer")
        text.set_answer(answer)
        self._below.addWidget(text)
        self._finish(meta, f"{guess_in_words(answer)} {answer.text.strip()}")
        self.guess_shown.emit()

    def _show_declined(self, declined: Declining, *, guess: Answer | None = None, meta: str = "") -> None:
        """guess: an answer that is held back."""
        self._clear()
        note = DeclinedNote(declined)
        note.suggestion_chosen.connect(self.suggestion_chosen)
        self._body.addWidget(note)
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
        texts = self._add_side("baseline"), self._add_side("spin")
        for text, answer in zip(texts, (comparison.baseline, comparison.spin), strict=True):
            text.set_answer(answer)
        self._body.addWidget(ComparisonColumns(*texts))
        self._foot.addWidget(explained_label(selectable_label(describe_divergence(comparison)), COMPARING))
        both = f"SPIN off: {plain_text(comparison.baseline)}\nSPIN on: {plain_text(comparison.spin)}"
        cut_short = any(map(_needs_saying, (comparison.baseline, comparison.spin)))
        self._finish(_stopped(was_stopped(comparison)) + meta, both, cut_short=cut_short)

    def show_error(self, sentence: str, *, details: str, partial: str = "") -> None:
        """partial: what there was of the answer."""
        self._clear()
        self._body.addWidget(FailedNote(sentence, details=details, partial=partial))
        self._finish("", f"{partial}\n{sentence}".strip())

    def _finish(self, meta: str, copied: str, *, cut_short: bool = False) -> None:
        """meta: how it was made."""
        weak = any(word.weakly_grounded for text in self._sides.values() for word in text.words)
        self._made = selectable_label(f"{meta} · {WEAK}" if weak else meta, muted=True)
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

    @property
    def has_words(self) -> bool:
        """Whether there are words to look into."""
        return any(text.words for text in self._sides.values())

    def side(self, name: str) -> AnswerText | None:
        """The text of one side, where there is one."""
        return self._sides.get(name)


def _needs_saying(answer: Answer) -> bool:
    """Whether the line that says how it was made is for everybody: it was cut short, or a turn was left out."""
    return answer.finish != "end" or answer.forgotten_turns > 0


def _stopped(stopped: bool) -> str:
    return "Stopped · " if stopped else ""
