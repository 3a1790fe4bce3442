"""The conversation: takes what the widgets of the chat tab tell, and asks the model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject

from core.answers import Answer, AnswerRequest, AnswerToken, Comparison, HeadIndex
from core.config import GenerationConfig, SpinConfig
from spinvlm_desktop.answer_words import answer_words
from spinvlm_desktop.chat_tab import ChatTab
from spinvlm_desktop.image.opened_image import OpenedImage
from spinvlm_desktop.shown_answers import Focus, ShownTurn
from spinvlm_desktop.worker.answer_service import AnswerService

SHORT_WORD = 3
"""Letters; words up to this length are mostly articles and prepositions."""


class Conversation(QObject):
    """One conversation about one photo, shown in the chat tab."""

    def __init__(
        self, tab: ChatTab, service: AnswerService, *, log_path: Path | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._tab, self._service, self._log_path = tab, service, log_path
        self.generation = GenerationConfig()
        self._model_ready = False
        self._last_turn = 0
        self._image: OpenedImage | None = None
        self._turns: dict[int, ShownTurn] = {}
        self._asked: dict[int, int] = {}
        """Request number -> turn."""
        self._focus: Focus | None = None
        self._settings_of: tuple[SpinConfig | None, frozenset[HeadIndex]] = (None, frozenset())
        """Of the request under way."""
        self._connect()
        tab.chat.set_enabled_hint("Drop a photo first, then ask about it")

    def _connect(self) -> None:
        chat, attention, image, service = self._tab.chat, self._tab.attention, self._tab.image, self._service
        image.image_opened.connect(self._on_image_opened)
        image.patch_clicked.connect(attention.show_patch)
        chat.question_asked.connect(self.ask)
        chat.stop_requested.connect(service.stop)
        chat.regenerate_requested.connect(self._on_regenerate)
        chat.question_edited.connect(self._on_edited)
        chat.clear_requested.connect(self.start_new)
        chat.word_chosen.connect(self._on_word_chosen)
        attention.heat_map_changed.connect(self._on_heat_map)
        attention.word_selected.connect(self._on_word_selected)
        attention.word_weights_changed.connect(self._on_word_weights)
        attention.ask_again_requested.connect(self._on_ask_again)
        service.tokens_ready.connect(self._on_tokens)
        service.answered.connect(self._on_answered)
        service.answer_failed.connect(self._on_failed)

    # -- the photo and the conversation

    def start_new(self) -> None:
        """An empty conversation about the same photo."""
        self._drop_requests()
        self._turns = {}
        self._tab.chat.clear()
        self._tab.chat.set_busy(False)
        self._set_focus(None)

    def _on_image_opened(self, image: OpenedImage) -> None:
        self._image = image
        self.start_new()
        self._tab.chat.set_enabled_hint(None)

    # -- questions

    def ask(self, question: str, *, ablated: frozenset[HeadIndex] = frozenset()) -> None:
        """Ask about the photo, with head suppression as the SPIN bar has it."""
        if self._image is None:
            self._tab.image.show_error("Drop a photo here first; then ask about it.")
            return
        choice = self._tab.spin_bar.choice()
        spin = None if choice.mode == "off" else choice.spin
        self._last_turn += 1
        turn_id = self._last_turn
        self._turns[turn_id] = ShownTurn(question)
        self._tab.chat.add_turn(turn_id, question)
        self._request(turn_id, spin, compare=choice.mode == "compare", ablated=ablated)

    def _request(
        self, turn_id: int, spin: SpinConfig | None, *, compare: bool, ablated: frozenset[HeadIndex] = frozenset()
    ) -> None:
        assert self._image is not None
        chat = self._tab.chat
        chat.begin_answer(turn_id)
        if not self._model_ready:
            chat.mark_waiting(turn_id, "Waiting for the model…")
        request = AnswerRequest(
            self._image.source, self._turns[turn_id].question, spin=spin, generation=self.generation, ablated_heads=ablated
        )
        request_id = self._service.ask(request, compare=compare)
        self._asked[request_id] = turn_id
        self._settings_of = spin, ablated
        self._set_focus(None)
        chat.set_busy(True)

    def set_model_ready(self) -> None:
        """From now on questions don't wait for a model."""
        self._model_ready = True

    def _on_regenerate(self, turn_id: int) -> None:
        if self._asked or self._image is None:
            return
        choice = self._tab.spin_bar.choice()
        self._turns[turn_id] = ShownTurn(self._turns[turn_id].question)
        self._request(turn_id, None if choice.mode == "off" else choice.spin, compare=choice.mode == "compare")

    def _on_edited(self, turn_id: int, question: str) -> None:
        self._drop_requests()
        self._tab.chat.remove_turns_from(turn_id)
        self._turns = {number: turn for number, turn in self._turns.items() if number < turn_id}
        self.ask(question)

    def _on_ask_again(self) -> None:
        if self._focus is not None and not self._asked:
            self.ask(self._turns[self._focus.turn_id].question, ablated=self._tab.attention.ablated())

    def _drop_requests(self) -> None:
        for request_id in self._asked:
            self._service.forget(request_id)
        self._asked.clear()

    # -- answers

    def _on_tokens(self, request_id: int, tokens: Sequence[AnswerToken]) -> None:
        turn_id = self._asked.get(request_id)
        if turn_id is None:
            return
        self._turns[turn_id].tokens.extend(tokens)
        self._tab.chat.add_tokens(turn_id, tokens)

    def _on_answered(self, request_id: int, result: Answer | Comparison) -> None:
        turn_id = self._asked.pop(request_id, None)
        if turn_id is None:
            return
        turn = self._turns[turn_id]
        turn.result = result
        meta = _meta(result, *self._settings_of)
        if isinstance(result, Comparison):
            self._tab.chat.finish_comparison(turn_id, result, meta=meta)
        else:
            self._tab.chat.finish_answer(turn_id, result, meta=meta)
        self._tab.chat.set_busy(False)
        self._set_focus(Focus(turn_id, turn.main_side))

    def _on_failed(self, request_id: int, sentence: str, details: str) -> None:
        turn_id = self._asked.pop(request_id, None)
        if turn_id is None:
            return
        if details and self._log_path is not None:
            details += f"\nThe log: {self._log_path}"
        self._tab.chat.fail_answer(turn_id, sentence, details=details)
        self._tab.chat.set_busy(False)

    # -- words and maps

    def _set_focus(self, focus: Focus | None, *, word: int | None = None) -> None:
        """Show an answer in the attention panel; without a word, of the longer ones the one that looks at the photo most."""
        if self._focus is not None and self._focus != focus and self._focus.turn_id in self._turns:
            self._tab.chat.select_word(self._focus.turn_id, self._focus.side, None)
        self._focus = focus
        if focus is None:
            self._tab.attention.clear()
            self._tab.image.set_heat_map(None, opacity=0.0, smooth=False)
            return
        tokens = self._turns[focus.turn_id].side(focus.side)
        words = answer_words(tokens)
        self._tab.attention.set_answer(tokens)
        if words:
            telling = [word for word in words if len(word.text) > SHORT_WORD] or words
            self._tab.attention.select_word(max(telling, key=lambda w: w.image_mass).index if word is None else word)

    def _on_word_chosen(self, turn_id: int, side: str, word: int) -> None:
        if turn_id in self._turns:
            self._set_focus(Focus(turn_id, side), word=word)

    def _on_word_selected(self, word: int) -> None:
        if self._focus is not None:
            self._tab.chat.select_word(self._focus.turn_id, self._focus.side, word)

    def _on_word_weights(self, weights: list[float] | None) -> None:
        if self._focus is not None:
            self._tab.chat.set_word_weights(self._focus.turn_id, self._focus.side, weights)

    def _on_heat_map(self, image: object, opacity: float, smooth: bool) -> None:
        self._tab.image.set_heat_map(image, opacity=opacity, smooth=smooth)  # pyright: ignore[reportArgumentType]

    def shown(self) -> tuple[str, str] | None:
        """Question and answer that the attention panel is about."""
        if self._focus is None:
            return None
        turn = self._turns[self._focus.turn_id]
        return turn.question, "".join(token.text for token in turn.side(self._focus.side)).strip()


def _meta(result: Answer | Comparison, spin: SpinConfig | None, ablated: frozenset[HeadIndex]) -> str:
    """One line below an answer: how it was made."""
    if isinstance(result, Comparison):
        return f"{result.baseline.seconds + result.spin.seconds:.2f} s for both"
    parts = [f"{result.seconds:.2f} s", "SPIN off"]
    if spin is not None:
        kept = f"{spin.keep} heads" if isinstance(spin.keep, int) else f"{spin.keep:.0%} of the heads"
        parts[1] = f"SPIN on, {kept} kept, the others × {spin.alpha:g}"
    if ablated:
        parts.append(f"{len(ablated)} {'head' if len(ablated) == 1 else 'heads'} off by hand")
    if result.finish == "length":
        parts.append("cut at the longest answer")
    return " · ".join(parts)
