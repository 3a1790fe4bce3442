"""How the next answer token is chosen from the model's logits: filters, penalties, greedy choice and sampling.

Shapes: R sequences, V vocabulary.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.config import GenerationConfig
from core.decoding.doubtful_colours import DoubtfulColours
from core.decoding.repeated_runs import RepeatedRuns
from core.text.tokenizer import Tokenizer

LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True)
class AnswerAlphabet:
    """Which token ids an answer starts with, ends with, and never contains; and which one means nothing."""

    start_id: int
    end_id: int
    pad_id: int
    """Fills up questions that are shorter than others."""
    forbidden_ids: tuple[int, ...]
    """Padding, image, start and unknown token. The end token is always allowed, so a choice always exists."""

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> AnswerAlphabet:
        """The ids of this tokenizer."""
        return cls(
            start_id=tokenizer.start_id,
            end_id=tokenizer.end_id,
            pad_id=tokenizer.pad_id,
            forbidden_ids=(tokenizer.pad_id, tokenizer.unk_id, tokenizer.image_id, tokenizer.start_id),
        )


class LogitFilter:
    """Takes from the logits what an answer must not contain, and applies the penalties on repetition."""

    def __init__(
        self, generation: GenerationConfig, *, alphabet: AnswerAlphabet, vocabulary_size: int, device: torch.device,
        repeats: RepeatedRuns | None = None, colours: DoubtfulColours | None = None, least_tokens: int = 0,
    ) -> None:
        """repeats: what forbids to say words again straight after themselves; colours: what forbids colors that are doubtful;
        None allows them; least_tokens: before which an answer doesn't end."""
        self.alphabet, self.device = alphabet, device
        self._repeats, self._colours, self._least_tokens = repeats, colours, least_tokens
        self._penalty = generation.repetition_penalty
        self._ngram = generation.no_repeat_ngram
        self._forbidden = torch.zeros(vocabulary_size, device=device)
        self._forbidden[list(alphabet.forbidden_ids)] = -torch.inf

    def __call__(self, logits: Tensor, histories: Sequence[Sequence[int]]) -> Tensor:
        """logits: float32 [R, V]; histories: the answer's tokens so far of each sequence. Returns a new [R, V]."""
        return self._without_bad_ends(self._penalised(logits, histories), histories)

    def log_probabilities(self, logits: Tensor, histories: Sequence[Sequence[int]]) -> Tensor:
        """Of the tokens that are left: [R, V]. A repetition or an end that is forbidden gives nothing to the others, so that
        beams that would have liked one fall behind."""
        return self._without_bad_ends(self._penalised(logits, histories).log_softmax(-1), histories)

    def _penalised(self, logits: Tensor, histories: Sequence[Sequence[int]]) -> Tensor:
        filtered = logits + self._forbidden
        if self._penalty != 1.0:
            penalise_repetition(filtered, histories, penalty=self._penalty)
        if self._ngram:
            forbid_repeated_ngrams(filtered, histories, length=self._ngram)
        if self._colours is not None:
            self._colours.forbid(filtered)
        return filtered

    def _without_bad_ends(self, scores: Tensor, histories: Sequence[Sequence[int]]) -> Tensor:
        """Forbids, in place, to end a repetition, or an answer that is too short."""
        for row, history in enumerate(histories):
            if self._repeats is not None:
                scores[row, self._repeats.endings(history)] = -torch.inf
            if len(history) < self._least_tokens:
                scores[row, self.alphabet.end_id] = -torch.inf
        return scores


def penalise_repetition(logits: Tensor, histories: Sequence[Sequence[int]], *, penalty: float) -> None:
    """Divides positive and multiplies negative logits [R, V] of tokens already said, in place.

    Source: CTRL, arXiv 1909.05858; the negative case as Hugging Face's transformers have it.
    """
    for row, history in enumerate(histories):
        seen = list(set(history))
        said = logits[row, seen]
        logits[row, seen] = torch.where(said > 0, said / penalty, said * penalty)


def forbid_repeated_ngrams(logits: Tensor, histories: Sequence[Sequence[int]], *, length: int) -> None:
    """Forbids, in place in logits [R, V], each token that would end an n-gram which the answer already has."""
    for row, history in enumerate(histories):
        logits[row, ngram_endings(history, length=length)] = -torch.inf


def ngram_endings(history: Sequence[int], *, length: int) -> list[int]:
    """The tokens that followed earlier occurrences of the last length - 1 tokens."""
    tokens = list(history)
    last = tokens[len(tokens) - (length - 1) :]
    starts = range(len(tokens) - length + 1)
    return [tokens[i + length - 1] for i in starts if tokens[i : i + length - 1] == last]


class TokenChooser:
    """Greedy choice or sampling for R sequences."""

    def __init__(self, generation: GenerationConfig, *, rows: int) -> None:
        self._generation = generation
        # Each sequence draws from a generator of its own, so that its answer doesn't depend on its neighbours; on the
        # CPU, so that a seed means the same on every device.
        self._generators: list[torch.Generator] = []
        if generation.method == "sampling":
            seed = draw_seed() if generation.seed is None else generation.seed
            self._generators = [torch.Generator().manual_seed(seed) for _ in range(rows)]

    def __call__(self, logits: Tensor, rows: Sequence[int]) -> Tensor:
        """logits: filtered, [R', V], of these of the R sequences. Returns token ids [R']."""
        if not self._generators:
            return logits.argmax(-1)
        draws = torch.cat([torch.rand(1, generator=self._generators[row]) for row in rows])
        return sample(logits, draws.to(logits.device), generation=self._generation)


def draw_seed() -> int:
    """A random seed, from the operating system's entropy: torch's global generator stays untouched."""
    return random.SystemRandom().randint(0, LARGEST_SEED)


def sample(logits: Tensor, draws: Tensor, *, generation: GenerationConfig) -> Tensor:
    """Token ids [R] from logits [R, V] by inverting the cumulative distribution at draws [R], uniform in [0, 1)."""
    # A stable sort: of equally probable tokens, top-k keeps the lower id on every device.
    ordered, ids = (logits / generation.temperature).sort(dim=-1, descending=True, stable=True)
    if generation.top_k:
        ordered = ordered[:, : generation.top_k]
    probabilities = ordered.softmax(-1)
    if generation.top_p < 1:
        before = probabilities.cumsum(-1) - probabilities
        probabilities = probabilities.masked_fill(before >= generation.top_p, 0.0)
    cumulative = probabilities.cumsum(-1)
    position = torch.searchsorted(cumulative, draws[:, None] * cumulative[:, -1:], right=True)
    last = (probabilities > 0).sum(-1, keepdim=True) - 1  # the bound for a draw that rounds up to the whole sum
    return ids.gather(-1, torch.minimum(position, last)).squeeze(-1)
