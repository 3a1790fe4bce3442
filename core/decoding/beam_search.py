"""Beam search over many sequences side by side.

Each sequence keeps `width` hypotheses. One that takes the end token leaves the beam and narrows it by one, so that a
width of 1 is greedy decoding exactly. Source: Wu et al., arXiv 1609.08144, section 7 (length normalisation simplified
to log-probability / length ** penalty).

Shapes: S sequences, W beams each, R = S*W rows of the run, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.answers import FinishReason
from core.decoding.decoding_run import ChosenToken, HeadTrace, RunShape, StepOutput, TokenRun
from core.decoding.token_choice import LogitFilter


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

    def chosen_tokens(self, *, log_share: float) -> tuple[ChosenToken, ...]:
        """Its tokens, each with its own row of what the heads did. log_share: see ChosenToken."""
        last = len(self.tokens) - 1
        return tuple(
            ChosenToken(
                token.token_id, token.log_probability, token.heads and token.heads.row(token.row),
                log_share if place == last else None,
            )
            for place, token in enumerate(self.tokens)
        )


EMPTY = Hypothesis((), 0.0, 0.0, "length")
Candidate = tuple[float, int, BeamToken]
"""Total of the extended hypothesis, its parent's place in the beam, the token."""


class BeamSearch:
    """The state of one search: call step() until done, then read `finished`."""

    def __init__(self, run: TokenRun, *, shape: RunShape, length_penalty: float, logit_filter: LogitFilter) -> None:
        """shape: the run's."""
        self._run = run
        self._width = shape.beams
        self._length_penalty = length_penalty
        self._filter = logit_filter
        self._alphabet, self._device = logit_filter.alphabet, logit_filter.device
        self._order = list(range(shape.photos * shape.questions))  # the sequences that the run decodes
        # All beams start alike, so one is enough until they differ.
        self._beams: list[list[Hypothesis]] = [[EMPTY] for _ in self._order]
        self._tokens = torch.full((len(self._order) * self._width,), self._alphabet.start_id, device=self._device)
        self.finished: list[list[Hypothesis]] = [[] for _ in self._order]
        """For each sequence, the hypotheses that left the beam."""

    @property
    def done(self) -> bool:
        """Whether no hypothesis is under way any more."""
        return not any(self._beams)

    def best(self, sequence: int) -> Hypothesis:
        """The finished hypothesis of highest score; of equal ones the earliest."""
        return max(self.finished[sequence], key=lambda hypothesis: hypothesis.score)

    def log_share(self, sequence: int) -> float:
        """Of the best hypothesis: the logarithm of its part of the probability of all finished ones."""
        totals = [hypothesis.total for hypothesis in self.finished[sequence]]
        return float(self.best(sequence).total - np.logaddexp.reduce(totals))

    def step(self) -> None:
        """Extends every hypothesis by a token."""
        with torch.inference_mode():
            ranked = self._candidates(self._run.step(self._tokens))
        rows: list[int] = []
        for position, (sequence, candidates) in enumerate(zip(self._order, ranked, strict=True)):
            parents = self._choose(sequence, candidates)
            # A row without a hypothesis repeats the first.
            parents += [0] * (self._width - len(parents))
            rows += [position * self._width + parent for parent in parents]
        if not self.done:
            with torch.inference_mode():
                self._advance(rows)

    def close(self) -> None:
        """Finishes every hypothesis: with the end token where that is its best next token, else cut off as it is."""
        with torch.inference_mode():
            output = self._run.step(self._tokens)
            best, ids = self._filter.log_probabilities(output.logits, self._histories()).max(-1)
            raw = output.logits.log_softmax(-1).gather(-1, ids[:, None])[:, 0]
        for position, sequence in enumerate(self._order):
            for place, beam in enumerate(self._beams[sequence]):
                row = position * self._width + place
                if int(ids[row]) == self._alphabet.end_id:
                    token = BeamToken(self._alphabet.end_id, float(raw[row]), output.heads, row)
                    beam = self._extended(beam, token, total=beam.total + float(best[row]), finish="end")
                self.finished[sequence].append(beam)
            self._beams[sequence] = []

    def _candidates(self, output: StepOutput) -> list[list[Candidate]]:
        """For each sequence the best extensions of all its hypotheses, the best first."""
        vocabulary = output.logits.shape[-1]
        sequences = len(self._order)
        extended = self._filter.log_probabilities(output.logits, self._histories()) + self._totals()[:, None]  # [R, V]
        best, places = extended.view(sequences, -1).topk(self._width)  # [S, W]
        raw = output.logits.log_softmax(-1).view(sequences, -1).gather(-1, places)
        totals: list[list[float]] = best.tolist()
        origins: list[list[int]] = places.tolist()
        log_probabilities: list[list[float]] = raw.tolist()
        ranked: list[list[Candidate]] = []
        for position in range(sequences):
            ranked.append([])
            columns = zip(totals[position], origins[position], log_probabilities[position], strict=True)
            for total, place, log_probability in columns:
                beam, token_id = divmod(place, vocabulary)
                token = BeamToken(token_id, log_probability, output.heads, position * self._width + beam)
                ranked[-1].append((total, beam, token))
        return ranked

    def _choose(self, sequence: int, candidates: list[Candidate]) -> list[int]:
        """Refills the beam of one sequence; returns the parents of the hypotheses now in it."""
        beams, self._beams[sequence] = self._beams[sequence], []
        parents: list[int] = []
        places = self._width - len(self.finished[sequence]) if beams else 0
        for total, beam, token in candidates[:places]:
            if total == -torch.inf:
                break
            if token.token_id == self._alphabet.end_id:
                self.finished[sequence].append(self._extended(beams[beam], token, total=total, finish="end"))
            else:
                self._beams[sequence].append(self._extended(beams[beam], token, total=total, finish="length"))
                parents.append(beam)
        return parents

    def _extended(self, parent: Hypothesis, token: BeamToken, *, total: float, finish: FinishReason) -> Hypothesis:
        tokens = (*parent.tokens, token)
        return Hypothesis(tokens, total, total / len(tokens) ** self._length_penalty, finish)

    def _advance(self, rows: list[int]) -> None:
        """Brings the run's rows into the order of the new beams, and leaves out photos that are done."""
        self._run.reorder(torch.tensor(rows, device=self._device))
        under_way = {sequence for sequence in self._order if self._beams[sequence]}
        self._order = self._run.drop_finished(self._order, under_way)
        latest = ([beam.tokens[-1].token_id for beam in self._beams[sequence]] for sequence in self._order)
        tokens = [self._padded(ids, self._alphabet.end_id) for ids in latest]
        self._tokens = torch.tensor(tokens, dtype=torch.long, device=self._device).flatten()

    def _histories(self) -> list[list[int]]:
        """The tokens so far of each of the R rows; empty for a row without a hypothesis."""
        histories: list[list[int]] = []
        for sequence in self._order:
            beams = [[token.token_id for token in beam.tokens] for beam in self._beams[sequence]]
            histories += [*beams, *([] for _ in range(self._width - len(beams)))]
        return histories

    def _totals(self) -> Tensor:
        """[R], minus infinity for a row without a hypothesis."""
        totals = [self._padded([beam.total for beam in self._beams[s]], -torch.inf) for s in self._order]
        return torch.tensor(totals, device=self._device).flatten()

    def _padded(self, values: Sequence[float], filler: float) -> list[float]:
        """One value per row of a sequence."""
        return [*values, *[filler] * (self._width - len(values))]
