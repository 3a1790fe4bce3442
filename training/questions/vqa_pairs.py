"""Question-answer pairs from captions: generic questions with the caption as answer, and short answers by rules."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from training.data.captions import CaptionDataset, CaptionedImage
from training.data.entities import read_entities
from training.data.qa_pair import KINDS, QaPair
from training.language.caption_parser import parse_caption
from training.questions.answer_balance import balance_answers
from training.questions.number_form import with_number_words
from training.questions.rules.action import action_pairs
from training.questions.rules.colour import colour_pairs
from training.questions.rules.count import count_pairs
from training.questions.rules.objects import object_pairs
from training.questions.rules.presence import presence_pairs
from training.questions.rules.read_image import Candidate, ReadImage
from training.questions.rules.wearing import wearing_pairs
from training.questions.rules.where import where_pairs
from training.questions.rules.who import who_pairs
from training.questions.statements import statements

__all__ = ["CAPTION_QUESTION", "CAPTION_QUESTIONS", "KINDS", "QaPair", "build_pairs"]

CAPTION_QUESTIONS = (
    "Describe the image in detail.", "Describe the image.", "Describe this picture.", "What is in this picture?",
    "What do you see in the image?", "What is happening in this photo?", "What does the picture show?",
    "Give a short description of the photo.", "Write a caption for this image.", "What is going on here?",
)
CAPTION_QUESTION = CAPTION_QUESTIONS[0]
"""The one that is asked where captions are measured."""
RULES: dict[str, Callable[[ReadImage], list[Candidate]]] = {
    "action": action_pairs, "wearing": wearing_pairs, "colour": colour_pairs, "count": count_pairs,
    "where": where_pairs, "who": who_pairs,
}
MIN_CAPTION_WORDS = 3
BROKEN_ENDS = frozenset({"a", "an", "the", "of", "with", "and", "in", "is", "are"})
MAX_PER_IMAGE = {"action": 4, "wearing": 2, "colour": 3, "count": 2, "where": 2, "who": 2}
"""Questions of a kind that one image may bring before the balance."""
MAX_OBJECT_QUESTIONS = {"object": 3, "count": 1, "presence": 1, "action": 1, "where": 1, "either": 1}
"""The same, of those about the objects of an image without captions."""


def read_images(dataset: CaptionDataset, split: str) -> list[ReadImage]:
    """A split's images that something is said of, their captions parsed, by image name."""
    images = sorted((image for image in dataset.split(split) if image.teaches), key=lambda image: image.name)
    return [read_image(image, dataset) for image in images]


def build_pairs(
    dataset: CaptionDataset, split: str, *, seed: int = 0, read: Sequence[ReadImage] | None = None
) -> list[QaPair]:
    """All pairs of a split, by image name and kind; the same for the same captions and seed.

    read: what read_images gave, where it is at hand.
    Ready-made questions about an image are taken as they are, but for small numbers, which become words as captions have them;
    nothing is derived from its captions then but the caption itself. Entities beside the captions are used where they cover an
    image, else the captions are read by word lists.
    """
    images = sorted((image for image in dataset.split(split) if image.teaches), key=lambda image: image.name)
    pairs = [pair for image in images for pair in _caption_pairs(image, seed=seed)]
    pairs += [with_number_words(pair) for image in images for pair in image.questions]
    ready = {image.name for image in images if not image.asked_by_captions}
    read = [image for image in (read_images(dataset, split) if read is None else read) if image.name not in ready]
    candidates = [found for image in read for found in _image_candidates(image, seed=seed)]
    candidates += [found for image in images for found in _object_candidates(image, seed=seed)]
    candidates = balance_answers(candidates, seed=seed) + presence_pairs(read, seed=seed)
    pairs += [_worded(candidate, number, seed=seed) for number, candidate in enumerate(candidates)]
    return sorted(dict.fromkeys(pairs), key=lambda pair: pair.order)


def read_image(image: CaptionedImage, dataset: CaptionDataset) -> ReadImage:
    """An image's captions, parsed with what the dataset offers."""
    marked = read_entities(dataset.entities, image.name) if dataset.entities is not None else ()
    return ReadImage(image.name, marked or tuple(parse_caption(caption) for caption in image.captions))


def _caption_pairs(image: CaptionedImage, *, seed: int) -> list[QaPair]:
    rng = random.Random(f"{seed}/caption/{image.name}")
    taught = statements(image.questions, image.seen) if image.trains_untold else image.captions
    cleaned = dict.fromkeys(clean_caption(caption) for caption in taught)
    captions = [caption for caption in cleaned if is_whole(caption)] or list(cleaned)
    questions = rng.sample(CAPTION_QUESTIONS, min(len(captions), len(CAPTION_QUESTIONS)))
    return [
        QaPair(image.name, questions[index % len(questions)], caption, "caption")
        for index, caption in enumerate(captions) if caption
    ]


def clean_caption(caption: str) -> str:
    """A caption as an answer: lower case, no spaces before marks, no full stop at the end."""
    text = " ".join(caption.lower().split())
    for mark in (" .", " ,", " ;", " :", " !", " ?", " 's", " n't"):
        text = text.replace(mark, mark[1:])
    return text.replace('"', "").rstrip(" .,").strip()


def is_whole(caption: str) -> bool:
    """Whether a caption says something: some of Flickr8k's break off after "A group of"."""
    words = caption.split()
    return len(words) >= MIN_CAPTION_WORDS and words[-1] not in BROKEN_ENDS


def _image_candidates(image: ReadImage, *, seed: int) -> list[Candidate]:
    """What the rules find for an image, some of each kind, as different from each other as can be."""
    chosen: list[Candidate] = []
    for kind, rule in RULES.items():
        rng = random.Random(f"{seed}/{kind}/{image.name}")
        found = list(dict.fromkeys(rule(image)))
        rng.shuffle(found)
        chosen += _varied(found, MAX_PER_IMAGE[kind])
    return chosen


def _object_candidates(image: CaptionedImage, *, seed: int) -> list[Candidate]:
    """Some questions about what is seen in a photo that no caption tells of."""
    if image.seen is None or not image.teaches_objects:
        return []
    rng = random.Random(f"{seed}/objects/{image.name}")
    found = object_pairs(image.name, image.seen, seed=seed)
    rng.shuffle(found)
    by_kind = {kind: [candidate for candidate in found if candidate.kind == kind] for kind in MAX_OBJECT_QUESTIONS}
    return [one for kind, number in MAX_OBJECT_QUESTIONS.items() for one in _varied(by_kind[kind], number)]


def _varied(found: Sequence[Candidate], number: int) -> list[Candidate]:
    """Take the first ones whose answer and topic are new, then those of which one is new."""
    chosen: list[Candidate] = []
    for rounds in range(2):
        for candidate in found:
            same_answer = any(c.answer == candidate.answer and c.topic == candidate.topic for c in chosen)
            same_topic = any(c.topic == candidate.topic for c in chosen)
            if len(chosen) < number and not same_answer and not (rounds == 0 and same_topic):
                chosen.append(candidate)
    return chosen


def _worded(candidate: Candidate, number: int, *, seed: int) -> QaPair:
    rng = random.Random(f"{seed}/wording/{candidate.image}/{candidate.kind}/{candidate.topic}/{number}")
    return QaPair(candidate.image, rng.choice(candidate.questions), candidate.answer, candidate.kind)
