"""The answers that are being made: asked of the model, shown as they come, kept by the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.answer_model import ModelDescription
from core.answers import Answer, AnswerRequest, AnswerToken, Comparison
from spinvlm_desktop.chat.answer_focus import AnswerFocus
from spinvlm_desktop.chat.chat_tab import ChatTab
from spinvlm_desktop.chat.conversation_recorder import ConversationRecorder
from spinvlm_desktop.chat.turns import Focus, ShownTurn
from spinvlm_desktop.worker.answer_service import AnswerService

CUT_OFF = "This answer was cut off; Again answers the question once more."


class PendingAnswers(QObject):
    """Each request belongs to a turn; what comes for a request that was dropped is ignored."""

    busy_changed = Signal(bool)
    answered = Signal()
    result_shown = Signal(int)
    """Number of a turn whose answer or comparison is now on show."""

    def __init__(
        self, tab: ChatTab, service: AnswerService, recorder: ConversationRecorder, *, turns: Mapping[int, ShownTurn],
        focus: AnswerFocus, log_path: Path | None, parent: QObject,
    ) -> None:
        """turns: those on show, as they are at any time."""
        super().__init__(parent)
        self._tab, self._service, self._recorder = tab, service, recorder
        self._turns, self._focus, self._log_path = turns, focus, log_path
        self.model: ModelDescription | None = None
        """The one that answers; None until one is loaded."""
        self._asked: dict[int, int] = {}
        """Request number -> turn."""
        service.reading.connect(self._on_reading)
        service.tokens_ready.connect(self._on_tokens)
        service.answered.connect(self._on_answered)
        service.answer_failed.connect(self._on_failed)

    @property
    def under_way(self) -> bool:
        """Whether any answer is being made."""
        return bool(self._asked)

    @property
    def model_name(self) -> str:
        """Of the model that answers; empty while none is loaded."""
        return "" if self.model is None else self.model.name

    def ask(self, turn_id: int, request: AnswerRequest, *, compare: bool) -> None:
        """Have a turn answered. compare: with head suppression off and on."""
        turn, chat = self._turns[turn_id], self._tab.chat
        turn.model, turn.spin, turn.ablated = self.model_name, request.spin, request.ablated_heads
        turn.request = request
        chat.begin_answer(turn_id)
        if self.model is None:
            chat.mark_waiting(turn_id, "Waiting for the model…")
        elif self.model.family is not None:
            chat.mark_waiting(turn_id, "Looking at the photo…")
        self._asked[self._service.ask(request, compare=compare)] = turn_id
        self._focus.set(None)
        self._set_busy(True, gives_way=turn.unasked is not None)

    def drop(self) -> None:
        """No answer is wanted any more; the history keeps them as far as they came."""
        for request_id, turn_id in self._asked.items():
            self._service.forget(request_id)
            self._recorder.fail(self._turns[turn_id].record_id, CUT_OFF)
        if self._asked:
            self._asked.clear()
            self._set_busy(False)

    def drop_unasked(self) -> list[int]:
        """Drop descriptions that nobody asked for. Returns their turns."""
        unasked = {request: turn for request, turn in self._asked.items() if self._turns[turn].unasked is not None}
        for request_id in unasked:
            self._service.forget(request_id)
            del self._asked[request_id]
        return list(unasked.values())

    def show_result(self, turn_id: int) -> None:
        """The answer or the comparison of a turn that has one."""
        turn = self._turns[turn_id]
        if isinstance(turn.result, Comparison):
            self._tab.chat.finish_comparison(turn_id, turn.result, meta=turn.made_by())
        elif turn.result is not None:
            self._tab.chat.finish_answer(turn_id, turn.result, meta=turn.made_by())
        self.result_shown.emit(turn_id)

    def name_models(self) -> None:
        """Say which model answered from where on, once there are several."""
        before = ""
        for turn_id, turn in self._turns.items():
            if turn.result is not None and turn.model:
                self._tab.chat.show_author(turn_id, turn.model if before and turn.model != before else "")
                before = turn.model

    def _set_busy(self, busy: bool, *, gives_way: bool = False) -> None:
        self._tab.chat.set_busy(busy, gives_way=gives_way)
        self.busy_changed.emit(busy)

    def _keep_unasked(self, turn: ShownTurn) -> None:
        if turn.unasked is not None:
            turn.record_id, turn.unasked = self._recorder.add_question(turn.unasked, model=self.model_name), None

    def _on_tokens(self, request_id: int, tokens: Sequence[AnswerToken]) -> None:
        turn_id = self._asked.get(request_id)
        if turn_id is None:
            return
        turn = self._turns[turn_id]
        turn.tokens.extend(tokens)
        self._tab.chat.add_tokens(turn_id, tokens)
        self._recorder.write_partial(turn.record_id, turn.text_so_far())

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
        turn.model = self.model_name  # another one may have been loaded after the question was asked
        self._keep_unasked(turn)
        self._recorder.finish(turn.record_id, result, model=turn.model)
        self.show_result(turn_id)
        self.name_models()
        self._set_busy(False)
        self.answered.emit()
        self._tab.chat.announce(turn_id)
        if turn.was_answered:
            self._focus.set(Focus(turn_id, turn.main_side))
        else:
            self._tab.attention.set_ablated(turn.ablated)  # the heads that were to be off are so for the next question

    def _on_failed(self, request_id: int, sentence: str, details: str) -> None:
        turn_id = self._asked.pop(request_id, None)
        if turn_id is None:
            return
        if details and self._log_path is not None:
            details += f"\nThe log: {self._log_path}"
        turn = self._turns[turn_id]
        self._tab.attention.set_ablated(turn.ablated)  # the heads that were to be off are so for the next try
        self._keep_unasked(turn)
        self._recorder.fail(turn.record_id, sentence)
        self._tab.chat.fail_answer(turn_id, sentence, details=details, partial=turn.text_so_far())
        self._set_busy(False)
        self._tab.chat.announce(turn_id)
        if not details:  # refused, and nothing broke: other words may do
            self._tab.chat.offer_edit(turn_id)
