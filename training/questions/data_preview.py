"""A look at what a model would learn from: photos with their captions and the pairs made of them. Torch-free."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Sequence

from training.data.captions import CaptionDataset
from training.data.data_findings import DataPreview, PreviewPhoto
from training.questions.vqa_pairs import QaPair, build_pairs

PHOTOS = 12
_WORD = re.compile(r"[\w']+")


def preview_data(dataset: CaptionDataset, *, count: int = PHOTOS, seed: int = 0) -> DataPreview:
    """Counts over the train split, and a seeded choice of its photos."""
    images = [image for image in dataset.split("train") if image.teaches]
    pairs = build_pairs(dataset, "train", seed=seed)
    derived: dict[str, list[QaPair]] = defaultdict(list)
    for pair in pairs:
        if pair.kind != "caption":
            derived[pair.image].append(pair)
    texts = [caption for image in images for caption in image.captions]
    texts += [text for image in images for pair in image.questions for text in (pair.question, pair.answer)]
    words = {word for text in texts for word in _WORD.findall(text.lower())}
    chosen = random.Random(seed).sample(images, min(count, len(images)))
    return DataPreview(
        words=len(words), pairs=len(pairs),
        photos=tuple(PreviewPhoto(str(image.path), image.captions, _by_turns(derived[image.name])) for image in chosen),
    )


def _by_turns(pairs: Sequence[QaPair]) -> tuple[tuple[str, str], ...]:
    """Questions and answers: the first pair of each kind, then the second ones, and so on."""
    rounds: dict[str, int] = defaultdict(int)
    placed: list[tuple[int, QaPair]] = []
    for pair in pairs:
        placed.append((rounds[pair.kind], pair))
        rounds[pair.kind] += 1
    return tuple((pair.question, pair.answer) for _, pair in sorted(placed, key=lambda item: item[0]))
