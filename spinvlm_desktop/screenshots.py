"""Pictures of the window for the README, taken of the real program with the real starter model: `run.py screenshots`."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageOps
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from core.config import SpinConfig
from spinvlm_desktop import paths
from spinvlm_desktop.chat.spin_bar import SpinChoice
from spinvlm_desktop.main_window import MainWindow
from spinvlm_desktop.paths import HOME_VARIABLE
from spinvlm_desktop.settings.app_settings import AppSettings
from spinvlm_desktop.settings.settings_store import SettingsStore
from spinvlm_desktop.theme import ThemeName, apply_theme

SIZE, LARGE = (1280, 800), (1920, 1080)
README_PICTURES = ("window-overlay-light", "window-compare-dark", "dialog-batch-light")
LONGEST_WAIT = 120_000
"""Milliseconds for the model to load or to answer."""


SHIRTS = {"red": (200, 35, 40), "green": (35, 140, 70), "blue": (45, 80, 190), "yellow": (225, 190, 60), "white": (240, 240, 240)}


def draw_photo(path: Path, *, shirt: str = "red", mirrored: bool = False) -> None:
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
    draw.rounded_rectangle((595, 250, 715, 440), 30, fill=SHIRTS[shirt])
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
    image = ImageOps.mirror(image) if mirrored else image
    image.filter(ImageFilter.GaussianBlur(2)).save(path, quality=92)


def draw_collection(folder: Path) -> None:
    """Forty such photos with captions, to train on."""
    folder.mkdir()
    lines = ["image,caption"]
    for number in range(40):
        shirt = list(SHIRTS)[number % len(SHIRTS)]
        draw_photo(folder / f"{number}.jpg", shirt=shirt, mirrored=number % 2 == 1)
        lines += [
            f"{number}.jpg,A person in a {shirt} shirt stands on the beach with a brown dog .",
            f"{number}.jpg,A brown dog and a person in a {shirt} shirt are at the sea .",
        ]
    (folder / "captions.txt").write_text("\n".join(lines) + "\n")


def main() -> None:
    """Takes the README's pictures into docs/, or those of every state and theme into the folder that is named."""
    if sys.argv[2:] or (sys.argv[1:2] and sys.argv[1].startswith("-")):
        sys.exit("Use: python run.py screenshots [FOLDER]")
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs")
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as scratch:
        photos = Path(scratch) / "photos"
        photos.mkdir()
        draw_photo(photos / "beach.jpg")
        (photos / "notes.jpg").write_text("no photo")
        application = QApplication([sys.argv[0]])
        themes: tuple[ThemeName, ...] = ("light", "dark")
        for theme in themes:
            os.environ[HOME_VARIABLE] = str(Path(scratch) / theme)  # not the user's own conversations
            _Photographer(application, folder, photos / "beach.jpg", theme=theme).take()


class _Photographer:
    """Does what a user does, and keeps pictures of it."""

    def __init__(self, application: QApplication, folder: Path, photo: Path, *, theme: ThemeName) -> None:
        self._application, self._folder, self._photo = application, folder, photo
        self._theme: ThemeName = theme

    def take(self) -> None:
        apply_theme(self._application, self._theme, font_size=AppSettings().font_size)
        window = MainWindow(AppSettings(theme=self._theme), SettingsStore(paths.config_folder() / "settings.json"))
        window.resize(*SIZE)
        window.show()
        self._keep(window, "window-empty")
        window.open_photos([self._photo])

        def ask_at_once() -> None:
            window.load_model(None)
            window.conversation.ask("Is there a dog in the image?")
            self._keep(window, "window-loading")

        _wait(window.service.answered.connect, ask_at_once)
        self._take_chat(window)
        self._take_dialogs(window)
        if self._folder != Path("docs"):
            self._take_training(window)  # takes minutes
        window.close()
        window.deleteLater()

    def _take_chat(self, window: MainWindow) -> None:
        def ask(question: str) -> None:
            _wait(window.service.answered.connect, lambda: window.conversation.ask(question))

        window.conversation.start_new()
        streaming = window.service.tokens_ready.connect(lambda *_: self._save(window, "window-streaming"))
        ask("Describe the image in detail.")
        window.service.tokens_ready.disconnect(streaming)
        ask("What is the person doing?")
        self._keep(window, "window-overlay")
        window.tab.spin_bar.set_choice(SpinChoice("compare", SpinConfig(keep=4, alpha=0.0)))
        ask("Describe the image in detail.")
        self._keep(window, "window-compare")
        window.resize(*LARGE)
        self._keep(window, "window-large")
        window.resize(*SIZE)
        window.tab.image.open_sources([self._photo.with_name("notes.jpg")])
        self._keep(window, "window-error")

    def _take_dialogs(self, window: MainWindow) -> None:
        window.models.show_card()
        window.open_settings()
        for dialog in window.findChildren(QDialog):
            self._keep(dialog, f"dialog-{type(dialog).__name__.removesuffix('Dialog').lower()}")
            dialog.close()
        window.batch.show()
        batch = window.batch.dialog
        assert batch is not None
        batch.set_folder(self._photo.parent)
        batch.form.set_output(self._photo.with_name(f"answers {self._theme}.csv"))
        batch.form.question.setText("Describe the image in detail.")
        _wait(window.service.batch_ended.connect, batch.start_button.click)
        self._keep(batch, "dialog-batch")
        batch.close()

    def _take_training(self, window: MainWindow) -> None:
        collection = self._photo.parent.parent / f"collection {self._theme}"
        draw_collection(collection)
        window.tabs.setCurrentWidget(window.training)
        setup = window.training.setup
        _wait(setup.data.checked.connect, lambda: setup.set_folder(collection))
        setup.stages.set_passes(4, 4)
        self._keep(window, "train-data")
        setup.start_button.click()
        run = window.training.run
        assert run is not None
        while run.state != "finished":
            _wait(run.changed.connect, lambda: None)
            if run.stage == "fine_tune" and run.state == "training":
                self._keep(window, "train-running")
        self._keep(window, "train-finished")

    def _keep(self, widget: QWidget, name: str) -> None:
        for _ in range(10):
            self._application.processEvents()
        self._save(widget, name)

    def _save(self, widget: QWidget, name: str) -> None:
        if self._folder != Path("docs") or f"{name}-{self._theme}" in README_PICTURES:
            widget.grab().save(str(self._folder / f"{name}-{self._theme}.png"))


def _wait(connect: Callable[..., object], start: Callable[[], object]) -> None:
    loop = QEventLoop()
    connect(lambda *_: loop.quit())
    QTimer.singleShot(LONGEST_WAIT, lambda: loop.exit(1))
    start()
    if loop.exec():
        sys.exit("The model took too long.")


if __name__ == "__main__":
    main()
