"""Several folders of photos with captions or questions, as one collection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

from core.errors import DataError
from training.data.captions import CaptionDataset, load_captions


def load_collections(folders: Sequence[Path], *, seed: int = 0) -> CaptionDataset:
    """The photos of all folders; each keeps its own split. See load_captions for one folder, and for what it raises.

    Phrases and boxes are those of the first folder that has them. Raises DataError where two folders name a photo alike.
    """
    loaded = [load_captions(folder, seed=seed) for folder in folders]
    if len(loaded) == 1:
        return loaded[0]
    images = sorted(chain.from_iterable(dataset.images for dataset in loaded), key=lambda image: image.name)
    name, times = Counter(image.name for image in images).most_common(1)[0]
    if times > 1:
        raise DataError(f"Two of the folders have a photo named {name}; rename one of them.")
    return CaptionDataset(
        root=loaded[0].root, layout=" + ".join(dataset.layout for dataset in loaded), images=tuple(images),
        entities=next((dataset.entities for dataset in loaded if dataset.entities is not None), None),
        questions_astray=_joined(dataset.questions_astray for dataset in loaded),
        missing=_joined(dataset.missing for dataset in loaded), refused=_joined(dataset.refused for dataset in loaded),
        unlisted=_joined(dataset.unlisted for dataset in loaded),
        rows_skipped=_joined(dataset.rows_skipped for dataset in loaded),
        stray_quotes=_joined(dataset.stray_quotes for dataset in loaded),
    )


def _joined(parts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(chain.from_iterable(parts))
