"""Renders the program's icon for systems that want it as PNG, ICO or ICNS: `python -m spinvlm_desktop.pictures.icon_files`."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from core.files.atomic_file import write_bytes
from spinvlm_desktop.system.png import png_bytes

LARGEST = 1024
ICO_SIZES = [(side, side) for side in (16, 24, 32, 48, 64, 128, 256)]
PNG_SIZES = (64, 256)


def render(svg: Path, side: int) -> Image.Image:
    """The drawing as a square of so many pixels."""
    image = QImage(side, side, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(svg)).render(painter)
    painter.end()
    return Image.open(io.BytesIO(png_bytes(image)))


def write_icons(svg: Path) -> list[Path]:
    """All files beside the drawing; each size is drawn on its own, so that the small ones are sharp."""
    largest = render(svg, LARGEST)
    smaller = [render(svg, side) for side, _ in ICO_SIZES]
    made = [svg.with_suffix(".ico"), svg.with_suffix(".icns"), *(svg.with_name(f"{svg.stem}-{side}.png") for side in PNG_SIZES)]
    _write(made[0], largest, "ICO", sizes=ICO_SIZES, append_images=smaller)
    _write(made[1], largest, "ICNS", append_images=smaller)
    for path, side in zip(made[2:], PNG_SIZES, strict=True):
        _write(path, render(svg, side), "PNG", optimize=True)
    return made


def _write(path: Path, image: Image.Image, kind: str, **options: object) -> None:
    content = io.BytesIO()
    image.save(content, kind, **options)
    write_bytes(path, content.getvalue())


if __name__ == "__main__":
    _application = QGuiApplication([])
    for written in write_icons(Path(__file__).parents[2] / "resources" / "icons" / "spinvlm.svg"):
        sys.stdout.write(f"{written}: {written.stat().st_size:,} bytes\n")
