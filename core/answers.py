"""What crosses between the model and whoever asks: its description, requests, tokens, answers. NumPy only, no tensors."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.config import GenerationConfig, MethodName, ModelConfig, ModelShape, ScoreName, SpinConfig
from core.photo_layout import PhotoLayout
from core.text.question_kinds.declining import Declining

FinishReason = Literal["end", "length", "stopped"]
HeadIndex = tuple[int, int]
FloatArray = NDArray[np.float32]
HalfArray = NDArray[np.float16]


@dataclass(frozen=True)
class SessionDescription:
    """A small model that is loaded."""

    name: str
    path: Path
    parameters: int
    shape: ModelShape
    """What those who ask need to know of its sizes."""
    config: ModelConfig
    """All its sizes, for people to read."""
    metrics: dict[str, Any]
    """Measured on the dev split after training."""
    recipe: dict[str, Any]
    """How it was trained."""
    calibration: dict[str, Any] | None
    """The SPIN setting that was best on held-out data, where it was measured."""
    device: str
    precision: str
    threads: int
    """CPU threads of the whole process."""
    methods: tuple[MethodName, ...] = ("default", "greedy", "sampling", "beam")
    default_score: ScoreName = "mass"
    usual_answer: int = 48
    remembers_conversation: bool = False
    can_be_finer: bool = False
    family: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def layers(self) -> int:
        return self.shape.layers

    @property
    def heads(self) -> int:
        return self.shape.heads

    @property
    def image_tokens(self) -> int:
        return self.shape.image_tokens

    @property
    def longest_question(self) -> int:
        return self.shape.max_question_tokens


@dataclass(frozen=True)
class PreviousTurn:
    """An earlier question about the same photo that was answered."""

    question: str
    """In full, as the model was given it."""
    answer: str


@dataclass(frozen=True)
class AnswerRequest:
    """One question about one photo, or the latest of a conversation about it."""

    image: Path | bytes
    """Path of an image file, or its encoded bytes."""
    question: str
    spin: SpinConfig | None = None
    """Head suppression; None is off."""
    generation: GenerationConfig = field(default_factory=GenerationConfig)
    ablated_heads: frozenset[HeadIndex] = frozenset()
    """(layer, head) of attention heads that are switched off by hand, on top of `spin`."""
    request_id: int = 0
    """Chosen by the caller; comes back with every token, so that late tokens are recognised."""
    earlier: tuple[PreviousTurn, ...] = ()
    """Earlier turns about the same photo, the oldest first. A model takes of them what it can: the small one completes a
    question that leans on the last of them, one that remembers a conversation is given all, others none."""
    free_form: bool = False
    """The model is given the question as it was typed, may say anything, and nothing is declined."""
    finer: bool = False
    """Whether the photo is looked at in tiles or at a higher resolution, by models that can; it takes longer."""


@dataclass(frozen=True)
class AnswerToken:
    """One answer token and what each head that looks at the photo did for the query that predicted it.

    L layers, H heads. A model's tokens are all of one kind: PatchToken or CellToken.
    """

    index: int
    """Position in the answer, from 0."""
    token_id: int
    text: str
    """Text that this token adds; may be empty while a character is incomplete."""
    probability: float
    """Softmax probability of this token under the model, before sampling filters and penalties."""
    image_mass: FloatArray
    """[L, H] attention on all of the photo's tokens together, in [0, 1]."""
    head_gate: FloatArray
    """[L, H] factor applied to each head's output: 1 kept, alpha suppressed, 0 ablated."""
    request_id: int = field(default=0, kw_only=True)


@dataclass(frozen=True)
class PatchToken(AnswerToken):
    """A token of the small model: every head's map, on a grid of S x S patches (14 x 14 for a 224-pixel image)."""

    patch_attention: FloatArray
    """[L, H, S, S] attention on each patch."""
    class_attention: FloatArray
    """[L, H] attention on the class token."""


@dataclass(frozen=True)
class CellToken(AnswerToken):
    """A token of a pretrained model: a map of each layer, on the C cells of the answer's layout.

    A single head's map is made again when somebody asks for it, since all of them together take megabytes a token.
    """

    cell_attention: HalfArray
    """[L, C] attention on each cell, averaged over the layer's kept heads."""


@dataclass(frozen=True)
class ModelOrigin:
    """Which pretrained model made an answer, so that it is known when the model is gone."""

    engine: str
    """The library that computed it, with its version: `transformers 5.24.0`."""
    name: str
    """organisation/model where it came from the hub, else the folder's name."""
    revision: str | None
    """The hub's commit, where that is known."""
    precision: str

    def in_words(self) -> str:
        """`org/model at 0123456, float32, transformers 5.24.0`."""
        at = "" if self.revision is None else f" at {self.revision[:7]}"
        return f"{self.name}{at}, {self.precision}, {self.engine}"


@dataclass(frozen=True)
class Answer:
    """A whole answer."""

    question: str
    text: str
    tokens: tuple[AnswerToken, ...]
    """The text's tokens; the end token, where there is one, is the last and has empty text."""
    finish: FinishReason
    """`end`: the model ended it; `length`: the token limit did; `stopped`: the user did."""
    log_probability: float
    """Sum of the tokens' log-probabilities."""
    seconds: float
    """Time from the request to the last token, the photo's reading included where it wasn't remembered."""
    asked: str = ""
    """The question in the words that the model was given; empty where it was declined or that wasn't recorded."""
    declined: Declining | None = None
    """Why there is no answer. Where the model wasn't asked, `text` is the sentence that is said instead, and there are no
    tokens; an answer that is too uncertain to be given stands in `text` and `tokens` as a guess."""
    certainty: float | None = None
    """How likely the answer is right, in [0, 1]; None where that was never measured for this model."""
    is_sentence: bool = False
    """Whether it is a description, which people are shown as a sentence."""
    layout: PhotoLayout | None = None
    """Where the cells of CellTokens lie on the photo; None for PatchTokens, whose grid covers all of it."""
    forgotten_turns: int = 0
    """How many of the oldest turns were left out, because the conversation had become too long for the model."""
    origin: ModelOrigin | None = None
    """The pretrained model that made it; None for the small model."""
    class_shares: tuple[tuple[str, float], ...] = ()
    """Of an answer to a class question: each class and its share, the likeliest first. Its one token has one map in place of
    the heads': how much each patch speaks for the class that was said."""
    finer: bool = False
    """Whether the photo was looked at in tiles or at a higher resolution."""

    @property
    def shown_text(self) -> str:
        """The text for people: a description has a capital and, where it came to its end, a full stop; no guess is shown."""
        if self.declined is not None:
            return self.declined.sentence
        text = self.text.strip()
        if not self.is_sentence or not text:
            return text
        return text[:1].upper() + text[1:] + self.full_stop

    @property
    def full_stop(self) -> str:
        """What is shown after the last word: a description's full stop, where the model didn't make one."""
        ended = self.is_sentence and self.finish == "end" and not self.text.rstrip().endswith((".", "!", "?"))
        return "." if ended else ""


@dataclass(frozen=True)
class Divergence:
    """The first token at which two answers to one question differ."""

    index: int
    baseline_text: str
    baseline_probability: float
    """Probability of the baseline's token, under the baseline."""
    spin_text: str
    spin_probability: float
    """Probability of the SPIN answer's token, under SPIN."""


@dataclass(frozen=True)
class Comparison:
    """The same question with head suppression off and on."""

    baseline: Answer
    spin: Answer
    divergence: Divergence | None
    """None where both answers are the same."""

    @property
    def declined(self) -> Declining | None:
        """Why the model wasn't asked; that doesn't depend on head suppression. In a comparison nothing is held back."""
        declined = self.baseline.declined
        return None if declined is None or declined.has_guess else declined
