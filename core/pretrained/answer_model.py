"""What every model that answers questions about photos offers, whichever engine it runs on. Imports no torch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from core.answers import HeadIndex
from core.config import GenerationConfig, MethodName, ScoreName, SpinConfig
from core.pretrained.photo.photo_layout import PhotoLayout

ShouldStop = Callable[[], bool]


@dataclass(frozen=True)
class ModelAbilities:
    """What is loaded, what can be asked of it, and how it computes."""

    name: str
    path: Path
    family: str
    parameters: int
    layers: int
    heads: int
    """Attention heads of each layer."""
    layout: PhotoLayout
    """The map of a photo of 320 x 240 pixels, as an example; each answer has its own photo's."""
    longest_question: int
    """Tokens of the conversation, the chat template's included."""
    longest_answer: int
    """Tokens, the end token not counted."""
    remembers_conversation: bool
    """Whether earlier turns about the same photo can be given along with a question."""
    can_be_finer: bool
    """Whether photos can be looked at in tiles or at a higher resolution."""
    methods: tuple[MethodName, ...]
    """How tokens can be chosen."""
    default_score: ScoreName
    """How heads are ranked where nobody says anything else."""
    device: str
    precision: str
    threads: int
    """CPU threads of the whole process."""
    seconds_a_token: float | None
    """As measured when the model was loaded; None where it wasn't."""
    revision: str | None
    """The hub's commit, where the model came from there."""
    good_for: str | None = None
    """In a few words, where that is known."""
    notes: tuple[str, ...] = ()
    """What the user should know about how it runs."""


@runtime_checkable
class AnswerModel(Protocol):
    """A loaded model. The window, the command line, folders of photos and measurements need no more than this.

    Requests, tokens and answers are those of core.answers or of core.pretrained.answer_records; both have the same names
    for what both have.
    """

    def describe(self) -> Any: ...

    def stream_answer(self, request: Any, *, should_stop: ShouldStop = ...) -> Iterator[Any]: ...

    def answer(self, request: Any, *, should_stop: ShouldStop = ...) -> Any: ...

    def compare(self, request: Any, *, should_stop: ShouldStop = ...) -> Any: ...

    def answer_many(
        self, images: Iterable[Path | bytes], question: str, *, spin: SpinConfig | None = ...,
        generation: GenerationConfig = ..., ablated_heads: frozenset[HeadIndex] = ..., batch_size: int = ...,
        should_stop: ShouldStop = ...,
    ) -> Iterator[tuple[Path | bytes, Any]]: ...


@runtime_checkable
class SweepingModel(AnswerModel, Protocol):
    """A model that reads photo and question once for many settings of head suppression."""

    def sweep(
        self, request: Any, settings: Sequence[SpinConfig | None], *, should_stop: ShouldStop = ...
    ) -> Iterator[Any]: ...
