"""Has the model describe the photos ahead, one at a time, so that questions in the chat never wait for more than one photo."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from core.answers import Answer, AnswerRequest
from spinvlm_desktop.batch.batch_request import BatchRequest, BatchSettings
from spinvlm_desktop.batch.kept_answers import KeptAnswers
from spinvlm_desktop.batch.photo_result import PhotoResult
from spinvlm_desktop.captioning.order.photo_queue import kind_in
from spinvlm_desktop.settings.defaults import DEFAULT_QUESTION
from spinvlm_desktop.system.background import Background
from spinvlm_desktop.worker.answer_service import AnswerService
from spinvlm_desktop.worker.answer_worker import PhotoAnswer
from training.data.photo_notes.notes import clean_text

AT_ONCE = 200


@dataclass(frozen=True)
class Description:
    """What the model says of a photo."""

    text: str
    certainty: float
    """Mean log-probability of a word, about: only compared with those of other descriptions."""
    kind: str
    """What the photo is mainly of."""


Kept = Mapping[str, Description | None]
"""None for a photo that the model couldn't describe."""


class Describer(QObject):
    """Descriptions are kept with the answers about folders, so that none is made twice by the same model."""

    described = Signal(str, object)
    """Name of a photo, Description"""
    undescribed = Signal(str, str)
    """Name of a photo that can't be described, and why"""

    def __init__(
        self, service: AnswerService, folder: Path, names: Sequence[str], *, how: Callable[[], BatchSettings],
        answers: Callable[[], Path | None], parent: QObject | None = None,
    ) -> None:
        """how: the settings that are in force; answers: the folder in which answers are kept, None where nothing is."""
        super().__init__(parent)
        self._service, self._folder, self._how = service, folder, how
        self._names = list(names)
        # Neighbours in a folder are alike; in any other order much of what there is is known early.
        random.Random(0).shuffle(self._names)
        self._at = 0
        self._urgent: Sequence[str] = ()
        self._known: dict[str, Description] = {}
        self._refused: set[str] = set()
        self._asked: tuple[int, str, BatchSettings] | None = None
        self._kept = KeptAnswers(answers)
        self._ready = False
        self._background = Background(self)
        service.answered.connect(self._on_answered)
        service.answer_failed.connect(self._on_failed)
        service.model_loaded.connect(self.begin)

    def begin(self, *_: object) -> None:
        """With the model in use, where there is one; what it said before is taken up."""
        settings = self._how()
        self._ready = False
        if not settings.model:
            return
        request = BatchRequest(tuple(self._folder / name for name in self._names), DEFAULT_QUESTION, settings)

        def read() -> Kept:
            kept = self._kept.open(self._folder, request)
            return {path.relative_to(self._folder).as_posix(): _description(result) for path, result in kept.items()}

        self._background.forget()
        self._background.do(read, self._on_kept, lambda _sentence: self._on_kept({}))

    def get(self, name: str) -> Description | None:
        return self._known.get(name)

    def is_coming(self, name: str) -> bool:
        """Whether the model is about to describe it."""
        return self._ready and self._is_open(name)

    def want(self, names: Sequence[str]) -> None:
        """These come before all others, the first one first."""
        self._urgent = tuple(names)
        self._ask_next()

    def close(self) -> None:
        """Ask no more; what is under way comes to its end, as stopping it would stop a question of the chat before it too."""
        self._ready, self._asked = False, None
        self._background.forget()
        self._service.model_loaded.disconnect(self.begin)

    def _on_kept(self, kept: Kept) -> None:
        self._known.clear()
        self._refused.clear()
        self._at, self._ready = 0, True
        self._hand_out(iter(kept.items()))

    def _hand_out(self, kept: Iterator[tuple[str, Description | None]]) -> None:
        """Some at a time, so that the window goes on."""
        for name, description in islice(kept, AT_ONCE):
            self._take(name, description)
        following = next(kept, None)
        if following is None:
            self._ask_next()
        elif self._ready:
            QTimer.singleShot(0, self, lambda: self._hand_out(chain([following], kept)))

    def _ask_next(self) -> None:
        if not self._ready or self._asked is not None:
            return
        name = next((name for name in self._urgent if self._is_open(name)), None)
        while name is None and self._at < len(self._names):
            candidate = self._names[self._at]
            self._at += 1
            name = candidate if self._is_open(candidate) else None
        if name is None:
            return
        settings = self._how()
        request = AnswerRequest(self._folder / name, DEFAULT_QUESTION, spin=settings.spin, generation=settings.generation)
        self._asked = self._service.ask(request), name, settings

    def _is_open(self, name: str) -> bool:
        return name not in self._known and name not in self._refused

    def _on_answered(self, number: int, answer: object) -> None:
        if self._asked is None or number != self._asked[0] or not isinstance(answer, Answer):
            return
        _, name, settings = self._asked
        self._asked = None
        if answer.finish == "stopped":  # with what was asked in the chat
            self._at = max(0, self._at - 1)
        else:
            path = self._folder / name
            result = PhotoResult.of(PhotoAnswer(path, answer, settings.model), DEFAULT_QUESTION, spin=settings.spin)
            with suppress(OSError):  # it is made again the next time
                self._kept.keep(path, result)
            self._take(name, _description(result))
        self._ask_next()

    def _on_failed(self, number: int, sentence: str, _details: str) -> None:
        if self._asked is None or number != self._asked[0]:
            return
        name, self._asked = self._asked[1], None
        self._refused.add(name)
        self.undescribed.emit(name, sentence)
        self._ask_next()

    def _take(self, name: str, description: Description | None) -> None:
        if description is None:
            self._refused.add(name)
        else:
            self._known[name] = description
            self.described.emit(name, description)


def _description(result: PhotoResult) -> Description | None:
    """None where the model gave none."""
    probability = result.row.get("log_probability")
    if result.failed or result.row.get("declined") or not isinstance(probability, int | float):
        return None
    text = clean_text(result.text)
    return Description(text, probability / (len(str(result.row["answer"]).split()) + 1), kind_in(text))
