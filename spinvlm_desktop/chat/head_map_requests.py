"""Has the map of a single head made again, where a pretrained model made the answer on show and is still in use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject

from core.answer_model import ModelDescription, PretrainedDescription
from core.answers import Answer, Comparison, HalfArray
from spinvlm_desktop.chat.answer_focus import AnswerFocus
from spinvlm_desktop.chat.chat_tab import ChatTab
from spinvlm_desktop.chat.turns import Focus, ShownTurn
from spinvlm_desktop.worker.answer_service import AnswerService

OTHER_MODEL = "The map of a single head has to be made by the model that answered ({origin}), and another one is in use."


class HeadMapRequests(QObject):
    """Asks for the maps of the answer on show; what comes for another one is dropped."""

    def __init__(self, tab: ChatTab, service: AnswerService, focus: AnswerFocus, parent: QObject) -> None:
        super().__init__(parent)
        self._attention, self._service, self._focus = tab.attention, service, focus
        self._model: ModelDescription | None = None
        self._asked: tuple[int, Focus | None] | None = None
        """Number of the request, and the answer that it is for."""
        self._attention.head_maps_wanted.connect(self._on_wanted)
        service.head_maps_ready.connect(self._on_ready)
        service.head_maps_failed.connect(self._on_failed)

    def set_model(self, model: ModelDescription) -> None:
        """The model that answers from now on."""
        self._model = model

    def _on_wanted(self, indices: Sequence[int]) -> None:
        turn, focus = self._focus.turn(), self._focus.focus
        if turn is None or turn.request is None or focus is None:
            return
        answer = _answer_of(turn, focus.side)
        model, origin = self._model, None if answer is None else answer.origin
        if answer is None or origin is None:
            return
        if not isinstance(model, PretrainedDescription) or model.origin != (origin.name, origin.revision):
            self._attention.fail_head_maps(OTHER_MODEL.format(origin=origin.in_words()))
            return
        request = replace(turn.request, spin=None if focus.side == "baseline" else turn.request.spin)
        number = self._service.ask_head_maps(request, [token.token_id for token in answer.tokens], indices)
        self._asked = number, focus

    def _on_ready(self, number: int, index: int, maps: HalfArray) -> None:
        if self._asked == (number, self._focus.focus):
            self._attention.add_head_maps(index, maps)

    def _on_failed(self, number: int, sentence: str) -> None:
        if self._asked == (number, self._focus.focus):
            self._attention.fail_head_maps(sentence)


def _answer_of(turn: ShownTurn, side: str) -> Answer | None:
    if isinstance(turn.result, Comparison):
        return turn.result.baseline if side == "baseline" else turn.result.spin
    return turn.result
