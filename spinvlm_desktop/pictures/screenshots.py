"""Pictures of the window for the README, taken of the real program with the real starter model: `run.py screenshots`."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QScrollArea, QWidget

from core.config import SpinConfig
from spinvlm_desktop.chat.inside.spin_choice import SpinChoice
from spinvlm_desktop.classes.classes_dialog import USUAL_SIZE
from spinvlm_desktop.pictures.drawn_mushrooms import draw_mushrooms
from spinvlm_desktop.pictures.drawn_photos import draw_collection
from spinvlm_desktop.pictures.sample_photos import draw_samples
from spinvlm_desktop.settings.app_settings import AppSettings
from spinvlm_desktop.settings.defaults import DEFAULT_QUESTION
from spinvlm_desktop.settings.settings_store import SettingsStore
from spinvlm_desktop.startup.help.tour_dialog import STEPS
from spinvlm_desktop.startup.main_window import MainWindow
from spinvlm_desktop.system import paths
from spinvlm_desktop.system.paths import HOME_VARIABLE
from spinvlm_desktop.widgets.theme import ThemeName, apply_theme

SIZE, LARGE = (1280, 800), (1920, 1080)
README_PICTURES = (
    "window-overlay-light", "window-compare-dark", "dialog-batch-light", "train-data-light", "train-running-dark",
    "train-finished-light", "measure-light", "measure-word-dark", "classes-light",
)
TOUR_WIDTH = 1000
"""Pixels of the pictures that the tour shows."""
LONGEST_WAIT = 120_000
"""Milliseconds for the model to load or to answer."""
APPEARING = 1500
"""Milliseconds until small photos and what is shown after a pause are there."""


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
        draw_samples(photos)
        (photos / "notes.jpg").write_text("no photo")
        application = QApplication([sys.argv[0]])
        themes: tuple[ThemeName, ...] = ("light", "dark")
        for theme in themes:
            os.environ[HOME_VARIABLE] = str(Path(scratch) / theme)  # not the user's own conversations
            _Photographer(application, folder, photos / "surf.jpg", theme=theme).take()


class _Photographer:
    """Does what a user does, and keeps pictures of it."""

    def __init__(self, application: QApplication, folder: Path, photo: Path, *, theme: ThemeName) -> None:
        self._application, self._folder, self._photo = application, folder, photo
        self._theme: ThemeName = theme

    def take(self) -> None:
        apply_theme(self._application, self._theme, font_size=AppSettings().font_size)
        settings = AppSettings(theme=self._theme, words_known=True, first_look_taken=True)
        window = MainWindow(settings, SettingsStore(paths.config_folder() / "settings.json"))
        window.resize(*SIZE)
        window.show()
        _let_appear()
        self._keep(window, "window-empty")
        window.open_photos([self._photo])

        def ask_at_once() -> None:
            window.load_model(None)
            window.conversation.ask("Is there a dog in the photo?")
            self._keep(window, "window-loading")

        _wait(window.service.answered.connect, ask_at_once)
        self._take_chat(window)
        self._take_dialogs(window)
        self._take_classes(window)
        self._take_training(window)
        self._take_measure(window)
        window.close()
        window.deleteLater()

    def _take_chat(self, window: MainWindow) -> None:
        def ask(question: str) -> None:
            _wait(window.service.answered.connect, lambda: window.conversation.ask(question))

        window.conversation.begin()
        streaming = window.service.tokens_ready.connect(lambda *_: self._save(window, "window-streaming"))
        ask(DEFAULT_QUESTION)
        window.service.tokens_ready.disconnect(streaming)
        ask("What is the person doing?")
        self._keep(window, "window-plain")
        window.tab.look_inside.setChecked(True)
        self._keep(window, "window-overlay")
        window.tab.spin_bar.set_choice(SpinChoice("compare", SpinConfig(keep=2, alpha=0.0)))
        ask(DEFAULT_QUESTION)
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
        batch.form.question.setText(DEFAULT_QUESTION)
        _wait(window.service.batch_ended.connect, batch.start_button.click)
        _let_appear()
        self._keep(batch, "dialog-batch")
        batch.close()

    def _take_classes(self, window: MainWindow) -> None:
        """Learns three kinds of drawn mushrooms."""
        mushrooms = self._photo.parent.parent / f"mushrooms {self._theme}"
        draw_mushrooms(mushrooms)
        window.classes.show()
        page = window.classes.dialog
        assert page is not None
        page.resize(USUAL_SIZE)  # an offscreen screen is narrower
        self._keep(page, "classes-empty")
        page.editor.set_question("Which of my mushrooms is it?")
        _wait(page.editor.changed.connect, lambda: page.files.import_folder(mushrooms))
        _wait(page.learning.ended.connect, page.learn.click)
        page.results.confusion.table.setCurrentCell(0, 0)
        self._keep(page, "classes")
        page.close()

    def _take_training(self, window: MainWindow) -> None:
        """Goes on from the starter model, for some minutes."""
        collection = self._photo.parent.parent / f"beach {self._theme}"
        draw_collection(collection)
        window.tabs.setCurrentWidget(window.training)
        setup = window.training.setup
        _wait(setup.data.checked.connect, lambda: setup.set_folder(collection))
        for _ in range(len(setup.data.findings.preview.photos) if setup.data.findings else 0):
            self._application.processEvents()  # thumbnails come one at a time
        self._keep(window, "train-data")
        setup.stages.set_passes(6, 3)
        self._scroll_to_end(window)
        self._keep(window, "train-model")
        setup.start_button.click()
        run = window.training.run
        assert run is not None

        def keep_second_stage() -> None:
            if run.line.startswith("Stage 2"):
                self._save(window, "train-running")

        run.changed.connect(lambda: QTimer.singleShot(0, keep_second_stage))  # when what changed has found its place
        while run.state != "finished":
            _wait(run.state_changed.connect, lambda: None)
        self._keep(window, "train-finished")
        self._scroll_to_end(window)
        self._keep(window, "train-curves")

    def _take_measure(self, window: MainWindow) -> None:
        """Measures the starter model on the drawn photos, for some minutes."""
        tab = window.measure.tab
        window.tabs.setCurrentWidget(tab)
        setup = tab.setup
        collection = self._photo.parent.parent / f"beach {self._theme}"
        _wait(setup.data.checked.connect, lambda: setup.data.set_folder(collection))
        setup.measures.split.setCurrentIndex(2)
        setup.measures.photos.setValue(20)
        setup.measures.spin.setCurrentIndex(1)
        setup.measures.keeps.setText("2, 4, 6")
        self._keep(window, "measure-empty")
        setup.start_button.click()
        view = tab.measurement
        assert view is not None
        while view.state != "finished":
            self._keep(window, "measure-running")
            _wait(view.state_changed.connect, lambda: None)
        self._keep(window, "measure")
        captions = view.results.captions
        view.results.open_captions(1)
        word = captions.words.first_invented()
        _wait(captions.map.answer_shown.connect, lambda: captions.ask_for(3 if word is None else word))
        self._keep(window, "measure-word")

    def _scroll_to_end(self, window: MainWindow) -> None:
        self._application.processEvents()
        for area in window.training.findChildren(QScrollArea):
            area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())

    def _keep(self, widget: QWidget, name: str) -> None:
        for _ in range(10):
            self._application.processEvents()
        self._save(widget, name)

    def _save(self, widget: QWidget, name: str) -> None:
        if self._folder != Path("docs") or f"{name}-{self._theme}" in README_PICTURES:
            widget.grab().save(str(self._folder / f"{name}-{self._theme}.png"))
        if self._folder == Path("docs") and self._theme == "light" and name in {step[0] for step in STEPS}:
            picture = widget.grab().scaledToWidth(min(TOUR_WIDTH, widget.width()), Qt.TransformationMode.SmoothTransformation)
            picture.save(str(Path("resources", "tour", f"{name}.jpg")), quality=85)


def _let_appear() -> None:
    _wait(lambda done: QTimer.singleShot(APPEARING, done), lambda: None)


def _wait(connect: Callable[..., object], start: Callable[[], object]) -> None:
    loop = QEventLoop()
    connect(lambda *_: loop.quit())
    QTimer.singleShot(LONGEST_WAIT, lambda: loop.exit(1))
    start()
    if loop.exec():
        sys.exit("The model took too long.")


if __name__ == "__main__":
    main()
