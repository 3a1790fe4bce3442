"""A tiny model file and two drawn photos, for commands that are run as a user would."""

from __future__ import annotations

import functools
import gc
import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakSet

import pytest
import torch
from PIL import Image
from PySide6.QtCore import QThread, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QInputDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from core import session
from core.config import ModelConfig
from core.files.bundled_models import starter_model_path
from core.files.checkpoint import ModelFile, load_model, save_model
from core.model.vlm import VisionLanguageModel
from core.text.prompt import tokenizer_texts
from core.text.tokenizer import Tokenizer
from spinvlm_desktop.pictures.drawn_photos import draw_photo
from spinvlm_desktop.system.paths import HOME_VARIABLE

if TYPE_CHECKING:
    from spinvlm_desktop.startup.main_window import MainWindow

ANSWERED_WITHIN_MS = 30_000
COLLECTED_EVERY = 20
"""Tests of the window from which garbage is collected together."""
ANSWER = "a man in a red shirt rides a horse on the beach"


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that has learnt nothing but gives answers of several tokens."""
    texts = tokenizer_texts(questions=["What is the man doing?"], answers=[ANSWER] * 3)
    tokenizer = Tokenizer.train_bpe(list(texts), vocabulary_size=290)
    with torch.random.fork_rng(devices=[]):
        torch.random.manual_seed(1)
        sizes = ModelConfig(
            vocabulary_size=tokenizer.vocabulary_size, image_size=32, width=32, layers=2, heads=4, feed_forward_width=64
        )
        model = VisionLanguageModel(sizes).eval()
        torch.nn.init.normal_(model.token_embedding.weight, std=0.5)
        for layer in range(2):
            for part in ("query", "key_value", "output"):
                getattr(model.decoder.layers[layer].cross_attention, part).weight.data *= 15
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    save_model(path, model, tokenizer, metrics={}, recipe={}, precision="float32")
    return path


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two photos, one of them with a name that isn't ASCII."""
    folder = tmp_path_factory.mktemp("photos")
    Image.linear_gradient("L").convert("RGB").save(folder / "grey.png")
    Image.new("RGB", (60, 40), (200, 30, 30)).save(folder / "röt 写真.jpg")
    return folder


@pytest.fixture(scope="session")
def starter_model() -> Iterator[Callable[[], ModelFile]]:
    """The starter model, read when it is first asked for; fails in the end where a test has changed it."""

    @functools.cache
    def read() -> tuple[ModelFile, str]:
        file = load_model(starter_model_path())
        return file, file.content_hash

    yield lambda: read()[0]
    if read.cache_info().currsize:
        file, as_it_was = read()
        assert replace(file).content_hash == as_it_was, "the starter model was changed"


@pytest.fixture(autouse=True)
def starter_model_is_read_once(starter_model: Callable[[], ModelFile], monkeypatch: pytest.MonkeyPatch) -> None:
    """All windows have the same starter model: a session never changes its model, and to read one takes half a second."""
    starter = starter_model_path()
    monkeypatch.setattr(session, "load_model", lambda path: starter_model() if path == starter else load_model(path))


@pytest.fixture(scope="session", autouse=True)
def started_threads() -> Iterator[WeakSet[QThread]]:
    """Every thread of Qt's that a test starts: to look for them among all of Python's objects takes a tenth of a second."""
    started: WeakSet[QThread] = WeakSet()
    start = QThread.start

    def noted_start(thread: QThread, *priority: QThread.Priority) -> None:
        started.add(thread)
        start(thread, *priority)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QThread, "start", noted_start)
        yield started


@pytest.fixture(autouse=True)
def no_thread_is_left(request: pytest.FixtureRequest, started_threads: WeakSet[QThread]) -> Iterator[None]:
    """Fails a test of the window that leaves a thread of Qt's running, and stops it: the tests after it aren't to blame."""
    yield
    if "qtbot" in request.fixturenames:
        left = [thread for thread in started_threads if isValid(thread) and thread.isRunning()]
        for thread in left:
            thread.quit()
            thread.wait(10_000)
        assert not [thread.objectName() for thread in left], "threads of Qt's are left"


@pytest.fixture(autouse=True)
def no_question_waits_for_ever(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test in which nobody answers a question, and closes that: its time limit isn't heard while Qt waits."""
    if "qtbot" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("qapp")
    waiting: list[QWidget | None] = [None]
    unanswered: list[str] = []

    def look() -> None:
        asks = QApplication.activeModalWidget()
        asks = asks if isinstance(asks, QMessageBox | QInputDialog | QFileDialog) else None
        if asks is not None and asks is waiting[0]:
            unanswered.append(asks.text() if isinstance(asks, QMessageBox) else asks.windowTitle())
            asks.done(0)
        waiting[0] = asks

    timer = QTimer(interval=ANSWERED_WITHIN_MS)
    timer.timeout.connect(look)
    timer.start()
    yield
    timer.stop()
    assert not unanswered, "nobody answered"


@pytest.fixture(scope="session")
def tests_of_the_window() -> Iterator[int]:
    """Numbers them."""
    return itertools.count(1)


@pytest.fixture(autouse=True)
def garbage_stays_in_this_thread(request: pytest.FixtureRequest, tests_of_the_window: Iterator[int]) -> Iterator[None]:
    """As in the program (`worker/garbage.py`): a widget that another thread collects crashes Qt.

    Each window looks for garbage when its model is loaded. What was there before the test is left alone then, as there are
    all libraries in it; it is looked over once for many tests.
    """
    gc.disable()
    if "qtbot" in request.fixturenames:
        if next(tests_of_the_window) % COLLECTED_EVERY == 0:
            gc.collect()
        gc.freeze()
    yield
    gc.unfreeze()
    gc.enable()


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for settings, history and logs of one test."""
    home = tmp_path / "home"
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")  # as the program sets it for what it starts
    return home


@pytest.fixture(scope="session")
def beach_photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo that the starter model has something to say about."""
    path = tmp_path_factory.mktemp("beach") / "beach.jpg"
    draw_photo(path)
    return path


@pytest.fixture
def open_window(qtbot: QtBot, own_home: Path) -> Iterator[Callable[[], MainWindow]]:
    """Opens the program's window, as often as it is called; what was set before is read again.

    Photos aren't described by themselves: what a test asks is all that is asked.
    """
    from spinvlm_desktop.settings.settings_store import SettingsStore
    from spinvlm_desktop.startup.main_window import MainWindow
    from spinvlm_desktop.system import paths

    windows: list[MainWindow] = []

    def make() -> MainWindow:
        store = SettingsStore(paths.config_folder() / "settings.json")
        window = MainWindow(replace(store.load()[0], describe_photos=False), store)
        windows.append(window)
        window.show()
        return window

    yield make
    for window in windows:
        if window.isVisible():
            window.close()
        assert window.service.shut_down(patience=20), "the model's thread is left"
        window.deleteLater()


@pytest.fixture
def window(open_window: Callable[[], MainWindow], qtbot: QtBot, beach_photo: Path) -> MainWindow:
    """The window with the starter model and a photo."""
    window = open_window()
    with qtbot.waitSignal(window.service.model_loaded, timeout=60_000):
        window.load_model(None)
    with qtbot.waitSignal(window.tab.image.reader.ended, timeout=60_000):
        window.open_photos([beach_photo])
    return window
