"""A photo as a model's vision tower takes it, and where its image tokens lie on the photo."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from core.errors import ImageError
from core.photo_layout import PhotoLayout
from core.pretrained.errors import PretrainedModelError

MAX_ASPECT_RATIO = 200


@dataclass(frozen=True)
class PhotoInput:
    """One photo, ready for the vision tower."""

    tensors: dict[str, Any]
    """Arguments of the model's get_image_features."""
    layout: PhotoLayout
    tiles: tuple[int, int] = field(default=(0, 0))
    """Rows and columns of tiles; (0, 0) where the photo isn't divided."""

    @property
    def grid(self) -> Any:
        """int64 [1, 3] frames, rows and columns of patches, for models whose positions follow them; else None."""
        return self.tensors.get("image_grid_thw")


def check_aspect_ratio(width: int, height: int) -> None:
    """Raises ImageError for a photo that is too narrow a strip for any vision tower."""
    if max(width, height) > MAX_ASPECT_RATIO * min(width, height):
        raise ImageError(
            f"The image is {width:,} x {height:,} pixels: one side is more than {MAX_ASPECT_RATIO} times the other, "
            "and this model can't use that."
        )


def on_square(photo: Image.Image, *, colour: tuple[int, int, int]) -> Image.Image:
    """The photo in the middle of a square of this colour, so that nothing of it is cut away later."""
    side = max(photo.size)
    square = Image.new("RGB", (side, side), colour)
    square.paste(photo, ((side - photo.width) // 2, (side - photo.height) // 2))
    return square


def mean_colour(processor: Any) -> tuple[int, int, int]:
    """The colour that the processor's normalisation makes zero."""
    red, green, blue = (int(value * 255) for value in processor.image_mean)
    return (red, green, blue)


def blank_photo(processor: Any, *, width: int, height: int) -> bytes:
    """A photo of the colour that the normalisation makes zero, as PNG."""
    content = io.BytesIO()
    Image.new("RGB", (width, height), mean_colour(processor)).save(content, format="PNG")
    return content.getvalue()


def process(processor: Any, photo: Any, **options: Any) -> Any:
    """The library's own preparation of one photo, as tensors."""
    return processor(images=[photo], return_tensors="pt", **options)


def input_size(processor: Any) -> tuple[int, int]:
    """Height and width of what the processor makes of a square photo."""
    crop = getattr(processor, "crop_size", None) if getattr(processor, "do_center_crop", False) else None
    size = dict(crop or processor.size)
    edge = size.get("shortest_edge")
    return (int(size.get("height") or edge or 0), int(size.get("width") or edge or 0))


def require_map(condition: bool, reason: str) -> None:
    """Raises PretrainedModelError unless the condition holds."""
    if not condition:
        raise PretrainedModelError(f"This model can't be used, because its image tokens can't be found on the photo: {reason}.")
