"""Beam search over many sequences side by side.

Each sequence keeps `width` hypotheses. One that takes the end token leaves the beam and narrows it by one, so that a
width of 1 is greedy decoding exactly. Source: Wu et al., arXiv 1609.08144, section 7 (length normalisation simplified
to log-probability / length ** penalty).

Shapes: S sequences, W beams each, R = S*W rows of the run, V vocabulary.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.answers import FinishReason
from core.decoding_run import DecodingRun, HeadTrace
from core.token_choice import AnswerAlphabet, LogitFilter


@dataclass(frozen=True)
class BeamToken:
    """A token of a hypothesis and where the query that predicted it was."""

    token_id: int
    log_probability: float
    """Under the model, before filters and penalties."""
    heads: HeadTrace | None
    """Of all rows of its step; what the search really did, so that nothing is computed twice."""
    row: int
    """The hypothesis's row in `heads`."""


@dataclass(frozen=True)
class Hypothesis:
    """An answer, whole or under way."""

    tokens: tuple[BeamToken, ...]
    total: float
    """Sum of its tokens' log-probabilities after filters and penalties."""
    score: float
    """The total, normalised by length."""
    finish: FinishReason


EMPTY = Hypothesis((), 0.0, 0.0, "length")


class BeamSearch:
    """The state of one search: call step() until done, then read `finished`."""

    def __init__(
        self,
        run: DecodingRun,
        *,
        sequences: int,
        width: int,
        alphabet: AnswerAlphabet,
        length_penalty: float,
        logit_filter: LogitFilter,
        device: torch.device,
    ) -> None:
        self._run = run
        self._width = width
        self._alphabet = alphabet
        self._length_penalty = length_penalty
        self._filter = logit_filter
        self._device = device
        self.finished: list[list[Hypothesis]] = [[] for _ in range(sequences)]
        """For each sequence, the hypotheses that left the beam."""
        # All beams start alike, so one is enough until they differ.
        self._beams: list[list[Hypothesis]] = [[EMPTY] for _ in range(sequences)]
        self._tokens = torch.full((sequences * width,), alphabet.start_id, device=device)

    @property
    def done(self) -> bool:
        """Whether no hypothesis is under way any more."""
        return not any(self._beams)

    def step(self, *, last: bool) -> None:
        """Extends every hypothesis by a token. last: those that don't end with it are cut off before it."""
        with torch.inference_mode():
            output = self._run.step(self._tokens)
            filtered = self._filter(output.logits, self._histories()).log_softmax(-1)
            totals = filtered + self._totals()[:, None]  # [R, V]
            vocabulary = totals.shape[-1]
            values, places = totals.view(len(self._beams), -1).topk(self._width)  # [S, W]
            raw = output.logits.log_softmax(-1).view(len(self._beams), -1).gather(-1, places)
        candidates = zip(values.tolist(), places.tolist(), raw.tolist(), strict=True)
        parents: list[list[int]] = []
        for sequence, ranked in enumerate(candidates):
            beams, self._beams[sequence] = self._beams[sequence], []
            # Before the beams differ there is one hypothesis, but as many places as the beam is wide.
            places_left = self._width - len(self.finished[sequence]) if beams else 0
            parents.append([])
            for total, place, log_probability in list(zip(*ranked, strict=True))[:places_left]:
                if total == -torch.inf:
                    break
                beam, token_id = divmod(place, vocabulary)
                token = BeamToken(token_id, log_probability, output.heads, sequence * self._width + beam)
                self._extend(sequence, beams[beam], token, total=total, last=last)
                if len(self._beams[sequence]) > len(parents[-1]):
                    parents[-1].append(beam)
        if not self.done:
            self._advance(parents)

    def _extend(
        self, sequence: int, parent: Hypothesis, token: BeamToken, *, total: float, last: bool
    ) -> None:
        tokens = (*parent.tokens, token)
        extended = Hypothesis(tokens, total, total / len(tokens) ** self._length_penalty, "end")
        if token.token_id == self._alphabet.end_id:
            self.finished[sequence].append(extended)
        elif last:
            self.finished[sequence].append(parent)
        else:
            self._beams[sequence].append(Hypothesis(tokens, total, extended.score, "length"))

    def _advance(self, parents: list[list[int]]) -> None:
        """Brings the run's rows into the order of the new beams; a row without a hypothesis repeats its first."""
        rows: list[int] = []
        tokens: list[int] = []
        for sequence, beams in enumerate(self._beams):
            spare = self._width - len(beams)
            rows += [sequence * self._width + beam for beam in [*parents[sequence], *[0] * spare]]
            tokens += [*(beam.tokens[-1].token_id for beam in beams), *[self._alphabet.end_id] * spare]
        with torch.inference_mode():
            self._run.reorder(torch.tensor(rows, device=self._device))
            self._tokens = torch.tensor(tokens, device=self._device)

    def _histories(self) -> list[list[int]]:
        """The tokens so far of each of the R rows; empty for a row without a hypothesis."""
        histories: list[list[int]] = []
        for beams in self._beams:
            histories += [[token.token_id for token in beam.tokens] for beam in beams]
            histories += [[] for _ in range(self._width - len(beams))]
        return histories

    def _totals(self) -> Tensor:
        """[R], minus infinity for a row without a hypothesis."""
        totals = [[beam.total for beam in beams] + [-torch.inf] * (self._width - len(beams)) for beams in self._beams]
        return torch.tensor(totals, device=self._device).flatten()
