"""What every model that answers questions about photos offers, whichever engine it runs on. Imports no torch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from core.answers import Answer, AnswerRequest, AnswerToken, Comparison, HalfArray, HeadIndex
from core.config import GenerationConfig, MethodName, ScoreName, SpinConfig
from core.errors import SpinVlmError
from core.photo_layout import PhotoLayout

ShouldStop = Callable[[], bool]
ReadingProgress = Callable[[int, int], None]
"""Takes how many of how many steps photo and question have been read in."""
OnStep = Callable[[str], None]
"""Takes a sentence at each step of loading a model that may take long."""
NO_BEAM_SEARCH = "pretrained models answer by greedy choice or sampling, not by beam search"


class ModelDescription(Protocol):
    """What both engines say of a loaded model."""

    @property
    def name(self) -> str: ...
    @property
    def path(self) -> Path: ...
    @property
    def parameters(self) -> int: ...
    @property
    def layers(self) -> int:
        """Layers whose heads look at the photo."""
        ...
    @property
    def heads(self) -> int:
        """Attention heads of each of them."""
        ...
    @property
    def image_tokens(self) -> int:
        """Tokens that stand for an ordinary photo."""
        ...
    @property
    def longest_question(self) -> int:
        """Tokens of a question with what stands around it, and of earlier turns where those are given along."""
        ...
    @property
    def methods(self) -> tuple[MethodName, ...]:
        """How tokens can be chosen."""
        ...
    @property
    def default_score(self) -> ScoreName:
        """How heads are ranked where nobody says anything else."""
        ...
    @property
    def usual_answer(self) -> int:
        """Tokens that an answer may have where nobody says anything else."""
        ...
    @property
    def remembers_conversation(self) -> bool:
        """Whether earlier turns about the same photo can be given along with a question."""
        ...
    @property
    def can_be_finer(self) -> bool:
        """Whether photos can be looked at in tiles or at a higher resolution."""
        ...
    @property
    def device(self) -> str: ...
    @property
    def precision(self) -> str: ...
    @property
    def threads(self) -> int:
        """CPU threads of the whole process."""
        ...
    @property
    def calibration(self) -> dict[str, Any] | None:
        """The SPIN setting that was best on held-out data, where it was measured."""
        ...
    @property
    def family(self) -> str | None:
        """Which models it belongs to; None for the program's own small ones."""
        ...
    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know about how it runs."""
        ...


@dataclass(frozen=True)
class PretrainedDescription:
    """A pretrained model that is loaded, what can be asked of it, and how it computes. For names see ModelDescription."""

    name: str
    path: Path
    family: str
    parameters: int
    layers: int
    heads: int
    layout: PhotoLayout
    """The map of a photo of 320 x 240 pixels, as an example; each answer has its own photo's."""
    longest_question: int
    """Tokens of the conversation, the chat template's included."""
    longest_answer: int
    """Tokens, the end token not counted."""
    usual_answer: int
    remembers_conversation: bool
    can_be_finer: bool
    methods: tuple[MethodName, ...]
    default_score: ScoreName
    device: str
    precision: str
    threads: int
    seconds_a_token: float | None
    """As measured on this computer; None where it wasn't."""
    revision: str | None
    """The hub's commit, where the model came from there."""
    seconds_to_read: float | None = None
    """That an ordinary photo and a short question take, as measured on this computer; None where it wasn't."""
    finer_seconds: float | None = None
    """About how much longer a camera's photo takes when it is looked at finer; None where that can't be done or isn't known."""
    good_for: str | None = None
    """In a few words, where that is known."""
    notes: tuple[str, ...] = ()
    calibration: dict[str, Any] | None = None

    @property
    def origin(self) -> tuple[str, str | None]:
        """Name and revision, by which an answer's ModelOrigin is known to be this model's."""
        return self.name, self.revision

    @property
    def image_tokens(self) -> int:
        return self.layout.image_tokens


class TokenStream(Protocol):
    """One answer's tokens as they are made."""

    def __iter__(self) -> Iterator[AnswerToken]: ...

    def __next__(self) -> AnswerToken: ...

    def answer(self) -> Answer:
        """What there is of the answer so far; it is `stopped` unless all its tokens were taken."""
        ...


@runtime_checkable
class AnswerModel(Protocol):
    """A loaded model. The window, the command line, folders of photos and measurements need no more than this."""

    def describe(self) -> ModelDescription: ...

    def stream_answer(
        self, request: AnswerRequest, *, should_stop: ShouldStop = ..., progress: ReadingProgress | None = ...
    ) -> TokenStream: ...

    def answer(self, request: AnswerRequest, *, should_stop: ShouldStop = ...) -> Answer: ...

    def compare(self, request: AnswerRequest, *, should_stop: ShouldStop = ...) -> Comparison: ...

    def answer_many(
        self, images: Iterable[Path | bytes], question: str, *, spin: SpinConfig | None = ...,
        generation: GenerationConfig = ..., ablated_heads: frozenset[HeadIndex] = ..., finer: bool = ...,
        free_form: bool = ..., batch_size: int = ..., should_stop: ShouldStop = ...,
    ) -> Iterator[tuple[Path | bytes, Answer | SpinVlmError]]: ...


@runtime_checkable
class HeadMapModel(AnswerModel, Protocol):
    """A model whose answers have no map of a single head until it is made again."""

    def head_maps(self, request: AnswerRequest, answer: Sequence[int], *, index: int) -> HalfArray: ...


@runtime_checkable
class SweepingModel(AnswerModel, Protocol):
    """A model that reads photo and question once for many settings of head suppression."""

    def sweep(
        self, request: AnswerRequest, settings: Sequence[SpinConfig | None], *, should_stop: ShouldStop = ...
    ) -> Iterator[Answer]: ...
