"""The conversation: takes what the user asks for in the chat tab, asks the model, and has the history keep it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.answer_model import ModelDescription
from core.answers import AnswerRequest, Comparison
from core.config import GenerationConfig
from spinvlm_desktop.answers.answer_length import fitted_generation
from spinvlm_desktop.chat.answer_focus import AnswerFocus
from spinvlm_desktop.chat.chat_tab import ChatTab
from spinvlm_desktop.chat.conversation_recorder import ConversationRecorder
from spinvlm_desktop.chat.head_map_requests import HeadMapRequests
from spinvlm_desktop.chat.held_question import HeldQuestion
from spinvlm_desktop.chat.pending_answers import CUT_OFF, PendingAnswers
from spinvlm_desktop.chat.question_suggestions import QuestionSuggestions
from spinvlm_desktop.chat.turns import Focus, ShownTurn, earlier_turns
from spinvlm_desktop.history.errors import HistoryError
from spinvlm_desktop.history.records import Turn
from spinvlm_desktop.image.opened_image import OpenedImage
from spinvlm_desktop.settings.defaults import DEFAULT_QUESTION
from spinvlm_desktop.worker.answer_service import AnswerService

NO_PHOTO = "Drop a photo here first; your question stays in its field."


class Conversation(QObject):
    """One conversation about one photo, shown in the chat tab."""

    busy_changed = Signal(bool)
    shown_changed = Signal(object)
    """Number of the conversation in the history that is now on show, or None."""
    result_shown = Signal(int)
    """Number of a turn whose answer or comparison is now on show."""

    def __init__(
        self, tab: ChatTab, service: AnswerService, recorder: ConversationRecorder, *, log_path: Path | None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._tab, self.recorder = tab, recorder
        self.generation = GenerationConfig()
        self.describes_photos = False
        """Whether a photo that is opened is described without a question."""
        self._last_turn = 0
        self._turns: dict[int, ShownTurn] = {}
        self._wanted: int | None = None
        """The conversation of the history whose photo is being read."""
        self.focus = AnswerFocus(tab, self._turns, self)
        self._pending = PendingAnswers(
            tab, service, recorder, turns=self._turns, focus=self.focus, log_path=log_path, parent=self
        )
        self.head_maps = HeadMapRequests(tab, service, self.focus, self)
        self.suggestions = QuestionSuggestions(tab.chat, self._turns)
        self._connect(service)
        self._held = HeldQuestion(tab, self)

    def _connect(self, service: AnswerService) -> None:
        chat, image = self._tab.chat, self._tab.image
        image.image_opened.connect(self._on_photo_opened)
        image.image_chosen.connect(self._on_photo_chosen)
        image.reader.ended.connect(self._on_photo_read)
        chat.question_asked.connect(self.ask)
        chat.stop_requested.connect(service.stop)
        chat.regenerate_requested.connect(self._on_regenerate)
        chat.ask_anyway_requested.connect(self._on_ask_anyway)
        chat.guess_shown.connect(lambda turn_id: self.focus.set(Focus(turn_id, "answer")))
        chat.question_edited.connect(self._on_edited)
        self._tab.attention.ask_again_requested.connect(self._on_ask_again)
        self._tab.changed.ask_again_requested.connect(self._on_ask_again)
        self._tab.spin_bar.choice_changed.connect(self._on_spin_changed)
        self.recorder.id_changed.connect(self.shown_changed)
        self._pending.busy_changed.connect(self.busy_changed)
        self._pending.result_shown.connect(self.result_shown)
        self._pending.answered.connect(self.suggestions.refresh)

    # -- the photo and the conversation

    def start_new(self) -> None:
        """Back to the empty start; the old conversation stays in the history."""
        if self._tab.image.reader.reading() is not None:
            self._tab.image.reader.give_up()
        self._tab.image.clear()
        self._begin(None)

    def begin(self) -> None:
        """An empty conversation about the photo on show."""
        self._begin(self.photo)

    def _begin(self, photo: OpenedImage | None) -> None:
        self._pending.drop()
        self._turns.clear()
        self._wanted = None
        self.recorder.begin(photo)
        self._tab.chat.clear()
        self._tab.chat.show_photo(photo is not None)
        self.focus.set(None)
        self.shown_changed.emit(None)

    def _on_photo_opened(self, image: OpenedImage) -> None:
        self._tab.attention.forget_selection()
        self._begin(image)
        if self.describes_photos:
            request, compare = self._make_request(DEFAULT_QUESTION, image, after=())
            turn = ShownTurn(DEFAULT_QUESTION, unasked=request)
            self._send(self._add_turn(turn), request, compare=compare)

    def _on_photo_chosen(self, image: OpenedImage) -> None:
        """One of the photos that were dropped together: its conversation goes on, where it has one."""
        number = self.recorder.conversation_about(image)
        if number is None:
            self._on_photo_opened(image)
        else:
            self._show_conversation(number, image, self.recorder.store.turns(number))

    def open_conversation(self, conversation_id: int, *, then: Callable[[], None] | None = None) -> None:
        """Show a conversation of the history as soon as its photo is read, and then do what is to be done with it.

        Raises HistoryError; the old conversation then stays, as it does where the photo is refused.
        """
        if conversation_id == self.recorder.id:
            self._tab.image.reader.give_up()
            if then is not None:
                then()
            return
        store = self.recorder.store
        record, turns = store.conversation(conversation_id), store.turns(conversation_id)
        path = store.image_path(record.image_hash)
        if path is None:
            raise HistoryError("The photo of this conversation is missing; it can still be exported as text.")

        def on_read(opened: OpenedImage) -> None:
            if self._wanted == conversation_id:
                photo = replace(opened, name=record.image_name)
                self._tab.image.show_image(photo)
                self._show_conversation(conversation_id, photo, turns)
                if then is not None:
                    then()

        self._wanted = conversation_id
        self._tab.image.reader.read(path, on_read, self._on_photo_refused, name=record.image_name)

    @property
    def photo(self) -> OpenedImage | None:
        """The one on show."""
        return self.recorder.photo

    def turns(self) -> dict[int, ShownTurn]:
        """By their numbers in the chat."""
        return dict(self._turns)

    def in_use(self) -> frozenset[int]:
        """The conversations of the history that are on show, or about to be."""
        return frozenset(number for number in (self.recorder.id, self._wanted) if number is not None)

    def _on_photo_refused(self, sentence: str) -> None:
        self.recorder.problem_occurred.emit(sentence)
        self.shown_changed.emit(self.recorder.id)

    def _show_conversation(self, conversation_id: int, photo: OpenedImage, turns: Sequence[Turn]) -> None:
        self._tab.attention.forget_selection()
        self._begin(photo)
        self.recorder.go_on(conversation_id, photo)
        for turn in turns:
            self._show_turn(turn, photo)
        self._pending.name_models()
        self.suggestions.refresh()
        self.shown_changed.emit(conversation_id)
        answered = [number for number, turn in self._turns.items() if turn.was_answered]
        if answered:
            self.focus.set(Focus(answered[-1], self._turns[answered[-1]].main_side))

    def _show_turn(self, turn: Turn, photo: OpenedImage) -> None:
        shown = ShownTurn(
            turn.question, record_id=turn.id, model=turn.model, spin=turn.spin, ablated=turn.ablated,
            result=turn.comparison or turn.answer,
        )
        shown.request = AnswerRequest(
            photo.source, turn.question, spin=turn.spin, generation=turn.generation, ablated_heads=turn.ablated,
            earlier=earlier_turns(self._turns.values()), finer=shown.looked_finer,
        )
        turn_id = self._add_turn(shown)
        if shown.result is None:
            self._tab.chat.fail_answer(turn_id, turn.error or CUT_OFF, details="", partial=turn.partial_text)
        else:
            self._pending.show_result(turn_id)

    def close(self) -> None:
        """Before the window goes: what is being answered is kept as far as it came."""
        self._pending.drop()

    # -- questions

    def ask(self, question: str) -> None:
        """Ask about the photo, with head suppression as the SPIN bar has it and without the heads switched off by hand."""
        if self._held.hold(question):
            return
        if self.photo is None:
            self._tab.image.show_error(NO_PHOTO)
            self._tab.chat.field.put(question)
            return
        for turn_id in self._pending.drop_unasked():
            self._remove_turns_from(turn_id)
        request, compare = self._make_request(question, self.photo, after=list(self._turns.values()))
        record_id = self.recorder.add_question(request, model=self._pending.model_name)
        self._send(self._add_turn(ShownTurn(question, record_id=record_id)), request, compare=compare)

    def _remove_turns_from(self, turn_id: int) -> None:
        """This turn and all later ones."""
        self._tab.chat.remove_turns_from(turn_id)
        for number in [number for number in self._turns if number >= turn_id]:
            del self._turns[number]

    def _on_photo_read(self) -> None:
        self._wanted = None

    def _make_request(
        self, question: str, photo: OpenedImage, *, after: Sequence[ShownTurn]
    ) -> tuple[AnswerRequest, bool]:
        """What is to be asked now, and whether both answers are wanted. after: the turns before it."""
        choice = self._tab.spin_bar.choice()
        request = AnswerRequest(
            photo.source, question, spin=None if choice.mode == "off" else choice.spin,
            generation=fitted_generation(self.generation, self._pending.model),
            ablated_heads=self._tab.attention.ablated() if self._tab.look_inside.isChecked() else frozenset(),
            earlier=earlier_turns(after), finer=self._tab.finer.in_force,
        )
        return request, choice.mode == "compare"

    def _add_turn(self, turn: ShownTurn) -> int:
        self._last_turn += 1
        self._turns[self._last_turn] = turn
        self._tab.chat.add_turn(self._last_turn, turn.question)
        return self._last_turn

    def _send(self, turn_id: int, request: AnswerRequest, *, compare: bool) -> None:
        self._pending.ask(turn_id, request, compare=compare)
        self.suggestions.refresh()

    def set_model(self, described: ModelDescription) -> None:
        """From now on questions don't wait for a model."""
        self._pending.model = described
        self.head_maps.set_model(described)

    def _on_regenerate(self, turn_id: int, *, free_form: bool = False) -> None:
        """free_form: as it was typed, whatever its kind."""
        if self._pending.under_way or self.photo is None or self._tab.image.reader.reading() is not None:
            return
        turn = self._turns[turn_id]
        earlier = [shown for number, shown in self._turns.items() if number < turn_id]
        request, compare = self._make_request(turn.question, self.photo, after=earlier)
        request = replace(request, free_form=free_form)
        self._turns[turn_id] = ShownTurn(turn.question, record_id=turn.record_id)
        self.recorder.restart(turn.record_id, request, model=self._pending.model_name)
        self._send(turn_id, request, compare=compare)

    def _on_ask_anyway(self, turn_id: int) -> None:
        self._on_regenerate(turn_id, free_form=True)

    def _on_edited(self, turn_id: int, question: str) -> None:
        if self._held.hold(question):
            return
        self._pending.drop()
        before, first = self._turns[turn_id], turn_id == min(self._turns)
        self.recorder.delete_from(before.record_id)
        self._remove_turns_from(turn_id)
        self.ask(question)
        if first:
            self.recorder.retitle(before.question, question)

    def _on_spin_changed(self) -> None:
        """Say so where the answer on show was made under other settings than the next one will be."""
        turn = self.focus.turn()
        if turn is None or turn.result is None:
            return
        choice = self._tab.spin_bar.choice()
        wanted = None if choice.mode == "off" else choice.spin
        same = turn.spin == wanted and isinstance(turn.result, Comparison) == (choice.mode == "compare")
        self._tab.changed.setVisible(not same)

    def _on_ask_again(self) -> None:
        turn = self.focus.turn()
        if turn is not None and not self._pending.under_way:
            self.ask(turn.question)
