"""The photos of a measurement, as a file: where each lies and what people said of it, for whoever shows the report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from core.files.atomic_file import write_text
from training.data.captions import CaptionedImage

PHOTO_LIST_NAME = "photos.json"


def write_photo_list(folder: Path, images: Sequence[CaptionedImage]) -> None:
    """Write photos.json: {"photos": [{"name", "path", "captions"}]}. Raises OSError."""
    photos = [{"name": image.name, "path": str(image.path.absolute()), "captions": image.captions} for image in images]
    write_text(folder / PHOTO_LIST_NAME, json.dumps({"photos": photos}, ensure_ascii=False))
