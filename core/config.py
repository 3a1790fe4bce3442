"""Settings of the model, of head suppression and of decoding. Frozen, self-validating, torch-free."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, Protocol, Self, get_args

from core.errors import ConfigError

ScoreName = Literal["mass", "logits"]
MethodName = Literal["default", "greedy", "sampling", "beam"]


def require(condition: bool, message: str) -> None:
    """Raises ConfigError with this message unless the condition holds."""
    if not condition:
        raise ConfigError(message)


class SettingsRecord:
    """Plain-dict round trip shared by the settings below."""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)  # type: ignore[call-overload]  # every subclass is a dataclass

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Settings from a plain dict, as read from JSON. Raises ConfigError for unknown or missing names."""
        known = {field.name for field in fields(cls)}  # type: ignore[arg-type]
        unknown = sorted(set(values) - known)
        require(not unknown, f"unknown settings: {', '.join(unknown)}")
        try:
            return cls(**{name: tuple(v) if isinstance(v, list) else v for name, v in values.items()})
        except TypeError as error:
            raise ConfigError(f"settings are incomplete or of the wrong type: {error}") from error


class HeadCounts(Protocol):
    """A model's layers with attention on the image, and the heads in each of them."""

    @property
    def layers(self) -> int: ...
    @property
    def heads(self) -> int: ...


@dataclass(frozen=True)
class ModelShape:
    """The sizes of a loaded model that those who use it need, whichever kind of model it is."""

    layers: int
    """Decoder layers with attention on the image, L."""
    heads: int
    """Attention heads in each of them, H."""
    grid_side: int
    """Patches along one side of the image, S."""
    image_tokens: int
    """Tokens that stand for the image, I."""
    max_question_tokens: int
    """Longest prompt (template included), in tokens."""
    max_answer_tokens: int
    """Longest answer, in tokens, the end token included."""


@dataclass(frozen=True)
class ModelConfig(SettingsRecord):
    """Sizes of a vision-language model."""

    vocabulary_size: int
    """Number of token ids, special tokens included."""
    encoder_name: str = "vit_tiny_patch16_224"
    """Name of a timm backbone: a vision transformer, or a network that gives a feature map."""
    image_size: int = 224
    """Side of the square input image, pixels."""
    patch_size: int = 16
    """Side of a patch or of a feature map's cell, pixels."""
    encoder_width: int = 192
    """Width of the encoder's tokens."""
    width: int = 256
    """Width D of the decoder and of the memory."""
    layers: int = 6
    """Decoder layers L."""
    heads: int = 8
    """Attention heads H in self- and cross-attention."""
    feed_forward_width: int = 1024
    """Inner width of the feed-forward network."""
    dropout: float = 0.2
    """Dropout on embeddings, attention outputs and feed-forward outputs while training."""
    head_dropout: float = 0.0
    """Largest share of cross-attention heads that is silenced for a sequence while training."""
    guided_head_dropout: float = 0.0
    """Part of these sequences in which it is the heads that look least at the image, for each token on its own."""
    max_question_tokens: int = 64
    """Longest prompt (template included), in tokens."""
    max_answer_tokens: int = 64
    """Longest answer, in tokens, the end token included."""

    def __post_init__(self) -> None:
        for name in ("vocabulary_size", "image_size", "patch_size", "encoder_width", "width", "layers", "heads",
                     "feed_forward_width", "max_question_tokens", "max_answer_tokens"):
            value = getattr(self, name)
            require(isinstance(value, int) and value >= 1, f"{name} must be a whole number of at least 1, got {value!r}")
        require(self.width % self.heads == 0, f"width {self.width} must be a multiple of heads {self.heads}")
        require(self.image_size % self.patch_size == 0,
                 f"image_size {self.image_size} must be a multiple of patch_size {self.patch_size}")
        for name in ("dropout", "head_dropout", "guided_head_dropout"):
            require(0 <= getattr(self, name) < 1, f"{name} must be in [0, 1), got {getattr(self, name)}")

    @property
    def grid_side(self) -> int:
        """Patches along one side of the image."""
        return self.image_size // self.patch_size

    @property
    def image_tokens(self) -> int:
        """Image tokens in the memory: the class token and one for each patch."""
        return 1 + self.grid_side**2

    @property
    def head_width(self) -> int:
        return self.width // self.heads

    @property
    def shape(self) -> ModelShape:
        return ModelShape(
            layers=self.layers, heads=self.heads, grid_side=self.grid_side, image_tokens=self.image_tokens,
            max_question_tokens=self.max_question_tokens, max_answer_tokens=self.max_answer_tokens,
        )


class LayerRange:
    """For settings that apply to the decoder layers [first_layer, last_layer)."""

    first_layer: int
    last_layer: int | None

    def check_layers(self) -> None:
        require(self.first_layer >= 0, f"first_layer must be at least 0, got {self.first_layer}")
        require(self.last_layer is None or self.last_layer >= self.first_layer,
                f"last_layer must not be below first_layer, got {self.first_layer}:{self.last_layer}")

    def covers(self, layer: int) -> bool:
        """Whether the settings apply to this layer."""
        return layer >= self.first_layer and (self.last_layer is None or layer < self.last_layer)


@dataclass(frozen=True)
class HeadSuppression(SettingsRecord, LayerRange):
    """How many cross-attention heads are kept in each layer, and what becomes of the others; subclasses say which."""

    keep: int | float = 1.0
    """Heads kept: an integer K >= 1, or a keep ratio r in (0, 1] with K = max(1, int(r * H))."""
    alpha: float = 0.0
    """Factor on the output of every other head, in [0, 1]; 0 zeroes it out."""
    first_layer: int = 0
    """First decoder layer in which heads are suppressed."""
    last_layer: int | None = None
    """One past the last such layer; None means all that follow."""

    def __post_init__(self) -> None:
        if isinstance(self.keep, bool) or not isinstance(self.keep, int | float):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigError(f"keep must be a number of heads or a ratio, got {self.keep!r}")
        if isinstance(self.keep, int):
            require(self.keep >= 1, f"keep must be at least 1 head, got {self.keep}")
        else:
            require(0 < self.keep <= 1, f"a keep ratio must be in (0, 1], got {self.keep}")
        require(0 <= self.alpha <= 1, f"alpha must be in [0, 1], got {self.alpha}")
        self.check_layers()

    def heads_kept(self, heads: int) -> int:
        """K for a model with `heads` heads. Raises ConfigError where K exceeds them."""
        if isinstance(self.keep, int):
            require(self.keep <= heads, f"keep must be at most the model's {heads} heads, got {self.keep}")
            return self.keep
        return max(1, int(self.keep * heads))


@dataclass(frozen=True)
class SpinConfig(HeadSuppression):
    """Image-guided head suppression (SPIN; Sarkar et al., EMNLP 2025, arXiv 2505.16411)."""

    score: ScoreName = "mass"
    """`mass`: attention summed over the image tokens; `logits`: pre-softmax scores summed over them."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.score in get_args(ScoreName), f"score must be mass or logits, got {self.score!r}")


@dataclass(frozen=True)
class GenerationConfig(SettingsRecord):
    """How answer tokens are chosen."""

    method: MethodName = "default"
    """`greedy`, `sampling` or `beam`; `default`: as the program finds best (see core.decoding.usual_way)."""
    max_tokens: int = 48
    """Longest answer in tokens, the end token not counted."""
    temperature: float = 1.0
    """Sampling: divides the logits; lower is more predictable."""
    top_k: int = 0
    """Sampling: only the k most probable tokens; 0 keeps all."""
    top_p: float = 1.0
    """Sampling: the smallest set of tokens whose probability reaches p."""
    seed: int | None = None
    """Sampling: the same seed gives the same answer; None draws one."""
    beam_width: int = 4
    """Beam search: hypotheses kept per step."""
    length_penalty: float = 1.0
    """Beam search: a hypothesis scores its log-probability / length ** length_penalty."""
    repetition_penalty: float = 1.0
    """Divides positive and multiplies negative logits of tokens already in the answer (CTRL, arXiv 1909.05858)."""
    no_repeat_ngram: int = 0
    """No n-gram of this length occurs twice in an answer; 0 leaves it to the method: `default` has one for descriptions,
    the others allow all."""

    def __post_init__(self) -> None:
        require(self.method in get_args(MethodName), f"method must be default, greedy, sampling or beam, got {self.method!r}")
        require(self.max_tokens >= 1, f"max_tokens must be at least 1, got {self.max_tokens}")
        require(self.temperature > 0 and math.isfinite(self.temperature),
                 f"temperature must be above 0, got {self.temperature}")
        require(self.top_k >= 0, f"top_k must be at least 0, got {self.top_k}")
        require(0 < self.top_p <= 1, f"top_p must be in (0, 1], got {self.top_p}")
        require(1 <= self.beam_width <= 64, f"beam_width must be in 1..64, got {self.beam_width}")
        require(math.isfinite(self.length_penalty), f"length_penalty must be a number, got {self.length_penalty}")
        require(self.repetition_penalty > 0, f"repetition_penalty must be above 0, got {self.repetition_penalty}")
        require(self.no_repeat_ngram >= 0, f"no_repeat_ngram must be at least 0, got {self.no_repeat_ngram}")


GREEDY = GenerationConfig("greedy")
"""What models and settings are compared with: the same tokens whatever the program finds best."""
