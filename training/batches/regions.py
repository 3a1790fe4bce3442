"""Parts of photos that words of answers describe, as masks over the image tokens' grid.

Shapes: B photos, R regions of a photo, S patches along a side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import torch
from torch import Tensor

from training.data.entities import Box, read_boxes
from training.data.seen_objects import SeenObjects
from training.language.object_lexicon import load_object_lexicon
from training.questions.rules.read_image import ReadImage


@dataclass
class PhotoRegions:
    """One photo's regions, numbered as they are asked for."""

    boxes: Mapping[str, Sequence[Box]]
    """By chain of phrases, or by the name of what is in them."""
    regions: list[tuple[Box, ...]] = field(default_factory=list[tuple[Box, ...]])
    """Each the union of some boxes."""

    def number(self, chains: Iterable[str]) -> int | None:
        """The region that some chains show; None where none of them has a box."""
        boxes = tuple(sorted({box for chain in chains for box in self.boxes.get(chain, ())}))
        if not boxes:
            return None
        if boxes not in self.regions:
            self.regions.append(boxes)
        return self.regions.index(boxes)


@dataclass(frozen=True)
class RegionMasks:
    """The regions of all photos."""

    masks: tuple[Tensor, ...]
    """For each photo [R, S, S], float16: how much of each patch lies in the region."""

    def of(self, photos: Sequence[int]) -> Tensor:
        """[B, R, S, S], float32; photos with fewer regions are filled up with empty ones."""
        rows = [self.masks[photo] for photo in photos]
        return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True).float()


def read_regions(
    entities: Path, images: Sequence[ReadImage], seen: Mapping[str, SeenObjects] = MappingProxyType({})
) -> list[PhotoRegions]:
    """The boxes beside a dataset's marked captions, photo by photo.

    seen: what is known to be in some photos that have no captions, by name; its boxes are numbered by the objects' names.
    """
    return [
        PhotoRegions(seen[image.name].boxes if image.name in seen else read_boxes(entities, image.name)) for image in images
    ]


def region_masks(photos: Sequence[PhotoRegions], *, side: int) -> RegionMasks:
    """Masks of all regions that were asked for. side: patches along a side."""
    return RegionMasks(tuple(
        torch.stack([_mask(boxes, side) for boxes in photo.regions]) if photo.regions
        else torch.zeros(0, side, side, dtype=torch.float16)
        for photo in photos
    ))


def object_chains(image: ReadImage, name: str) -> set[str]:
    """The chains of phrases that name an object or something more special; of an image without captions the object's name."""
    if not image.captions:
        return {name}
    names = load_object_lexicon().descendants(name) | {name}
    return {phrase.chain for phrase in image.phrases() if phrase.name in names and phrase.chain is not None}


def _mask(boxes: Sequence[Box], side: int) -> Tensor:
    """How much of each patch lies in the boxes, in [0, 1]: [side, side] float16, rows from the top."""
    edges = torch.arange(side + 1) / side
    cover = torch.zeros(side, side)
    for box in boxes:
        wide = (edges[1:].clamp(max=box.right) - edges[:-1].clamp(min=box.left)).clamp(min=0) * side
        high = (edges[1:].clamp(max=box.bottom) - edges[:-1].clamp(min=box.top)).clamp(min=0) * side
        cover = torch.maximum(cover, high[:, None] * wide[None, :])
    return cover.half()
