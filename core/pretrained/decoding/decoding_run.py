"""Reading a photo and a question once, and going on from there as often as wanted: off, on, and every setting of a sweep.

The prompt is read without any suppression. Off, the answer's first token comes from that very pass, as in the library's
own `generate`. With suppression, the prompt's last token alone is run again on the cache of those before it, since only
the query that predicts a token is ever gated.

Shapes: L layers, H heads, C cells, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from core.answer_model import ReadingProgress, ShouldStop
from core.answers import FinishReason, HalfArray, HeadIndex
from core.config import GenerationConfig, SpinConfig
from core.decoding.token_choice import TokenChooser, forbid_repeated_ngrams, penalise_repetition
from core.pretrained.decoding.attention import ARGUMENT, SpinStep, StoppedError, changes_heads
from core.pretrained.decoding.head_records import ChosenToken, StepHeads, pack_heads
from core.pretrained.decoding.prompt_cache import fork, is_whole, new_cache
from core.pretrained.photo.families import Family


@dataclass(frozen=True)
class Settings:
    """What is done to the heads, the same for every token of an answer."""

    spin: SpinConfig | None = None
    ablated: frozenset[HeadIndex] = frozenset()


@dataclass(frozen=True)
class ReadPrompt:
    """A prompt that the model has read: everything an answer needs to go on from."""

    ids: tuple[int, ...]
    image: Tensor
    """int64 [I] positions of the image tokens."""
    cell_tokens: Tensor
    """int64 [C] the image token of each cell."""
    cache: Any
    positions: Tensor | None
    """int64 [4, 1, T] where the model counts positions in a way of its own; None where it counts tokens."""
    logits: Tensor
    """float32 [V] for the first token, without suppression."""
    step: SpinStep
    """What the heads did for the prompt's last token, without suppression."""


@dataclass(frozen=True)
class LoadedModel:
    """A checked model with what decoding has to know of it."""

    model: Any
    family: Family
    layers: int
    heads: int
    end_ids: frozenset[int]
    cache_argument: str
    device: torch.device


def read_prompt(
    loaded: LoadedModel, ids: Sequence[int], features: Any, *, cell_tokens: Sequence[int], grid: Tensor | None,
    should_stop: ShouldStop | None = None, progress: ReadingProgress | None = None,
) -> ReadPrompt:
    """Runs the whole prompt through the decoder.

    ids: token ids with the photo's image tokens in place; features: the photo's, from the vision tower; grid: int64 [1, 3],
    for models whose positions follow the photo's grid. Raises StoppedError between two layers when should_stop says so.
    """
    def on_layer(layer: int) -> None:
        if should_stop is not None and should_stop():
            raise StoppedError
        if progress is not None:
            progress(layer, loaded.layers)

    input_ids = torch.tensor([ids], device=loaded.device)
    image = (input_ids[0] == loaded.model.config.image_token_id).nonzero()[:, 0]
    step = SpinStep(image=image, length=len(ids), on_layer=on_layer)
    cache = new_cache(loaded.model)
    with torch.inference_mode():
        positions = loaded.family.positions(loaded.model, input_ids, grid)
        output = loaded.model(
            input_ids=input_ids, attention_mask=torch.ones_like(input_ids), position_ids=positions, use_cache=True,
            logits_to_keep=1, mm_encoder_outputs={"image": features}, **loaded.family.token_types(input_ids, image),
            **{ARGUMENT: step, loaded.cache_argument: cache},
        )
    if progress is not None:
        progress(loaded.layers, loaded.layers)
    return ReadPrompt(
        tuple(ids), image, torch.tensor(list(cell_tokens), device=loaded.device), cache, positions,
        output.logits[0, -1].to(torch.float32), step,
    )


class DecodingRun:
    """One answer under way: goes on from a prompt token by token under one setting."""

    def __init__(self, loaded: LoadedModel, prompt: ReadPrompt, settings: Settings, *, again: bool = False) -> None:
        """again: whether the prompt's last token is run again even where nothing is done to the heads."""
        self._loaded, self._prompt, self._settings = loaded, prompt, settings
        self._answer: list[int] = []
        self._again = again or changes_heads(settings.spin, settings.ablated, heads=loaded.heads)
        self._cache: Any = fork(prompt.cache, without_last=1 if self._again else 0)
        self.latest: SpinStep | None = None

    def back_at(self, answer: Sequence[int]) -> DecodingRun | None:
        """A run as this one was before it predicted the token after these; None where it never was, or can't go back."""
        count = len(answer)
        if self._answer[:count] != list(answer) or not is_whole(self._cache):
            return None
        # The latest of these tokens, or of the prompt's, is run again.
        surplus = self._cache.get_seq_length() - (len(self._prompt.ids) + count - 1)
        if surplus < 0:
            return None
        run = DecodingRun(self._loaded, self._prompt, self._settings, again=True)
        run._answer, run._cache = list(answer), fork(self._cache, without_last=surplus)
        return run

    def next_logits(self, *, keep_heads: bool = False) -> Tensor:
        """float32 [V] for the token after the prompt and what was appended so far.

        keep_heads: whether each head's own map is kept, see head_maps.
        """
        if not self._answer and not self._again:
            self.latest = self._prompt.step
            return self._prompt.logits
        return self._forward(self._answer[-1] if self._answer else self._prompt.ids[-1], keep_heads=keep_heads)

    def append(self, token_id: int) -> None:
        """The answer goes on with this token."""
        self._answer.append(token_id)

    def heads(self) -> StepHeads:
        """What the heads did for the latest logits."""
        assert self.latest is not None
        return pack_heads(self.latest, self._prompt.cell_tokens)

    def head_maps(self) -> HalfArray:
        """[L, H, C] each head's own attention on each cell for the latest logits, where they were kept."""
        assert self.latest is not None
        records = [record for _, record in sorted(self.latest.records.items())]
        maps = [record.head_attention for record in records if record.head_attention is not None]
        return torch.stack(maps)[..., self._prompt.cell_tokens].to(torch.float16).cpu().numpy()

    def _forward(self, token_id: int, *, keep_heads: bool) -> Tensor:
        length = len(self._prompt.ids) + len(self._answer)
        device = self._loaded.device
        self.latest = SpinStep(
            image=self._prompt.image, length=length, spin=self._settings.spin, ablated=self._settings.ablated,
            keep_heads=keep_heads,
        )
        positions = None
        if self._prompt.positions is not None:
            positions = self._prompt.positions[..., -1:] + len(self._answer)
        with torch.inference_mode():
            output = self._loaded.model(
                input_ids=torch.tensor([[token_id]], device=device),
                attention_mask=torch.ones(1, length, dtype=torch.int64, device=device), position_ids=positions,
                use_cache=True, logits_to_keep=1,
                **{ARGUMENT: self.latest, self._loaded.cache_argument: self._cache},
            )
        return output.logits[0, -1].to(torch.float32)


def stream_tokens(
    run: DecodingRun, *, generation: GenerationConfig, end_ids: Collection[int], limit: int, should_stop: ShouldStop
) -> Generator[ChosenToken, None, FinishReason]:
    """The answer token by token; the generator's value is why it ended.

    run: a new one; limit: most tokens before the end token. should_stop is asked before each token.
    """
    choose = TokenChooser(generation, rows=1)
    answer: list[int] = []
    for index in range(limit + 1):
        if should_stop():
            return "stopped"
        logits = run.next_logits()[None]
        with torch.inference_mode():
            token_id = int(choose(filtered(logits, answer, generation), [0])[0])
            log_probability = float(logits[0].log_softmax(-1)[token_id])
        ends = token_id in end_ids
        if index == limit and not ends:
            break
        yield ChosenToken(token_id, log_probability, run.heads())
        if ends:
            return "end"
        answer.append(token_id)
        run.append(token_id)
    return "length"


def replayed(loaded: LoadedModel, prompt: ReadPrompt, answer: Sequence[int], *, settings: Settings) -> DecodingRun:
    """A run that is about to predict the token after these: they are run again one by one, as when they were made."""
    run = DecodingRun(loaded, prompt, settings, again=not answer)
    for token_id in answer:
        run.next_logits()
        run.append(token_id)
    return run


def filtered(logits: Tensor, answer: Sequence[int], generation: GenerationConfig) -> Tensor:
    """Logits [1, V] after the penalties on repetition, which look at the answer alone."""
    if generation.repetition_penalty == 1.0 and not generation.no_repeat_ngram:
        return logits
    logits = logits.clone()
    if generation.repetition_penalty != 1.0:
        penalise_repetition(logits, [answer], penalty=generation.repetition_penalty)
    if generation.no_repeat_ngram:
        forbid_repeated_ngrams(logits, [answer], length=generation.no_repeat_ngram)
    return logits
