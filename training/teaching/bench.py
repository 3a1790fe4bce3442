"""What corrections buy: a model is taught some photos of one kind, and asked about others of that kind and about all else.

A correction is a question about a photo with its right answer; of a photo there are four, one of them a description. Photos to
teach and to ask about are of a collection's dev split, which the model was never trained on.
"""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from core.compute_device import choose_device
from core.errors import DataError
from core.files.atomic_file import write_text
from core.files.checkpoint import ModelFile, load_model
from core.text.question_kinds.model_wording import DESCRIBE
from training.batches.image_store import Progress, usable_images
from training.batches.run_data import SplitText, read_split
from training.data.captions import CaptionDataset, CaptionedImage
from training.data.collections import load_collections
from training.data.qa_pair import QaPair
from training.data.ready_pairs import FILE_NAME
from training.evaluation.sweep.dev_set import read_photos
from training.rehearsal.making import chosen_pairs, look
from training.rehearsal.rehearsal_file import find_rehearsal, read_rehearsal
from training.teaching.measuring import AskedPhotos, Said, ask, asked_of, compare
from training.teaching.mixed_photos import ask_only
from training.teaching.report import Measured
from training.teaching.settings import TeachSettings
from training.teaching.teach_run import teach

PER_PHOTO = 4
"""Corrections of a photo."""
OTHERS = 150
"""Photos of other kinds that are asked about."""
LEAST_CAPTIONS = 2
"""That name the subject, for a photo to be of it."""


@dataclass(frozen=True)
class BenchRow:
    """One teaching."""

    subject: str
    corrections: int
    photos: int
    outcome: str
    seconds: float
    same_kind: Measured
    others: Measured


@dataclass(frozen=True)
class BenchPhotos:
    """Of a collection."""

    pool: SplitText
    """To teach."""
    same_kind: SplitText
    others: SplitText


def bench(
    settings: TeachSettings, out: Path, *, subject: str, others: Sequence[Path], corrections: Sequence[int],
    progress: Callable[[str], Progress], report: Callable[[BenchRow], None],
) -> list[BenchRow]:
    """settings: data is the collection with photos of the subject, a regular expression for captions; empty takes all photos
    for one kind. others: collections with the photos of other kinds."""
    device = choose_device(settings.device)
    model = load_model(Path(settings.model))
    photos = choose_photos(settings, model, subject, others, most=max(corrections) // PER_PHOTO)
    groups = {"same_kind": photos.same_kind, "others": photos.others}
    asked = {name: _asked(text, model, device, progress(f"looking at {name}"), settings.seed) for name, text in groups.items()}
    before = {name: ask(model, group, asked_of(group.pairs), progress("asking before")) for name, group in asked.items()}
    rows: list[BenchRow] = []
    for count in corrections:
        folder = out / f"{re.sub(r'[^a-z0-9]+', '-', subject.lower()) or 'all'}-{count}-{settings.learns}-{settings.rate:g}"
        taught_photos = write_corrections(photos.pool, folder / "corrections", count=count, seed=settings.seed)
        result = teach(replace(settings, data=(str(folder / "corrections"),)), folder / "run", listener=None)
        assert result.report is not None
        measured = _after(result.model, model, asked, before, progress, seed=settings.seed)
        rows.append(BenchRow(
            subject or "all", count, taught_photos, result.report.outcome, result.report.seconds, measured["same_kind"],
            measured["others"],
        ))
        write_text(folder / "bench.json", json.dumps(asdict(rows[-1]), indent=1))
        report(rows[-1])
    return rows


def _after(
    path: Path, model: ModelFile, asked: dict[str, AskedPhotos], before: dict[str, Said], progress: Callable[[str], Progress], *,
    seed: int,
) -> dict[str, Measured]:
    taught = load_model(path) if path.is_file() else model
    return {
        name: compare(
            before[name], ask(taught, group, asked_of(group.pairs), progress("asking after")), asked_of(group.pairs),
            len(group.pairs), seed=seed,
        )
        for name, group in asked.items()
    }


def choose_photos(
    settings: TeachSettings, model: ModelFile, subject: str, others: Sequence[Path], *, most: int
) -> BenchPhotos:
    """At most `most` photos to teach, and at least as many are left to ask about. Raises DataError."""
    dataset = load_collections(settings.folders, seed=settings.seed)
    beside = load_collections(others, seed=settings.seed)
    rehearsal = find_rehearsal(model) if settings.rehearsal is None else read_rehearsal(Path(settings.rehearsal))
    used = {pair.image for pairs in rehearsal.pairs for pair in pairs} if rehearsal is not None else set[str]()
    images, rest = (
        [image for image in usable_images(part.split("dev")) if image.name not in used] for part in (dataset, beside)
    )
    named = re.compile(subject, re.IGNORECASE)
    kind = [
        image for image in images
        if not subject or sum(bool(named.search(caption)) for caption in image.captions) >= LEAST_CAPTIONS
    ]
    rest = [image for image in rest if not (subject and any(named.search(caption) for caption in image.captions))]
    if len(kind) < PER_PHOTO:
        raise DataError(f"Only {len(kind)} dev photos are of {subject!r}.")
    draw = random.Random(f"{settings.seed} bench")
    draw.shuffle(kind)
    pool = min(most, len(kind) // 2)
    return BenchPhotos(
        _text(dataset, kind[:pool], settings.seed), _text(dataset, kind[pool:], settings.seed),
        _text(beside, draw.sample(rest, min(OTHERS, len(rest))), settings.seed),
    )


def _text(dataset: CaptionDataset, images: Sequence[CaptionedImage], seed: int) -> SplitText:
    part = tuple(sorted(images, key=lambda image: image.name))
    return read_split(replace(dataset, images=part), "dev", seed=seed, limit=0)


def _asked(text: SplitText, model: ModelFile, device: torch.device, progress: Progress, seed: int) -> AskedPhotos:
    pixels = read_photos(text.images, model.config.image_size)
    features = look(model, pixels, device=device, progress=progress)
    pairs = chosen_pairs(text, seed=seed)
    return AskedPhotos(features, pairs, ask_only(features.numpy(), pairs, model))


def write_corrections(text: SplitText, folder: Path, *, count: int, seed: int) -> int:
    """A collection of at most so many corrections. Returns the number of its photos."""
    (folder / "Images").mkdir(parents=True)
    asked = text.pairs_by_image()
    lines: list[dict[str, Any]] = []
    photos = 0
    for image in random.Random(f"{seed} corrections").sample(text.images, len(text.images)):
        if len(lines) >= count:
            break
        chosen = _corrections(asked[image.name], seed=f"{seed} {image.name}")[: count - len(lines)]
        lines += [pair.to_dict() for pair in chosen]
        shutil.copyfile(image.path, folder / "Images" / image.name)
        photos += 1
    write_text(folder / FILE_NAME, "".join(json.dumps(line) + "\n" for line in lines))
    return photos


def _corrections(pairs: Sequence[QaPair], *, seed: str) -> list[QaPair]:
    draw = random.Random(seed)
    captions = [replace(pair, question=DESCRIBE) for pair in pairs if pair.kind == "caption"]
    others = [pair for pair in pairs if pair.kind != "caption"]
    described = [draw.choice(captions)] if captions else []
    return described + draw.sample(others, min(PER_PHOTO - len(described), len(others)))
