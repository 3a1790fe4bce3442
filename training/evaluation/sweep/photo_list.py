"""The photos of a measurement, as a file: where each lies and what people said of it, for whoever shows the report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from core.files.atomic_file import write_text
from training.data.captions import CaptionedImage
from training.evaluation.report_schema import PHOTOS_NAME, ListedPhoto


def write_photo_list(folder: Path, images: Sequence[CaptionedImage]) -> None:
    """Write photos.json: {"photos": [{"name", "path", "captions"}]}. Raises OSError."""
    photos = [ListedPhoto(image.name, image.path.absolute(), tuple(image.captions)).to_dict() for image in images]
    write_text(folder / PHOTOS_NAME, json.dumps({"photos": photos}, ensure_ascii=False))
