"""Learns a class question from photos: looks at each once, fits the head, and judges it on photos held out."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Protocol

import numpy as np

from core.answers import FloatArray
from core.classes.class_question import ClassQuestion, ClassSummary, HeldOutPhoto, check_names
from core.errors import SpinVlmError
from core.images.image_input import content_hash
from training.classes.class_folder import check_counts
from training.classes.held_out import class_curve, judge_held_out, least_fit
from training.classes.near_copies import Small, group_near_copies, small_picture
from training.classes.ridge_head import Indices, fit_head

BATCH = 8
"""Photos that are looked at together."""
SEED = 0
Progress = Callable[[int, int], None]
"""Takes how many of how many photos have been looked at."""


class PhotoFeatures(Protocol):
    """Of a loaded model, what is learnt on."""

    @property
    def fingerprint(self) -> str: ...

    def mean_features(self, photos: Sequence[Path | bytes]) -> list[FloatArray | SpinVlmError]: ...


@dataclass(frozen=True)
class _Photo:
    """One that can be learnt from."""

    path: Path
    index: int
    """Of its class."""
    features: FloatArray
    small: Small


def learn_classes(
    question: str, classes: Mapping[str, Sequence[Path]], encoder: PhotoFeatures, *, model: str, progress: Progress | None = None
) -> ClassQuestion:
    """classes: each with its photos, in the order in which they are shown; model: name of the one whose encoder it is.

    Photos that can't be read are left out, with a sentence among the notes. Raises ConfigError for names that can't be, and
    DataError where too few photos are left.
    """
    names = tuple(classes)
    check_names(question, names)
    check_counts({name: len(photos) for name, photos in classes.items()})
    chosen, notes = _without_copies(classes)
    photos, unread = _look_at(chosen, encoder, progress)
    check_counts({name: sum(photo.index == index for photo in photos) for index, name in enumerate(names)})
    features = np.stack([photo.features for photo in photos]).astype(np.float64)
    indices = np.array([photo.index for photo in photos], dtype=np.int64)
    groups, of_groups = _groups(photos, indices, names)
    judged = judge_held_out(features, indices, count=len(names), groups=groups, seed=SEED)
    curve, least = class_curve(judged, indices), least_fit(judged)
    head = replace(fit_head(features, indices, count=len(names), groups=groups), curve=curve, least_fit=least)
    held_out = tuple(
        HeldOutPhoto(
            str(photo.path), photo.index, int(judged.said[place]),
            None if curve is None else round(curve.at(float(judged.signals[place])), 4), bool(judged.fits[place] >= least),
        )
        for place, photo in enumerate(photos)
    )
    created = datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")
    given = sum(map(len, classes.values()))
    summary = ClassSummary(
        " ".join(question.split()), names, encoder.fingerprint, model, held_out, created, given, (*notes, *unread, *of_groups)
    )
    return ClassQuestion(summary, head)


def _without_copies(classes: Mapping[str, Sequence[Path]]) -> tuple[list[tuple[Path, int]], list[str]]:
    """Photos with their classes' indices, each once; one that is in two classes is in none. With sentences about it.

    What can't be read stays: it is found out when it is looked at.
    """
    places: dict[str, list[tuple[Path, int]]] = {}
    for index, photos in enumerate(classes.values()):
        for path in photos:
            try:
                key = content_hash(path)
            except SpinVlmError:
                key = str(path)
            places.setdefault(key, []).append((path, index))
    kept: list[tuple[Path, int]] = []
    notes: list[str] = []
    names = tuple(classes)
    for same in places.values():
        own = sorted({index for _, index in same})
        if len(own) == 1:
            kept.append(same[0])
            if len(same) > 1:
                notes.append(f"{same[0][0].name} is {len(same)} times in “{names[own[0]]}” and was used once.")
        else:
            among = " and ".join(f"“{names[index]}”" for index in own)
            notes.append(f"{same[0][0].name} is in {among}, so it was left out.")
    return sorted(kept, key=lambda photo: photo[1]), notes


def _look_at(
    chosen: Sequence[tuple[Path, int]], encoder: PhotoFeatures, progress: Progress | None
) -> tuple[list[_Photo], list[str]]:
    """The photos that can be read, and a sentence about each other one."""
    found: list[_Photo] = []
    notes: list[str] = []
    done = 0
    for batch in _batches(chosen):
        for (path, index), features in zip(batch, encoder.mean_features([path for path, _ in batch]), strict=True):
            try:
                if isinstance(features, SpinVlmError):
                    raise features
                found.append(_Photo(path, index, features, small_picture(path)))
            except SpinVlmError as error:
                notes.append(str(error))
        done += len(batch)
        if progress is not None:
            progress(done, len(chosen))
    return found, notes


def _batches(photos: Sequence[tuple[Path, int]]) -> Iterator[list[tuple[Path, int]]]:
    remaining = iter(photos)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def _groups(photos: Sequence[_Photo], indices: Indices, names: Sequence[str]) -> tuple[Indices, list[str]]:
    """[N]: near copies have one number. A class of near copies alone is judged photo by photo, and that is said."""
    groups = group_near_copies([photo.small for photo in photos])
    notes: list[str] = []
    for group in np.unique(groups):
        among = sorted(set(indices[groups == group].tolist()))
        if len(among) > 1:
            first, *_, last = [photo for photo, number in zip(photos, groups, strict=True) if number == group]
            notes.append(
                f"{first.path.name} and {last.path.name} are nearly the same photo, in “{names[first.index]}” and "
                f"“{names[last.index]}”."
            )
    for index, name in enumerate(names):
        own = indices == index
        if len(np.unique(groups[own])) == 1:
            groups[own] = len(photos) + np.flatnonzero(own)
            notes.append(f"The photos of “{name}” are nearly the same, so how well others of it are recognised can't be told.")
    return groups, notes
