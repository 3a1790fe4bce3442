"""The conversation: takes what the user asks for in the chat tab, asks the model, and has the history keep it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.answer_model import ModelDescription
from core.answers import Answer, AnswerRequest, AnswerToken, Comparison
from core.config import GenerationConfig
from spinvlm_desktop.answers.answer_length import fitted_generation
from spinvlm_desktop.chat.answer_focus import AnswerFocus
from spinvlm_desktop.chat.chat_tab import ChatTab
from spinvlm_desktop.chat.conversation_recorder import ConversationRecorder
from spinvlm_desktop.chat.head_map_requests import HeadMapRequests
from spinvlm_desktop.chat.photo_questions import questions_about
from spinvlm_desktop.chat.turns import Focus, ShownTurn, earlier_turns
from spinvlm_desktop.history.errors import HistoryError
from spinvlm_desktop.history.records import Turn
from spinvlm_desktop.image.opened_image import OpenedImage
from spinvlm_desktop.settings.defaults import DEFAULT_QUESTION
from spinvlm_desktop.worker.answer_service import AnswerService

NO_PHOTO = "Drop a photo here first; your question stays in its field."
MOST_OWN = 2
"""Of the user's class questions, that are suggested."""
CUT_OFF = "This answer was cut off; Again answers the question once more."


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
        self._tab, self._service, self.recorder, self._log_path = tab, service, recorder, log_path
        self.generation = GenerationConfig()
        self._described: ModelDescription | None = None
        self.describes_photos = False
        """Whether a photo that is opened is described without a question."""
        self._last_turn = 0
        self._image: OpenedImage | None = None
        self._turns: dict[int, ShownTurn] = {}
        self.focus = AnswerFocus(tab, self._turns, self)
        self.head_maps = HeadMapRequests(tab, service, self.focus, self)
        self._asked: dict[int, int] = {}
        """Request number -> turn."""
        self._own_questions: tuple[str, ...] = ()
        self._wanted: int | None = None
        """The conversation of the history whose photo is being read."""
        self._held: tuple[int, str] | None = None
        """A question that was sent while its photo is being read, and the number of that reading."""
        self._of_photo: dict[str, int] = {}
        """The conversation of each photo since the start, by the photo's hash."""
        self._connect()

    def _connect(self) -> None:
        chat, attention, image, service = self._tab.chat, self._tab.attention, self._tab.image, self._service
        image.image_opened.connect(self._on_photo_opened)
        image.image_chosen.connect(self._on_photo_chosen)
        image.reader.ended.connect(self._on_photo_read)
        chat.question_asked.connect(self.ask)
        chat.stop_requested.connect(service.stop)
        chat.regenerate_requested.connect(self._on_regenerate)
        chat.ask_anyway_requested.connect(self._on_ask_anyway)
        chat.guess_shown.connect(lambda turn_id: self.focus.set(Focus(turn_id, "answer")))
        chat.question_edited.connect(self._on_edited)
        attention.ask_again_requested.connect(self._on_ask_again)
        self._tab.changed.ask_again_requested.connect(self._on_ask_again)
        self._tab.spin_bar.choice_changed.connect(self._on_spin_changed)
        service.reading.connect(self._on_reading)
        service.tokens_ready.connect(self._on_tokens)
        service.answered.connect(self._on_answered)
        service.answer_failed.connect(self._on_failed)

    # -- the photo and the conversation

    def start_new(self) -> None:
        """Back to the empty start; the old conversation stays in the history."""
        self._image = None
        if self._tab.image.reader.reading() is not None:
            self._tab.image.reader.give_up()
        self._tab.image.clear()
        self.begin()

    def begin(self) -> None:
        """An empty conversation about the photo on show."""
        self._drop_requests()
        self._turns.clear()
        self.recorder.id = self._wanted = None
        self._tab.chat.clear()
        self._tab.chat.show_photo(self._image is not None)
        self.focus.set(None)
        self.shown_changed.emit(None)

    def _take_photo(self, image: OpenedImage) -> None:
        self._image = image
        self._tab.attention.forget_selection()
        self.begin()

    def _on_photo_opened(self, image: OpenedImage) -> None:
        self._take_photo(image)
        if self.describes_photos:
            request, compare = self._make_request(DEFAULT_QUESTION, after=())
            turn = ShownTurn(DEFAULT_QUESTION, unasked=request)
            self._send(self._add_turn(turn), request, compare=compare)

    def _on_photo_chosen(self, image: OpenedImage) -> None:
        """One of the photos that were dropped together: its conversation goes on, where it has one."""
        number = self._of_photo.get(image.content_hash)
        store = self.recorder.store
        if number is not None and any(c.id == number and c.image_hash == image.content_hash for c in store.conversations()):
            self._show_conversation(number, image, store.turns(number))
        else:
            self._on_photo_opened(image)

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
        return self._image

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
        self._take_photo(photo)
        self.recorder.id = self._of_photo[photo.content_hash] = conversation_id
        for turn in turns:
            self._show_turn(turn)
        self._suggest()
        self.shown_changed.emit(conversation_id)
        answered = [number for number, turn in self._turns.items() if turn.was_answered]
        if answered:
            self.focus.set(Focus(answered[-1], self._turns[answered[-1]].main_side))

    def _show_turn(self, turn: Turn) -> None:
        shown = ShownTurn(
            turn.question, record_id=turn.id, model=turn.model, spin=turn.spin, ablated=turn.ablated,
            result=turn.comparison or turn.answer,
        )
        earlier = earlier_turns(self._turns.values())
        if self._image is not None:
            shown.request = AnswerRequest(
                self._image.source, turn.question, spin=turn.spin, generation=turn.generation, ablated_heads=turn.ablated,
                earlier=earlier, finer=shown.looked_finer,
            )
        turn_id = self._add_turn(shown)
        if shown.result is None:
            self._tab.chat.fail_answer(turn_id, turn.error or CUT_OFF, details="", partial=turn.partial_text)
        else:
            self._show_result(turn_id, shown)

    def close(self) -> None:
        """Before the window goes: what is being answered is kept as far as it came."""
        self._drop_requests()

    # -- questions

    def ask(self, question: str) -> None:
        """Ask about the photo, with head suppression as the SPIN bar has it and without the heads switched off by hand."""
        if self._hold(question):
            return
        if self._image is None:
            self._tab.image.show_error(NO_PHOTO)
            self._tab.chat.field.put(question)
            return
        self._drop_unasked()
        request, compare = self._make_request(question, after=list(self._turns.values()))
        record_id = self._record(request)
        self._send(self._add_turn(ShownTurn(question, record_id=record_id)), request, compare=compare)

    def _record(self, request: AnswerRequest) -> int | None:
        assert self._image is not None
        number = self.recorder.add_question(self._image, request, model=self._model)
        if self.recorder.id is not None:
            self._of_photo[self._image.content_hash] = self.recorder.id
        self.shown_changed.emit(self.recorder.id)
        return number

    def _keep_unasked(self, turn: ShownTurn) -> None:
        if turn.unasked is not None:
            turn.record_id, turn.unasked = self._record(turn.unasked), None

    def _drop_unasked(self) -> None:
        """A description that nobody asked for, and that isn't there yet, gives way to a question."""
        for request_id, turn_id in list(self._asked.items()):
            if self._turns[turn_id].unasked is not None:
                self._service.forget(request_id)
                del self._asked[request_id], self._turns[turn_id]
                self._tab.chat.remove_turns_from(turn_id)

    def _hold(self, question: str) -> bool:
        """While a photo is being read, a question stays in its field: it is meant for that photo, and sent when it is there."""
        reading = self._tab.image.reader.reading()
        if reading is not None:
            self._held = reading, question
            self._tab.chat.field.put(question)
        return reading is not None

    def _on_photo_read(self, reading: int, opened: bool) -> None:
        self._wanted = None
        held, self._held = self._held, None
        if opened and held == (reading, self._tab.chat.field.toPlainText()):
            self._tab.chat.field.send()

    def _make_request(self, question: str, *, after: Sequence[ShownTurn]) -> tuple[AnswerRequest, bool]:
        """What is to be asked now, and whether both answers are wanted. after: the turns before it."""
        assert self._image is not None
        choice = self._tab.spin_bar.choice()
        request = AnswerRequest(
            self._image.source, question, spin=None if choice.mode == "off" else choice.spin,
            generation=fitted_generation(self.generation, self._described),
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
        turn, chat = self._turns[turn_id], self._tab.chat
        turn.model, turn.spin, turn.ablated = self._model, request.spin, request.ablated_heads
        turn.request = request
        chat.begin_answer(turn_id)
        if self._described is None:
            chat.mark_waiting(turn_id, "Waiting for the model…")
        elif self._described.family is not None:
            chat.mark_waiting(turn_id, "Looking at the photo…")
        self._asked[self._service.ask(request, compare=compare)] = turn_id
        self.focus.set(None)
        self._suggest()
        self._set_busy(True, gives_way=turn.unasked is not None)

    def _suggest(self) -> None:
        """What fits the photo as it was last described, and wasn't asked yet."""
        results = [turn.result for turn in self._turns.values() if isinstance(turn.result, Answer)]
        fitting = next((found for result in reversed(results) if (found := questions_about(result))), ())
        asked = {turn.question.casefold() for turn in self._turns.values()}
        suggested = (*self._own_questions[:MOST_OWN], *fitting) if fitting else ()
        self._tab.chat.suggest([question for question in suggested if question.casefold() not in asked])

    def set_own_questions(self, questions: Sequence[str]) -> None:
        """Class questions of the user's, which are suggested for every photo, first of all."""
        self._own_questions = tuple(questions)
        self._suggest()

    def _set_busy(self, busy: bool, *, gives_way: bool = False) -> None:
        self._tab.chat.set_busy(busy, gives_way=gives_way)
        self.busy_changed.emit(busy)

    @property
    def _model(self) -> str:
        """Name of the model that answers; empty while none is loaded."""
        return "" if self._described is None else self._described.name

    def set_model(self, described: ModelDescription) -> None:
        """From now on questions don't wait for a model."""
        self._described = described
        self.head_maps.set_model(described)

    def _on_regenerate(self, turn_id: int, *, free_form: bool = False) -> None:
        """free_form: as it was typed, whatever its kind."""
        if self._asked or self._image is None or self._tab.image.reader.reading() is not None:
            return
        turn = self._turns[turn_id]
        earlier = [shown for number, shown in self._turns.items() if number < turn_id]
        request, compare = self._make_request(turn.question, after=earlier)
        request = replace(request, free_form=free_form)
        self._turns[turn_id] = ShownTurn(turn.question, record_id=turn.record_id)
        self.recorder.restart(turn.record_id, request, model=self._model)
        self._send(turn_id, request, compare=compare)

    def _on_ask_anyway(self, turn_id: int) -> None:
        self._on_regenerate(turn_id, free_form=True)

    def _on_edited(self, turn_id: int, question: str) -> None:
        if self._hold(question):
            return
        self._drop_requests()
        before, first = self._turns[turn_id], turn_id == min(self._turns)
        self.recorder.delete_from(before.record_id)
        self._tab.chat.remove_turns_from(turn_id)
        for number in [number for number in self._turns if number >= turn_id]:
            del self._turns[number]
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
        if turn is not None and not self._asked:
            self.ask(turn.question)

    def _drop_requests(self) -> None:
        for request_id, turn_id in self._asked.items():
            self._service.forget(request_id)
            self.recorder.fail(self._turns[turn_id].record_id, CUT_OFF)
        if self._asked:
            self._asked.clear()
            self._set_busy(False)

    # -- answers

    def _on_tokens(self, request_id: int, tokens: Sequence[AnswerToken]) -> None:
        turn_id = self._asked.get(request_id)
        if turn_id is None:
            return
        turn = self._turns[turn_id]
        turn.tokens.extend(tokens)
        self._tab.chat.add_tokens(turn_id, tokens)
        self.recorder.write_partial(turn.record_id, turn.text_so_far())

    def _on_reading(self, request_id: int, done: int, total: int) -> None:
        """A model that reads photo and question in many steps says how far it is."""
        turn_id = self._asked.get(request_id)
        if turn_id is not None and total > 1:
            self._tab.chat.show_progress(turn_id, f"Reading photo and question… {done / total:.0%}")

    def _on_answered(self, request_id: int, result: Answer | Comparison) -> None:
        turn_id = self._asked.pop(request_id, None)
        if turn_id is None:
            return
        turn = self._turns[turn_id]
        turn.result = result
        turn.model = self._model  # another one may have been loaded after the question was asked
        self._keep_unasked(turn)
        self.recorder.finish(turn.record_id, result, model=turn.model)
        self._show_result(turn_id, turn)
        self._set_busy(False)
        self._suggest()
        self._tab.chat.announce(turn_id)
        if turn.was_answered:
            self.focus.set(Focus(turn_id, turn.main_side))
        else:
            self._tab.attention.set_ablated(turn.ablated)  # the heads that were to be off are so for the next question

    def _show_result(self, turn_id: int, turn: ShownTurn) -> None:
        if isinstance(turn.result, Comparison):
            self._tab.chat.finish_comparison(turn_id, turn.result, meta=turn.made_by())
        elif turn.result is not None:
            self._tab.chat.finish_answer(turn_id, turn.result, meta=turn.made_by())
        self.result_shown.emit(turn_id)

    def _on_failed(self, request_id: int, sentence: str, details: str) -> None:
        turn_id = self._asked.pop(request_id, None)
        if turn_id is None:
            return
        if details and self._log_path is not None:
            details += f"\nThe log: {self._log_path}"
        turn = self._turns[turn_id]
        self._tab.attention.set_ablated(turn.ablated)  # the heads that were to be off are so for the next try
        self._keep_unasked(turn)
        self.recorder.fail(turn.record_id, sentence)
        self._tab.chat.fail_answer(turn_id, sentence, details=details, partial=turn.text_so_far())
        self._set_busy(False)
        self._tab.chat.announce(turn_id)
        if not details:  # refused, and nothing broke: other words may do
            self._tab.chat.offer_edit(turn_id)
