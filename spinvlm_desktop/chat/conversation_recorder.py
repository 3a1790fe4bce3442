"""Writes the conversation on show into the history. Where that fails the user hears of it, and the chat goes on."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager

from PySide6.QtCore import QObject, Signal

from core.answers import Answer, AnswerRequest, Comparison
from spinvlm_desktop.history.errors import HistoryError
from spinvlm_desktop.history.records import title_of
from spinvlm_desktop.history.store import HistoryStore
from spinvlm_desktop.image.opened_image import OpenedImage

log = logging.getLogger(__name__)


class ConversationRecorder(QObject):
    """Turns are known by the number that `add_question` gave; None, of a turn that couldn't be saved, is ignored."""

    changed = Signal()
    """The list of conversations is no longer as it was."""
    problem_occurred = Signal(str)
    id_changed = Signal(object)
    """The conversation in the history, or None."""

    def __init__(self, store: HistoryStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.store = store
        self.photo: OpenedImage | None = None
        """The one that the conversation is about."""
        self.id: int | None = None
        """The conversation in the history; None before its first question."""
        self._of_photo: dict[str, int] = {}
        """The conversation of each photo since the start, by the photo's hash."""

    def begin(self, photo: OpenedImage | None) -> None:
        """From now on an empty conversation."""
        self.photo, self.id = photo, None

    def go_on(self, conversation_id: int, photo: OpenedImage) -> None:
        """From now on a conversation of the history."""
        self.photo, self.id = photo, conversation_id
        self._of_photo[photo.content_hash] = conversation_id

    def conversation_about(self, photo: OpenedImage) -> int | None:
        """The last one since the start, where it is still in the history."""
        number = self._of_photo.get(photo.content_hash)
        if number is None:
            return None
        kept = any(c.id == number and c.image_hash == photo.content_hash for c in self.store.conversations())
        return number if kept else None

    def add_question(self, request: AnswerRequest, *, model: str) -> int | None:
        """Keep a question before the model hears of it; the first one begins the conversation. There must be a photo."""
        assert self.photo is not None
        number = self._write_question(self.photo, request, model=model)
        if self.id is not None:
            self._of_photo[self.photo.content_hash] = self.id
        self.id_changed.emit(self.id)
        return number

    def _write_question(self, photo: OpenedImage, request: AnswerRequest, *, model: str) -> int | None:
        with self._reporting_problems():
            if self.id is None:
                self.id = self.store.add_conversation(
                    photo.source, photo.name, content_hash=photo.content_hash, title=title_of(request.question),
                    preview=photo.pixels,
                ).id
            number = self.store.add_question(
                self.id, request.question, spin=request.spin, generation=request.generation, model=model,
                ablated=request.ablated_heads,
            )
            self.changed.emit()
            return number
        return None

    def retitle(self, before: str, after: str) -> None:
        """The first question has become another: so does the title that was made of it; one given by hand stays."""
        if self.id is not None:
            with self._reporting_problems():
                if self.store.conversation(self.id).title == title_of(before):
                    self.store.rename(self.id, title_of(after))
                    self.changed.emit()

    def restart(self, turn_id: int | None, request: AnswerRequest, *, model: str) -> None:
        """The same question is asked again."""
        if turn_id is not None:
            with self._reporting_problems():
                self.store.restart_turn(
                    turn_id, spin=request.spin, generation=request.generation, model=model, ablated=request.ablated_heads
                )

    def write_partial(self, turn_id: int | None, text: str) -> None:
        """The answer so far: a program that is killed loses no more than the next word."""
        if turn_id is not None:
            with self._reporting_problems():
                self.store.write_partial(turn_id, text)

    def finish(self, turn_id: int | None, result: Answer | Comparison, *, model: str) -> None:
        """model: the one that answered; it may have been loaded after the question was asked."""
        if turn_id is not None:
            with self._reporting_problems():
                if isinstance(result, Comparison):
                    self.store.finish_turn(turn_id, comparison=result, model=model)
                else:
                    self.store.finish_turn(turn_id, answer=result, model=model)
                self.changed.emit()

    def fail(self, turn_id: int | None, sentence: str) -> None:
        if turn_id is not None:
            with self._reporting_problems():
                self.store.fail_turn(turn_id, sentence)

    def delete_from(self, turn_id: int | None) -> None:
        """Take this turn and all later ones away."""
        if turn_id is not None:
            with self._reporting_problems():
                self.store.delete_turns_from(turn_id)

    @contextmanager
    def _reporting_problems(self) -> Generator[None]:
        try:
            yield
        except HistoryError as error:
            log.warning("couldn't save the conversation", exc_info=True)
            self.problem_occurred.emit(f"Couldn't save the conversation: {error}")
