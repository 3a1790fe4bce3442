"""Greedy decoding and sampling of many sequences side by side, each until its own end token.

Shapes: B photos, G questions per photo, R = B*G sequences, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from core.decoding.decoding_run import ChosenToken, TokenRun
from core.decoding.token_choice import LogitFilter, TokenChooser


class TokenByToken:
    """The state of one decoding: call step() until done."""

    def __init__(
        self, run: TokenRun, *, asked: Sequence[Sequence[bool]], logit_filter: LogitFilter, chooser: TokenChooser
    ) -> None:
        """asked: [B][G], False where a photo has fewer questions than others."""
        self._run = run
        self._filter = logit_filter
        self._choose = chooser
        self._end_id = logit_filter.alphabet.end_id
        wanted = [here for photo in asked for here in photo]
        self._order = list(range(len(wanted)))  # the sequences that the run decodes
        self._under_way = {sequence for sequence in self._order if wanted[sequence]}
        self._histories: list[list[int]] = [[] for _ in wanted]
        self._tokens = torch.full((len(wanted),), logit_filter.alphabet.start_id, device=logit_filter.device)

    @property
    def done(self) -> bool:
        """Whether every answer has its end token."""
        return not self._under_way

    def has_ended(self, sequence: int) -> bool:
        """Whether this sequence's answer has its end token."""
        return sequence not in self._under_way

    def step(self, *, last: bool) -> list[tuple[int, ChosenToken]]:
        """The next token of each sequence under way, with the sequence's index.

        last: only end tokens count, so this step just finds out which answers end here.
        """
        # Entered for each step: a generator that pauses inside would switch gradients off for its consumer.
        with torch.inference_mode():
            output = self._run.step(self._tokens)
            filtered = self._filter(output.logits, [self._histories[sequence] for sequence in self._order])
            self._tokens = self._choose(filtered, self._order)
            scores = output.logits.log_softmax(-1).gather(-1, self._tokens[:, None])[:, 0]
        ids: list[int] = self._tokens.tolist()
        log_probabilities: list[float] = scores.tolist()
        chosen: list[tuple[int, ChosenToken]] = []
        for row, sequence in enumerate(self._order):
            self._histories[sequence].append(ids[row])
            ends = ids[row] == self._end_id
            if sequence in self._under_way and (ends or not last):
                heads = None if output.heads is None else output.heads.row(row)
                chosen.append((sequence, ChosenToken(ids[row], log_probabilities[row], heads)))
            if ends:
                self._under_way.discard(sequence)
        if not self.done:
            self._leave_out_finished()
        return chosen

    def _leave_out_finished(self) -> None:
        with torch.inference_mode():
            order = self._run.drop_finished(self._order, self._under_way)
        if len(order) < len(self._order):
            self._order = order
            latest = [self._histories[sequence][-1] for sequence in order]
            self._tokens = torch.tensor(latest, device=self._filter.device)
