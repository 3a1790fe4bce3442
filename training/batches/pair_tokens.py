"""Drawn yes/no questions as token ids, and the regions that answers describe."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from core.text.prompt import encode_answer, encode_prompt
from core.text.tokenizer import Tokenizer
from training.batches.answer_regions import caption_regions
from training.batches.dataset import DrawRows, RegionsOf, TokenPair
from training.batches.regions import PhotoRegions, object_chains
from training.data.seen_objects import SeenObjects
from training.questions.presence_draw import PresenceFacts, presence_facts, question_wordings
from training.questions.rules.read_image import ReadImage
from training.questions.vqa_pairs import QaPair


def presence_rows(
    read: Sequence[ReadImage], regions: Sequence[PhotoRegions] | None, tokenizer: Tokenizer, *, per_photo: int, seed: int,
    max_question: int, left_out: Collection[str] = (), seen: Mapping[str, SeenObjects] = MappingProxyType({}),
) -> DrawRows:
    """Draws yes/no questions for an epoch. read and regions: of the photos, in their order; left_out: names of photos whose
    captions say nothing; seen: what is known to be in some photos."""
    facts = presence_facts(read, left_out=left_out, seen=seen)
    wordings = {
        name: [encode_prompt(tokenizer, wording, max_tokens=max_question) for wording in worded]
        for name, worded in question_wordings(facts).items()
    }
    yes, no = (encode_answer(tokenizer, answer, max_tokens=max_question) for answer in ("yes", "no"))
    shown = _shown_regions(read, regions, facts)

    def draw(epoch: int) -> list[list[TokenPair]]:
        rng = random.Random(f"{seed} wordings {epoch}")
        questions = facts.draw(per_photo=per_photo, seed=f"{seed} presence {epoch}")
        return [
            [
                TokenPair(rng.choice(wordings[q.object]), yes, regions_of.get(q.object, ())) if q.present
                else TokenPair(rng.choice(wordings[q.object]), no)
                for q in asked
            ]
            for asked, regions_of in zip(questions, shown, strict=True)
        ]

    return draw


def _shown_regions(
    read: Sequence[ReadImage], regions: Sequence[PhotoRegions] | None, facts: PresenceFacts
) -> list[dict[str, tuple[int, ...]]]:
    """For each photo, the region that a "yes" describes, by the object that is asked for."""
    if regions is None:
        return [{} for _ in read]
    return [
        {
            name: (region,) for name in sorted(present)
            if (region := photo.number(object_chains(image, name))) is not None
        }
        for image, photo, present in zip(read, regions, facts.present, strict=True)
    ]


def caption_regions_of(read: Sequence[ReadImage], regions: Sequence[PhotoRegions], tokenizer: Tokenizer) -> RegionsOf:
    """Gives the region that each token of a caption describes; none for other answers."""
    photos = {image.name: (image, photo) for image, photo in zip(read, regions, strict=True)}

    def regions_of(pair: QaPair) -> tuple[int, ...]:
        image, photo = photos[pair.image]
        return caption_regions(pair.answer, tokenizer, image.captions, photo) if pair.kind == "caption" else ()

    return regions_of
