"""Colours as sRGB, whatever colour profile (ICC) a photo carries. Imports no torch.

Phones save in Display P3 and cameras in Adobe RGB; read as if they were sRGB, such photos look pale. Source: ICC.1:2022.
"""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING, cast

from PIL import Image

if TYPE_CHECKING:
    from PIL._imagingcms import CmsProfile
    from PIL.ImageCms import ImageCmsProfile

log = logging.getLogger(__name__)


def to_srgb(image: Image.Image) -> Image.Image:
    """The image in sRGB by the profile it carries, or itself where it has none, a broken one or sRGB's own.

    image: RGB, RGBA or CMYK, fully loaded. Returns RGB, or RGBA with the same alpha for RGBA; unchanged CMYK stays CMYK.
    """
    embedded = image.info.get("icc_profile")
    if not embedded:
        return image
    # Imported where it is needed: most photos carry no profile.
    from PIL import ImageCms

    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(embedded))
        srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
        if image.mode != "CMYK" and _same_colours(profile, srgb):
            return image
        converted = ImageCms.profileToProfile(
            image, profile, srgb, outputMode="RGBA" if image.mode == "RGBA" else "RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError):  # Of no use, or for colours of another kind than the image's.
        log.debug("a colour profile can't be used", exc_info=True)
        return image
    assert converted is not None  # Only a conversion in place returns nothing.
    return converted


def _same_colours(profile: ImageCmsProfile, srgb: ImageCmsProfile) -> bool:
    """Whether a profile that calls itself sRGB has sRGB's primaries, so that a long conversion would change nothing."""
    carried, known = (cast("CmsProfile", side.profile) for side in (profile, srgb))
    if "srgb" not in (carried.profile_description or "").lower():
        return False
    for primary in ("red_colorant", "green_colorant", "blue_colorant"):
        one, other = getattr(carried, primary), getattr(known, primary)
        if one is None or max(abs(a - b) for a, b in zip(one[0], other[0], strict=True)) > 0.005:
            return False
    return True
