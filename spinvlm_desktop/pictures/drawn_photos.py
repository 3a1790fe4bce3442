"""Photos that are drawn: for the pictures in the README and for tests, which must not show anybody's photos."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

SHIRTS = {"red": (200, 35, 40), "green": (35, 140, 70), "blue": (45, 80, 190), "yellow": (225, 190, 60), "white": (240, 240, 240)}


def draw_photo(path: Path, *, shirt: str = "red", mirrored: bool = False, dog: bool = True, shift: int = 0) -> None:
    """A beach with a figure and perhaps a dog, drawn: a picture that belongs to nobody else. shift: pixels to the right."""
    image = Image.new("RGB", (960, 720))
    draw = ImageDraw.Draw(image)
    for y in range(720):
        sky, sand = (135 + y // 6, 185 + y // 10, 240), (226 - y // 20, 200 - y // 18, 150 - y // 14)
        draw.line((0, y, 960, y), fill=sky if y < 300 else (40, 110 + y // 8, 170) if y < 400 else sand)
    for x in range(-60, 960, 120):
        draw.arc((x, 372, x + 130, 420), 180, 360, fill=(240, 248, 255), width=5)
    draw.ellipse((620, 180, 690, 250), fill=(205, 160, 125))  # a person in a red shirt
    draw.chord((612, 168, 698, 240), 180, 360, fill=(60, 40, 30))
    draw.rounded_rectangle((595, 250, 715, 440), 30, fill=SHIRTS[shirt])
    draw.line((605, 275, 560, 400), fill=(205, 160, 125), width=26)
    draw.line((705, 275, 745, 400), fill=(205, 160, 125), width=26)
    draw.line((628, 435, 615, 600), fill=(40, 50, 90), width=44)
    draw.line((682, 435, 700, 600), fill=(40, 50, 90), width=44)
    if dog:
        _draw_dog(draw)
    image = ImageChops.offset(image, shift, 0)
    image = ImageOps.mirror(image) if mirrored else image
    image.filter(ImageFilter.GaussianBlur(2)).save(path, quality=92)


def _draw_dog(draw: ImageDraw.ImageDraw) -> None:
    draw.ellipse((190, 450, 400, 550), fill=(120, 75, 40))
    draw.ellipse((370, 395, 460, 480), fill=(120, 75, 40))
    draw.ellipse((435, 430, 490, 465), fill=(110, 66, 36))
    draw.polygon([(375, 405), (395, 470), (360, 460)], fill=(85, 50, 25))
    draw.line((200, 480, 130, 420), fill=(120, 75, 40), width=18)
    for x in (225, 265, 340, 375):
        draw.line((x, 520, x - 12, 620), fill=(105, 64, 34), width=24)


def draw_collection(folder: Path) -> None:
    """Forty such photos with captions, to train on."""
    folder.mkdir()
    lines = ["image,caption"]
    for number in range(40):
        shirt, dog = list(SHIRTS)[number % len(SHIRTS)], number % 3 > 0
        draw_photo(folder / f"{number}.jpg", shirt=shirt, mirrored=number % 2 == 1, dog=dog, shift=4 * number - 80)
        lines += [
            f"{number}.jpg,A person in a {shirt} shirt stands on the beach{' with a brown dog' * dog} .",
            f"{number}.jpg,A {'brown dog and a ' * dog}person in a {shirt} shirt {'are' if dog else 'is'} at the sea .",
        ]
    (folder / "captions.txt").write_text("\n".join(lines) + "\n")
