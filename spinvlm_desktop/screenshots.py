"""Pictures of the window for the README, taken of the real program with the real starter model: `run.py screenshots`."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

SIZE = 1280, 800
README_PICTURES = ("window-overlay-light", "window-compare-dark")
LONGEST_WAIT = 120_000
"""Milliseconds for the model to load or to answer."""


def draw_photo(path: Path) -> None:
    """A beach with a figure and a dog, drawn: a picture that belongs to nobody else."""
    image = Image.new("RGB", (960, 720))
    draw = ImageDraw.Draw(image)
    for y in range(720):
        sky, sand = (135 + y // 6, 185 + y // 10, 240), (226 - y // 20, 200 - y // 18, 150 - y // 14)
        draw.line((0, y, 960, y), fill=sky if y < 300 else (40, 110 + y // 8, 170) if y < 400 else sand)
    for x in range(-60, 960, 120):
        draw.arc((x, 372, x + 130, 420), 180, 360, fill=(240, 248, 255), width=5)
    draw.ellipse((620, 180, 690, 250), fill=(205, 160, 125))  # a person in a red shirt
    draw.chord((612, 168, 698, 240), 180, 360, fill=(60, 40, 30))
    draw.rounded_rectangle((595, 250, 715, 440), 30, fill=(200, 35, 40))
    draw.line((605, 275, 560, 400), fill=(205, 160, 125), width=26)
    draw.line((705, 275, 745, 400), fill=(205, 160, 125), width=26)
    draw.line((628, 435, 615, 600), fill=(40, 50, 90), width=44)
    draw.line((682, 435, 700, 600), fill=(40, 50, 90), width=44)
    draw.ellipse((190, 450, 400, 550), fill=(120, 75, 40))  # a brown dog
    draw.ellipse((370, 395, 460, 480), fill=(120, 75, 40))
    draw.ellipse((435, 430, 490, 465), fill=(110, 66, 36))
    draw.polygon([(375, 405), (395, 470), (360, 460)], fill=(85, 50, 25))
    draw.line((200, 480, 130, 420), fill=(120, 75, 40), width=18)
    for x in (225, 265, 340, 375):
        draw.line((x, 520, x - 12, 620), fill=(105, 64, 34), width=24)
    image.filter(ImageFilter.GaussianBlur(2)).save(path, quality=92)


def main() -> None:
    """Takes the README's pictures into docs/, or those of every state and theme into the folder that is named."""
    if sys.argv[2:] or (sys.argv[1:2] and sys.argv[1].startswith("-")):
        sys.exit("Use: python run.py screenshots [FOLDER]")
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs")
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as home:
        photo = Path(home) / "beach.jpg"
        draw_photo(photo)
        _take(folder, photo, Path(home))


def _take(folder: Path, photo: Path, home: Path) -> None:
    from PySide6.QtWidgets import QApplication

    from core.config import SpinConfig
    from spinvlm_desktop.chat.spin_bar import SpinChoice
    from spinvlm_desktop.main_window import MainWindow
    from spinvlm_desktop.theme import ThemeName, apply_theme

    application = QApplication([sys.argv[0]])
    themes: tuple[ThemeName, ...] = ("light", "dark")
    for theme in themes:
        apply_theme(application, theme, font_size=10)
        window = MainWindow()
        window.resize(*SIZE)
        window.show()

        def picture(name: str, theme: str = theme, window: MainWindow = window) -> None:
            application.processEvents()
            if folder != Path("docs") or f"{name}-{theme}" in README_PICTURES:
                window.grab().save(str(folder / f"{name}-{theme}.png"))

        picture("window-empty")
        _wait(window.service.model_loaded.connect, lambda window=window: window.load_model(None))
        window.open_photos([photo])
        _wait(window.service.answered.connect, lambda window=window: window.conversation.ask("Describe the image in detail."))
        _wait(window.service.answered.connect, lambda window=window: window.conversation.ask("What is the person doing?"))
        picture("window-overlay")
        window.tab.spin_bar.set_choice(SpinChoice("compare", SpinConfig(keep=4, alpha=0.0)))
        _wait(window.service.answered.connect, lambda window=window: window.conversation.ask("Describe the image in detail."))
        picture("window-compare")
        window.tab.image.open_sources([home / "no photo.jpg"])
        picture("window-error")
        window.close()


def _wait(connect: Callable[..., object], start: Callable[[], object]) -> None:
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    connect(lambda *_: loop.quit())
    QTimer.singleShot(LONGEST_WAIT, lambda: loop.exit(1))
    start()
    if loop.exec():
        sys.exit("The model took too long.")


if __name__ == "__main__":
    main()
