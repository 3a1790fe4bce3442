"""Prints a sample of question-answer pairs, for a human to read and judge."""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from core.errors import DataError
from training.data.captions import SPLIT_NAMES, CaptionDataset, load_captions
from training.questions.vqa_pairs import KINDS, build_pairs


def print_sample(
    dataset: CaptionDataset, *, split: str = "train", count: int = 40, kind: str | None = None, seed: int = 0,
    console: Console | None = None,
) -> None:
    """Print `count` pairs of a split, each with its image's captions.

    kind: None prints all kinds. Raises DataError for a kind or a split that the dataset doesn't have.
    """
    if not dataset.split(split):
        raise DataError(f"{dataset.root} has no images in the split {split!r}")
    console = console or Console(soft_wrap=True)
    captions = {image.name: image.captions for image in dataset.images}
    pairs = build_pairs(dataset, split, seed=seed)
    known = dict.fromkeys((*KINDS, *(pair.kind for pair in pairs)))
    if kind is not None and kind not in known:
        raise DataError(f"there are no pairs of the kind {kind!r}, only {', '.join(known)}")
    pairs = [pair for pair in pairs if kind in (None, pair.kind)]
    kinds = ", ".join(f"{number} {k}" for k in known if (number := sum(pair.kind == k for pair in pairs)))
    console.print(Text(f"{len(pairs)} pairs from {len(dataset.split(split))} images: {kinds}"))
    for pair in random.Random(f"{seed}/sample").sample(pairs, min(count, len(pairs))):
        console.print(Text(f"\n[{pair.kind}] {pair.question} -> {pair.answer}", style="bold"))
        for line in (pair.image, *captions[pair.image]):
            console.print(Text(f"    {line}"))


def main(arguments: Sequence[str] | None = None) -> int:
    """`python -m training.questions.vqa_pairs --data DIR`. Returns the exit code."""
    parser = argparse.ArgumentParser(description="Print question-answer pairs made from a dataset's captions.")
    parser.add_argument("--data", type=Path, required=True, help="folder of the dataset")
    parser.add_argument("--split", choices=SPLIT_NAMES, default="train")
    parser.add_argument("--sample", type=int, default=40, help="how many pairs to print")
    parser.add_argument("--kind", help="only pairs of this kind")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    try:
        dataset = load_captions(chosen.data, seed=chosen.seed)
        print_sample(
            dataset, split=chosen.split, count=max(0, chosen.sample), kind=chosen.kind, seed=chosen.seed
        )
    except DataError as error:
        Console(stderr=True, soft_wrap=True).print(Text(str(error)))
        return 1
    return 0
