"""Whatever an image file holds -> an upright 8-bit RGB image. Imports no torch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from core.images.colour_profile import to_srgb

ORIENTATION_TAG = 0x0112
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How an image of each EXIF orientation is turned upright."""


def upright_rgb(image: Image.Image) -> Image.Image:
    """A new image in sRGB with the EXIF orientation applied and without metadata.

    image: of any mode, fully loaded. Transparent parts become white, 16-bit and floating-point values are scaled, colours
    are converted by the colour profile where there is one.
    Raises ValueError where Pillow can't convert the mode.
    """
    turn = UPRIGHT.get(_orientation(image))
    rgb = _rgb(image)
    upright = rgb if turn is None else rgb.transpose(turn)
    upright.info = {}  # Who reads the orientation again would turn the image a second time.
    return upright


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ORIENTATION_TAG, 1))
    except Exception:  # Broken EXIF raises nearly anything, and is no reason to refuse the pixels.
        return 1


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        return Image.fromarray(_scaled(np.asarray(image), white=65535)).convert("RGB")
    if image.mode in ("I", "F"):
        return Image.fromarray(_scaled_by_range(np.asarray(image))).convert("RGB")
    if image.mode == "CMYK":
        return to_srgb(_true_cmyk(image)).convert("RGB")
    if not image.has_transparency_data:
        return to_srgb(image.convert("RGB"))
    straight = image.convert("LA") if image.mode == "La" else image
    rgba = to_srgb(straight.convert("RGBA"))
    white = Image.new("RGBA", rgba.size, "white")
    return Image.alpha_composite(white, rgba).convert("RGB")


def _true_cmyk(image: Image.Image) -> Image.Image:
    """Only Adobe's CMYK JPEGs are inverted, but Pillow takes all for such."""
    if image.format != "JPEG" or "adobe" in image.info:
        return image
    inverted = ImageChops.invert(image)
    inverted.info = image.info
    return inverted


def _scaled(values: NDArray[np.generic], *, white: float, black: float = 0.0) -> NDArray[np.uint8]:
    """Values from black to white as 0 to 255, rounded."""
    levels = (values.astype(np.float32) - black) * np.float32(255 / (white - black))
    return np.rint(levels.clip(0, 255)).astype(np.uint8)


def _scaled_by_range(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """32-bit values as 0 to 255. The file doesn't say what is white, so the values themselves have to.

    White is 1 (floating point only), 255 or 65,535, whichever is the least that no value exceeds; other ranges,
    negative values among them, are stretched from the least to the greatest value.
    """
    real = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(real.min()), float(real.max())
    whites = (1, 255, 65535) if values.dtype.kind == "f" else (255, 65535)
    white = next((white for white in whites if low >= 0 and high <= white), None)
    if white is not None:
        return _scaled(real, white=white)
    # float64, because float32 would overflow for the greatest ranges.
    levels = (real - low) / max(high - low, 1e-300)
    return _scaled(levels, white=1)
