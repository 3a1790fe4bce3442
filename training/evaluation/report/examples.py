"""The best and the worst captions of a model, for people to look at."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from core.files.atomic_file import write_text
from training.data.captions import CaptionedImage
from training.evaluation.metrics.cider import cider_d
from training.evaluation.metrics.text_tokens import caption_words

EXAMPLES = 6
"""Best ones, and as many worst ones."""


@dataclass(frozen=True)
class Example:
    """What the model said of a photo."""

    image: str
    """Path of the photo."""
    answer: str
    reference: str
    """One person's caption."""
    cider_d: float


def choose_examples(images: Sequence[CaptionedImage], answers: Sequence[str]) -> tuple[list[Example], list[Example]]:
    """The best and the worst captions by CIDEr-D, best and worst first; none is in both."""
    scores = cider_d(
        [caption_words(answer) for answer in answers],
        [[caption_words(caption) for caption in image.captions] for image in images],
    )
    found = [
        Example(str(image.path), answer, image.captions[0], round(100 * score, 1))
        for image, answer, score in zip(images, answers, scores, strict=True)
    ]
    ordered = sorted(found, key=lambda example: -example.cider_d)
    number = min(EXAMPLES, len(ordered) // 2)
    return ordered[:number], ordered[::-1][:number]


def write_examples(path: Path, best: Sequence[Example], worst: Sequence[Example]) -> None:
    """They stay in the run's folder: a model that is given away holds no photo and no path."""
    content = {"best": [asdict(example) for example in best], "worst": [asdict(example) for example in worst]}
    write_text(path, json.dumps(content, ensure_ascii=False, indent=1))
