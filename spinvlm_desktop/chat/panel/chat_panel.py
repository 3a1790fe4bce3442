"""The chat: turns, suggested questions, the field for the next question."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from core.answers import Answer, AnswerToken, Comparison
from spinvlm_desktop.chat.panel.answer_judging import AnswerJudging
from spinvlm_desktop.chat.panel.changes_chip import ChangesChip
from spinvlm_desktop.chat.panel.length_note import LengthNote
from spinvlm_desktop.chat.panel.question_field import PLACEHOLDER, QuestionField
from spinvlm_desktop.chat.panel.suggested_questions import SuggestedQuestions
from spinvlm_desktop.chat.panel.turn_view import TurnView
from spinvlm_desktop.chat.panel.welcome import Welcome
from spinvlm_desktop.widgets.controls import push_button
from spinvlm_desktop.widgets.labels import sentence_label
from spinvlm_desktop.widgets.layouts import column_of, row_of

NO_PHOTO = "Drop a photo first"
INVITATION = "Click a word of an answer to see where the model looked."


class ChatPanel(QWidget):
    """Turns are known by the number that the caller gives them."""

    question_asked = Signal(str)
    stop_requested = Signal()
    regenerate_requested = Signal(int)
    ask_anyway_requested = Signal(int)
    """A question that was declined for its kind is to go to the model as it is."""
    guess_shown = Signal(int)
    question_edited = Signal(int, str)
    word_chosen = Signal(int, str, int)
    """turn, side (answer, baseline or spin), word"""
    answer_judged = Signal(int, object, str)
    """turn, and what `AnswerJudging` emits"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._turns: dict[int, TurnView] = {}
        self._edited: int | None = None
        self._busy = False
        self._looking = True
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setAccessibleName("Questions and answers; Page Up and Page Down scroll")
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        content = QWidget()
        self.welcome = Welcome()
        self.welcome.question_chosen.connect(self._on_sent)
        self._suggested = SuggestedQuestions()
        self._suggested.chosen.connect(self._on_suggestion)
        self._invites = False
        self._invitation = sentence_label("Hint", INVITATION, muted=True)
        self._invitation.setContentsMargins(4, 0, 4, 0)
        self._invitation.hide()
        self._column = column_of(self.welcome, self._invitation, self._suggested, 1, parent=content, margins=(0, 0, 6, 0))
        self._scroll.setWidget(content)
        bar = self._scroll.verticalScrollBar()
        self._at_bottom = True
        bar.valueChanged.connect(lambda value: setattr(self, "_at_bottom", value >= bar.maximum() - 8))
        bar.rangeChanged.connect(lambda _, most: bar.setValue(most) if self._at_bottom else None)
        # Where room is short the turns scroll, rather than the settings above them being squeezed.
        self._scroll.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.chip, self.length = ChangesChip(), LengthNote()
        layout = column_of((self._scroll, 1), self.chip, self._make_input(), self.length, parent=self, margins=(), spacing=8)
        layout.setAlignment(self.chip, Qt.AlignmentFlag.AlignLeft)
        self.field.textChanged.connect(lambda: self.length.show_length(self.field.toPlainText()))
        self.show_photo(False)

    def _make_input(self) -> QHBoxLayout:
        self.field = QuestionField()
        self.field.sent.connect(self._on_sent)
        self._send = push_button("Send", "Send the question (Enter)", self.field.send, primary=True)
        self._stop = push_button("Stop", "Stop the answer (Esc)", self.stop_requested.emit)
        self._stop.hide()
        return row_of((self.field, 1), self._send, self._stop)

    def _on_sent(self, text: str) -> None:
        self.field.setFocus()
        if self._busy:
            self.field.put(text)
        elif self._edited is not None:
            turn, self._edited = self._edited, None
            self.question_edited.emit(turn, text)
        else:
            self.question_asked.emit(text)

    def _on_suggestion(self, text: str) -> None:
        """A new question, also while another one is being written or edited."""
        self.field.setFocus()
        if not self._busy:
            self.question_asked.emit(text)
        elif not self.field.toPlainText():
            self.field.put(text)

    # -- turns

    def add_turn(self, turn_id: int, question: str) -> None:
        """A question at the end of the chat."""
        view = TurnView(question)
        view.word_clicked.connect(lambda side, word: self.word_chosen.emit(turn_id, side, word))
        view.suggestion_chosen.connect(self._on_suggestion)
        view.regenerate_requested.connect(lambda: self.regenerate_requested.emit(turn_id))
        view.edit_requested.connect(lambda: self._edit(turn_id))
        view.judging.judged.connect(lambda was_right, answer: self.answer_judged.emit(turn_id, was_right, answer))
        view.ask_anyway_requested.connect(lambda: self.ask_anyway_requested.emit(turn_id))
        view.guess_shown.connect(lambda: self.guess_shown.emit(turn_id))
        view.set_looking(self._looking)
        self._turns[turn_id] = view
        self.welcome.hide()
        self._at_bottom = True
        self._column.insertWidget(self._column.indexOf(self._invitation), view)

    def _edit(self, turn_id: int) -> None:
        if not self._busy:
            self._edited = turn_id
            self.field.setPlainText(self._turns[turn_id].question)
            self.field.selectAll()
            self.field.setFocus()

    def offer_edit(self, turn_id: int) -> None:
        """A question that was refused comes back to be corrected, unless another one is being written."""
        if not self.field.toPlainText():
            self._edit(turn_id)

    def begin_answer(self, turn_id: int) -> None:
        self._turns[turn_id].begin()

    def mark_waiting(self, turn_id: int, text: str) -> None:
        self._turns[turn_id].begin(text)

    def show_progress(self, turn_id: int, text: str) -> None:
        """What is being done for an answer whose first word is awaited."""
        self._turns[turn_id].show_progress(text)

    def add_tokens(self, turn_id: int, tokens: Sequence[AnswerToken]) -> None:
        self._turns[turn_id].add_tokens(tokens)

    def finish_answer(self, turn_id: int, answer: Answer, *, meta: str) -> None:
        self._turns[turn_id].show_answer(answer, meta=meta)
        self._show_invitation()

    def finish_comparison(self, turn_id: int, comparison: Comparison, *, meta: str) -> None:
        self._turns[turn_id].show_comparison(comparison, meta=meta)

    def show_author(self, turn_id: int, name: str) -> None:
        """Which model answers from this turn on; an empty name hides it."""
        self._turns[turn_id].show_author(name)

    def fail_answer(self, turn_id: int, sentence: str, *, details: str, partial: str = "") -> None:
        """partial: what there was of the answer."""
        self._turns[turn_id].show_error(sentence, details=details, partial=partial)

    def judging(self, turn_id: int) -> AnswerJudging:
        """The part of a turn that takes what the user says of its answer."""
        return self._turns[turn_id].judging

    def announce(self, turn_id: int) -> None:
        """Have screen readers say what came of a question."""
        view = self._turns[turn_id]
        said = f"{view.certainty_text}\n{view.result_text}".strip()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(view, said))

    def remove_turns_from(self, turn_id: int) -> None:
        """Take this turn and all later ones away."""
        for number in [number for number in self._turns if number >= turn_id]:
            view = self._turns.pop(number)
            view.hide()
            view.deleteLater()
        self.welcome.setVisible(not self._turns)
        self._show_invitation()

    def suggest(self, questions: Sequence[str]) -> None:
        """Questions to ask next, below the turns; none hides them."""
        self._suggested.show_questions(questions)

    def clear(self) -> None:
        self._edited = None
        self.suggest(())
        self.remove_turns_from(min(self._turns, default=0))

    # -- words

    def invite_to_words(self, invites: bool) -> None:
        """Whether to say below the answers that their words can be clicked; that waits until there are any."""
        self._invites = invites
        self._show_invitation()

    def _show_invitation(self) -> None:
        self._invitation.setVisible(self._invites and any(view.has_words for view in self._turns.values()))

    def set_looking(self, looking: bool) -> None:
        """Whether the user looks inside; answers are plain text otherwise."""
        self._looking = looking
        for view in self._turns.values():
            view.set_looking(looking)

    def select_word(self, turn_id: int, side: str, word: int | None) -> None:
        if turn_id in self._turns and (text := self._turns[turn_id].side(side)) is not None:
            text.select_word(word)

    def set_word_weights(self, turn_id: int, side: str, weights: Sequence[float] | None) -> None:
        if turn_id in self._turns and (text := self._turns[turn_id].side(side)) is not None:
            text.set_word_weights(weights)

    # -- state

    def set_busy(self, busy: bool, *, gives_way: bool = False) -> None:
        """While an answer is made there is Stop in place of Send; typing goes on.

        gives_way: the answer was asked for by nobody, and ends as soon as somebody asks.
        """
        self._busy = busy and not gives_way
        self._send.setVisible(not self._busy)
        self._stop.setVisible(busy)

    def show_photo(self, there: bool) -> None:
        """Whether there is a photo to ask about."""
        self.field.setPlaceholderText(PLACEHOLDER if there else NO_PHOTO)
        self.welcome.show_photo(there)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            # Not now: a stylesheet set while another one is being applied confuses Qt.
            QTimer.singleShot(0, lambda: [view.refresh() for view in self._turns.values()])
