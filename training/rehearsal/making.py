"""Makes a model's rehearsal set from its training data."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.files.checkpoint import ModelFile
from training.batches.image_store import Progress, encode_photos
from training.batches.run_data import SplitText, read_split
from training.data.captions import CaptionedImage
from training.data.collections import load_collections
from training.data.qa_pair import QaPair
from training.evaluation.sweep.dev_set import read_photos
from training.machine.distributed import trains_in_bfloat16
from training.rehearsal.compression import compress
from training.rehearsal.rehearsal_file import Rehearsal, encoder_hash

LEARNT_PHOTOS, OTHER_PHOTOS = 256, 128
"""Of the training photos, and of the dev photos: enough to see a loss of a few per cent of the answers."""
DIRECTIONS = 128
CAPTIONS, QUESTIONS = 5, 12
"""Kept of a photo, at most."""


def make_rehearsal(
    model: ModelFile, folders: Sequence[Path], *, seed: int, device: torch.device, progress: Callable[[str], Progress],
    learnt: int = LEARNT_PHOTOS, others: int = OTHER_PHOTOS, directions: int = DIRECTIONS,
) -> Rehearsal:
    """A seeded choice of the photos of both splits, looked at by the model. Raises DataError."""
    dataset = load_collections(folders, seed=seed)
    splits = [read_split(dataset, "train", seed=seed, limit=learnt), read_split(dataset, "dev", seed=seed, limit=others)]
    images = [image for split in splits for image in split.images]
    pixels = read_photos(images, model.config.image_size, progress=progress("reading photos"))
    features = look(model, pixels, device=device, progress=progress("looking at photos"))
    return _rehearsal(model, folders, splits, features, seed=seed, directions=directions)


def rehearsal_of_run(
    model: ModelFile, folders: Sequence[Path], texts: Sequence[SplitText], cached: Sequence[Path], *, seed: int,
    device: torch.device, progress: Progress,
) -> Rehearsal:
    """The same at the end of a run, which has read its photos already. texts: both splits; cached: the .npy files of their
    pixels, in the order of the splits' images."""
    places = [
        sorted(random.Random(f"{seed} rehearsal").sample(range(len(text.images)), min(most, len(text.images))))
        for text, most in zip(texts, (LEARNT_PHOTOS, OTHER_PHOTOS), strict=True)
    ]
    pixels = np.concatenate([np.load(file, mmap_mode="r")[chosen] for file, chosen in zip(cached, places, strict=True)])
    splits = [_part(text, chosen) for text, chosen in zip(texts, places, strict=True)]
    features = look(model, pixels, device=device, progress=progress)
    return _rehearsal(model, folders, splits, features, seed=seed, directions=DIRECTIONS)


def _part(text: SplitText, places: Sequence[int]) -> SplitText:
    images = [text.images[place] for place in places]
    names = {image.name for image in images}
    return replace(text, images=images, pairs=[pair for pair in text.pairs if pair.image in names], read=[], regions=None)


def _rehearsal(
    model: ModelFile, folders: Sequence[Path], splits: Sequence[SplitText], features: Tensor, *, seed: int, directions: int
) -> Rehearsal:
    """features: [N, I, C], of the photos of the train split, then of the dev split."""
    pairs = [found for split in splits for found in chosen_pairs(split, seed=seed)]
    return Rehearsal(
        encoder_hash(model.model.encoder), source_in_words(folders, splits),
        compress(features, model.model.image_projection.cpu(), directions=directions), pairs, len(splits[0].images),
    )


def look(model: ModelFile, pixels: NDArray[np.uint8], *, device: torch.device, progress: Progress) -> Tensor:
    """What the model's encoder sees: float16 [N, I, C]. pixels: uint8 [N, S, S, 3]."""
    encoder = model.model.encoder.to(device)
    batches = encode_photos(
        encoder, pixels, device=device, autocast=trains_in_bfloat16("auto", device), progress=progress
    )
    return torch.cat([part.half().cpu() for _, part in batches])


def chosen_pairs(split: SplitText, *, seed: int) -> list[list[QaPair]]:
    """For each photo its descriptions and some of the questions about it."""
    asked = split.pairs_by_image()
    return [_some(asked[image.name], image, seed=seed) for image in split.images]


def _some(pairs: Sequence[QaPair], image: CaptionedImage, *, seed: int) -> list[QaPair]:
    draw = random.Random(f"{seed} rehearsal {image.name}")
    captions = [pair for pair in pairs if pair.kind == "caption"][:CAPTIONS]
    others = [pair for pair in pairs if pair.kind != "caption"]
    return captions + draw.sample(others, min(QUESTIONS, len(others)))


def source_in_words(folders: Sequence[Path], splits: Sequence[SplitText]) -> str:
    """Where the photos are from."""
    names = " and ".join(folder.resolve().name for folder in folders)
    learnt, others = (len(split.images) for split in splits)
    return f"{learnt} training photos and {others} dev photos of {names}; features and questions, no photos"
