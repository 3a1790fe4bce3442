"""Prints a sample of question-answer pairs, for a human to read and judge."""

from __future__ import annotations

import random

from rich.console import Console

from core.errors import DataError
from training.data.captions import CaptionDataset
from training.questions.vqa_pairs import KINDS, build_pairs


def print_sample(
    dataset: CaptionDataset, console: Console, *, split: str = "train", count: int = 40, kind: str | None = None, seed: int = 0
) -> None:
    """Print `count` pairs of a split, each with its image's captions, to a console that takes text as it is.

    kind: None prints all kinds. Raises DataError for a kind or a split that the dataset doesn't have.
    """
    if not dataset.split(split):
        raise DataError(f"{dataset.root} has no images in the split {split!r}")
    captions = {image.name: image.captions for image in dataset.images}
    pairs = build_pairs(dataset, split, seed=seed)
    known = dict.fromkeys((*KINDS, *(pair.kind for pair in pairs)))
    if kind is not None and kind not in known:
        raise DataError(f"there are no pairs of the kind {kind!r}, only {', '.join(known)}")
    pairs = [pair for pair in pairs if kind in (None, pair.kind)]
    kinds = ", ".join(f"{number} {k}" for k in known if (number := sum(pair.kind == k for pair in pairs)))
    console.print(f"{len(pairs)} pairs from {len(dataset.split(split))} images: {kinds}")
    for pair in random.Random(f"{seed}/sample").sample(pairs, min(count, len(pairs))):
        people = f" ({pair.agreement} people)" if pair.answers else ""
        console.print(f"\n[{pair.kind}] {pair.question} -> {pair.answer}{people}", style="bold")
        for line in (pair.image, *captions[pair.image]):
            console.print(f"    {line}")
