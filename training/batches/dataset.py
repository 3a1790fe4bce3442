"""Token ids of questions and answers, grouped by photo, and the batches drawn from them.

Every photo comes once per epoch, together with several of its question-answer pairs. Captions and derived pairs form two
groups with a length of their own: an answer of two tokens isn't padded to a caption's twenty.

Shapes: B photos, G pairs per photo, Q question tokens, T answer tokens.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor

from core.text.prompt import encode_answer, encode_prompt
from core.text.tokenizer import Tokenizer
from training.questions.vqa_pairs import QaPair

IGNORED = -100
"""Target of a position that doesn't count in the loss."""

NO_REGION = -1
"""Region of a token that describes no marked part of the photo."""

FEWEST_PEOPLE = 2
"""Of those who were asked, for an answer to be learnt: what one of ten says alone is often a slip."""


class TokenPair(NamedTuple):
    """Token ids of a question and its answer."""

    question: list[int]
    answer: list[int]
    regions: tuple[int, ...] = ()
    """For each of the answer's tokens, the number of the photo's region that it describes; empty where none is known."""
    answers: tuple[tuple[list[int], int], ...] = ()
    """What several people answered, and how many each; one of these is drawn in place of `answer`."""

    def drawn(self, draw: random.Random) -> TokenPair:
        """The pair with the answer of one of the people, so that a model learns how many say what."""
        if not self.answers:
            return self
        answers, people = zip(*self.answers, strict=True)
        return self._replace(answer=draw.choices(answers, people)[0])


RegionsOf = Callable[[QaPair], tuple[int, ...]]
"""Gives the regions of a pair's answer, as in TokenPair."""
DrawRows = Callable[[int], Sequence[Sequence[TokenPair]]]
"""Gives the pairs of every photo that are drawn for an epoch."""


@dataclass(frozen=True)
class PhotoPairs:
    """All pairs of one photo as token ids."""

    captions: tuple[TokenPair, ...]
    derived: tuple[TokenPair, ...]


@dataclass(frozen=True)
class PairGroup:
    """G pairs for each of B photos."""

    question: Tensor
    """[B, G, Q] ids"""
    question_padding: Tensor
    """[B, G, Q], True at padding"""
    inputs: Tensor
    """[B, G, T] ids, starting with the start token"""
    targets: Tensor
    """[B, G, T] ids, IGNORED at padding"""
    regions: Tensor | None = None
    """[B, G, T] number of the photo's region that a target describes, NO_REGION where none; None where no target does."""
    weight: float = 1.0
    """Of each of its tokens in the loss."""

    @property
    def tokens(self) -> float:
        """Targets that count, times their weight."""
        return self.weight * int((self.targets != IGNORED).sum())

    def to(self, device: torch.device) -> PairGroup:
        return self._with(lambda tensor: tensor.to(device))

    def rows(self, start: int, end: int) -> PairGroup:
        """The pairs of some of the photos."""
        return self._with(lambda tensor: tensor[start:end])

    def _with(self, change: Callable[[Tensor], Tensor]) -> PairGroup:
        tensors = (self.question, self.question_padding, self.inputs, self.targets)
        regions = None if self.regions is None else change(self.regions)
        return PairGroup(*map(change, tensors), regions=regions, weight=self.weight)


@dataclass(frozen=True)
class Batch:
    """Photos, by index into the image store, and their pairs."""

    photos: Tensor
    """[B]"""
    groups: tuple[PairGroup, ...]

    def parts(self, photos: int) -> list[Batch]:
        """The batch in pieces of at most so many photos; 0 leaves it whole."""
        if photos == 0 or photos >= len(self.photos):
            return [self]
        return [self.part(start, start + photos) for start in range(0, len(self.photos), photos)]

    def part(self, start: int, end: int) -> Batch:
        """Some of the photos, with their pairs."""
        return Batch(self.photos[start:end], tuple(group.rows(start, end) for group in self.groups))

    @property
    def tokens(self) -> float:
        """Targets that count, times their weight: what the summed loss is divided by."""
        return sum(group.tokens for group in self.groups)


def encode_pairs(
    pairs: Sequence[QaPair], image_names: Sequence[str], tokenizer: Tokenizer, *, max_question: int, max_answer: int,
    regions_of: RegionsOf | None = None,
) -> list[PhotoPairs]:
    """Pairs as token ids, in the order of `image_names`."""
    prompts: dict[str, list[int]] = {}
    by_image: dict[str, tuple[list[TokenPair], list[TokenPair]]] = {name: ([], []) for name in image_names}
    for pair in pairs:
        if pair.image not in by_image:
            continue
        if pair.question not in prompts:
            prompts[pair.question] = encode_prompt(tokenizer, pair.question, max_tokens=max_question)
        answer = encode_answer(tokenizer, pair.answer, max_tokens=max_answer)
        regions = regions_of(pair)[: len(answer)] if regions_of else ()
        answers = tuple(
            (encode_answer(tokenizer, text, max_tokens=max_answer), people) for text, people in pair.answers
            if people >= FEWEST_PEOPLE
        )
        by_image[pair.image][pair.kind != "caption"].append(TokenPair(prompts[pair.question], answer, regions, answers))
    return [PhotoPairs(tuple(captions), tuple(derived)) for captions, derived in by_image.values()]


def pad_group(
    rows: Sequence[Sequence[TokenPair]], *, pairs: int, pad_id: int, start_id: int, weight: float = 1.0
) -> PairGroup:
    """Pairs of B photos as tensors; a photo with fewer than `pairs` pairs is filled up with ignored ones."""
    question_length = max((len(pair.question) for row in rows for pair in row), default=1)
    answer_length = max((len(pair.answer) for row in rows for pair in row), default=1)
    shape = (len(rows), pairs)
    question = torch.full((*shape, question_length), pad_id)
    inputs = torch.full((*shape, answer_length), pad_id)
    targets = torch.full((*shape, answer_length), IGNORED)
    regions = torch.full((*shape, answer_length), NO_REGION)
    padding = torch.ones((*shape, question_length), dtype=torch.bool)
    for b, row in enumerate(rows):
        for g, (q, a, described, _) in enumerate(row):
            regions[b, g, : len(described)] = torch.tensor(described, dtype=torch.long)
            question[b, g, : len(q)] = torch.tensor(q)
            padding[b, g, : len(q)] = False
            inputs[b, g, : len(a)] = torch.tensor([start_id, *a[:-1]])
            targets[b, g, : len(a)] = torch.tensor(a)
    known = regions if any(pair.regions for row in rows for pair in row) else None
    return PairGroup(question, padding, inputs, targets, known, weight)


class PairDataset:
    """Draws batches. The draw depends on the seed and the epoch alone, so that a resumed run draws the same."""

    def __init__(
        self, photos: Sequence[PhotoPairs], *, pad_id: int, start_id: int, captions_per_photo: int,
        derived_per_photo: int, seed: int, derived_weight: float = 1.0, presence: DrawRows | None = None,
        presence_per_photo: int = 0,
    ) -> None:
        """presence: draws yes/no questions for an epoch, at most presence_per_photo for a photo."""
        self._photos = photos
        self._pad_id, self._start_id = pad_id, start_id
        self._captions, self._derived = captions_per_photo, derived_per_photo
        self._derived_weight = derived_weight
        self._presence, self._presence_count = presence, presence_per_photo
        self._seed = seed

    def __len__(self) -> int:
        return len(self._photos)

    def batches(
        self, *, epoch: int, batch_photos: int, first: int = 0, rank: int = 0, world: int = 1
    ) -> Iterator[Batch]:
        """The epoch's batches from number `first` on, each the share of process `rank` out of `world`.

        All are of batch_photos photos together, but where there are fewer photos than that in all.
        """
        order = self.order(epoch)
        presence = self._presence(epoch) if self._presence else None
        for number in range(first, self.batch_count(batch_photos)):
            photos = order[number * batch_photos : (number + 1) * batch_photos]
            # No process may be without work while the others exchange.
            share_of_photos = self.arranged(photos[rank::world] or photos[:1])
            batch = self.batch(share_of_photos, epoch=epoch)
            if presence is not None and (asked := [presence[photo] for photo in share_of_photos]) and any(asked):
                batch = replace(batch, groups=(*batch.groups, self._group(asked, self._presence_count, self._derived_weight)))
            yield batch

    def batch_count(self, batch_photos: int) -> int:
        """Full batches of all processes per epoch; the few photos left over come in another epoch's order."""
        return max(1, len(self) // batch_photos)

    def order(self, epoch: int) -> list[int]:
        """The photos of an epoch, one after the other."""
        order = list(range(len(self._photos)))
        random.Random(f"{self._seed} order {epoch}").shuffle(order)
        return order

    def arranged(self, photos: Sequence[int]) -> Sequence[int]:
        """The photos of one batch in the order in which it has them."""
        return photos

    def batch(self, photos: Sequence[int], *, epoch: int) -> Batch:
        """These photos with pairs drawn for this epoch."""
        captions: list[list[TokenPair]] = []
        derived: list[list[TokenPair]] = []
        for photo in photos:
            draw = random.Random(f"{self._seed} pairs {epoch} {photo}")
            pairs = self._photos[photo]
            captions.append(draw.sample(pairs.captions, min(self._captions, len(pairs.captions))))
            chosen = draw.sample(pairs.derived, min(self._derived, len(pairs.derived)))
            derived.append([pair.drawn(draw) for pair in chosen])
        groups = tuple(
            self._group(rows, count, weight)
            for rows, count, weight in ((captions, self._captions, 1.0), (derived, self._derived, self._derived_weight))
            if any(rows)
        )
        return Batch(torch.tensor(list(photos)), groups)

    def _group(self, rows: Sequence[Sequence[TokenPair]], pairs: int, weight: float) -> PairGroup:
        return pad_group(rows, pairs=pairs, pad_id=self._pad_id, start_id=self._start_id, weight=weight)
