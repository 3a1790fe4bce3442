"""Pointing of a pretrained model: people's captions are given to it word by word, as to a model file, photo by photo.

Its places are its own cells, where the photo covers them: what falls on padding is left out. The heads that SPIN would keep
are those with most attention on the photo, as for a model file.

Shapes: W words, L layers, H heads, P places of the photo.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from core.answers import AnswerRequest, FloatArray
from core.model.head_suppression import head_gate
from training.batches.image_store import Progress
from training.evaluation.pointing.pointing_figures import PointingSums, falls_inside, pointing_of
from training.evaluation.pointing.pointing_words import BoolArray, MarkedCaption, places_inside, read_marked_captions
from training.evaluation.report_schema import Pointing
from training.evaluation.sweep.dev_set import DevSet
from training.evaluation.sweep.subject import PretrainedSubject
from training.questions.vqa_pairs import CAPTION_QUESTION


def measure_pretrained_pointing(
    subject: PretrainedSubject, dev: DevSet, entities: Path, *, progress: Progress
) -> Pointing | None:
    """Pointing of all nouns of the photos' marked captions; None where none has a box. entities: see measure_pointing."""
    layers, heads = subject.shape.layers, subject.shape.heads
    keep = max(1, heads // 2)
    read = [(image.path, captions) for image in dev.images if (captions := read_marked_captions(image, entities))]
    if not read:
        return None
    own, other = PointingSums.empty(len(read), layers, heads), PointingSums.empty(len(read), layers, heads)
    areas: list[float] = []
    for row, (photo, captions) in enumerate(read):
        looked = _look(subject, photo, captions)
        areas += looked.areas
        _add(own, row, looked, keep=keep)
        _add(other, row, _look(subject, read[(row + 1) % len(read)][0], captions), keep=keep)
        progress(row + 1, len(read))
    return pointing_of(own, other, areas, keep=keep)


@dataclass(frozen=True)
class _Looked:
    """Where the heads looked before each noun of a photo's captions."""

    attention: torch.Tensor
    """[W, L, H, P]"""
    mass: torch.Tensor
    """[W, L, H]"""
    inside: torch.Tensor
    """bool [W, P]"""
    areas: list[float]
    """Of each noun's boxes, as a part of the photo."""


def _look(subject: PretrainedSubject, photo: Path, captions: Sequence[MarkedCaption]) -> _Looked:
    attention, mass, inside, areas = list[FloatArray](), list[FloatArray](), list[BoolArray](), list[float]()
    for caption in captions:
        said = caption.text[:1].upper() + caption.text[1:]  # as such models write
        layout, words = subject.model.word_maps(AnswerRequest(photo, CAPTION_QUESTION), said, list(caption.nouns))
        grid = layout.places
        sizes = np.outer(np.diff(grid.y), np.diff(grid.x)).flatten()  # [P]
        for word in words:
            places = layout.on_places(word.maps)  # [L, H, rows, columns]
            attention.append(places.reshape(*places.shape[:2], -1))
            mass.append(word.mass)
            inside.append(places_inside(caption.nouns[word.place], grid))
            areas.append(float(sizes[inside[-1]].sum()))
    return _Looked(
        torch.from_numpy(np.stack(attention)), torch.from_numpy(np.stack(mass)), torch.from_numpy(np.stack(inside)), areas
    )


def _add(sums: PointingSums, row: int, looked: _Looked, *, keep: int) -> None:
    gate = head_gate(looked.mass, keep=keep, alpha=0.0)  # [W, L, H]
    heads = falls_inside(looked.attention, looked.inside[:, None, None])  # [W, L, H, 3]
    overlay = falls_inside(looked.attention.mean((1, 2)), looked.inside)  # [W, 3]
    sums.add(np.full(len(looked.mass), row), heads, overlay, gate)
