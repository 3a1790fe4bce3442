"""The model's thread with the real starter model."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from core.answers import Answer, AnswerRequest, AnswerToken, Comparison
from core.config import GenerationConfig, SpinConfig
from core.errors import ImageError
from spinvlm_desktop.worker.answer_service import AnswerService
from spinvlm_desktop.worker.answer_worker import ModelChoice, PhotoAnswer

QUESTION = "Describe the image."
TIMEOUT = 60_000


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photos") / "hill.png"
    image = Image.new("RGB", (320, 240), (120, 170, 230))
    ImageDraw.Draw(image).ellipse((60, 80, 200, 300), fill=(60, 130, 60))
    image.save(path)
    return path


@pytest.fixture
def service(qtbot: QtBot) -> Iterator[AnswerService]:
    service = AnswerService()
    yield service
    assert service.shut_down(patience=20)


@pytest.fixture
def loaded(service: AnswerService, qtbot: QtBot) -> AnswerService:
    with qtbot.waitSignal(service.model_loaded, timeout=TIMEOUT) as loaded:
        service.load_model(ModelChoice(threads=1))
    assert loaded.args is not None
    assert loaded.args[0].name == "starter"
    return service


def test_an_answer_comes_in_tokens_and_then_whole(loaded: AnswerService, photo: Path, qtbot: QtBot) -> None:
    tokens: list[AnswerToken] = []
    threads: set[QThread] = set()
    loaded.tokens_ready.connect(lambda _, batch: (tokens.extend(batch), threads.add(QThread.currentThread())))
    with qtbot.waitSignal(loaded.answered, timeout=TIMEOUT) as answered:
        number = loaded.ask(AnswerRequest(photo, QUESTION))
    assert answered.args is not None
    answer = answered.args[1]
    assert answered.args[0] == number
    assert isinstance(answer, Answer)
    assert "".join(token.text for token in tokens) == answer.text != ""
    assert threads == {loaded.thread()}, "slots of the window run in the window's thread"


def test_a_question_asked_while_the_model_loads_waits_for_it(service: AnswerService, photo: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(service.answered, timeout=TIMEOUT):
        service.load_model(ModelChoice(threads=1))
        service.ask(AnswerRequest(photo, QUESTION))


def test_compare(loaded: AnswerService, photo: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(loaded.answered, timeout=TIMEOUT) as answered:
        loaded.ask(AnswerRequest(photo, QUESTION, spin=SpinConfig(keep=2)), compare=True)
    assert answered.args is not None
    assert isinstance(answered.args[1], Comparison)


def test_stop_keeps_what_there_is_and_the_next_question_works(loaded: AnswerService, photo: Path, qtbot: QtBot) -> None:
    endless = GenerationConfig(method="sampling", temperature=50.0, max_tokens=60, seed=1)
    loaded.tokens_ready.connect(lambda *_: loaded.stop())
    with qtbot.waitSignal(loaded.answered, timeout=TIMEOUT) as answered:
        loaded.ask(AnswerRequest(photo, QUESTION, generation=endless))
    assert answered.args is not None
    assert answered.args[1].finish == "stopped"
    assert 1 <= len(answered.args[1].tokens) < 60
    loaded.tokens_ready.disconnect()
    with qtbot.waitSignal(loaded.answered, timeout=TIMEOUT) as answered:
        loaded.ask(AnswerRequest(photo, QUESTION))
    assert answered.args is not None
    assert answered.args[1].finish == "end"


def test_a_forgotten_request_is_never_heard_of_again(loaded: AnswerService, photo: Path, qtbot: QtBot) -> None:
    heard: list[int] = []
    loaded.tokens_ready.connect(lambda number, _: heard.append(number))
    loaded.answered.connect(lambda number, _: heard.append(number))
    old = loaded.ask(AnswerRequest(photo, QUESTION))
    loaded.forget(old)
    with qtbot.waitSignal(loaded.answered, timeout=TIMEOUT):
        loaded.ask(AnswerRequest(photo, QUESTION))
    assert old not in heard
    assert heard


def test_what_is_wrong_is_one_sentence_and_the_next_question_works(loaded: AnswerService, photo: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(loaded.answer_failed, timeout=TIMEOUT) as failed:
        loaded.ask(AnswerRequest(photo.with_name("gone.png"), QUESTION))
    assert failed.args is not None
    assert "gone.png" in failed.args[1]
    with qtbot.waitSignal(loaded.answered, timeout=TIMEOUT):
        loaded.ask(AnswerRequest(photo, QUESTION))


def test_an_unforeseen_error_brings_its_details(loaded: AnswerService, qtbot: QtBot) -> None:
    with qtbot.waitSignal(loaded.answer_failed, timeout=TIMEOUT) as failed:
        loaded.ask(AnswerRequest(17, QUESTION))  # type: ignore[arg-type]
    assert failed.args is not None
    assert "could not be answered" in failed.args[1]
    assert "Traceback" in failed.args[2]


def test_a_broken_model_file_leaves_the_old_model(loaded: AnswerService, photo: Path, tmp_path: Path, qtbot: QtBot) -> None:
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"no model")
    with qtbot.waitSignal(loaded.model_failed, timeout=TIMEOUT) as failed:
        loaded.load_model(ModelChoice(broken))
    assert failed.args is not None
    assert "broken.safetensors" in failed.args[0]
    with qtbot.waitSignal(loaded.answered, timeout=TIMEOUT):
        loaded.ask(AnswerRequest(photo, QUESTION))


def test_many_photos_with_a_bad_one_among_them(loaded: AnswerService, photo: Path, tmp_path: Path, qtbot: QtBot) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"")
    other = tmp_path / "sea.png"
    Image.new("RGB", (64, 48), (20, 60, 200)).save(other)
    answers: list[PhotoAnswer] = []
    loaded.photo_answered.connect(answers.append)
    with qtbot.waitSignal(loaded.batch_ended, timeout=TIMEOUT) as ended:
        loaded.ask_many([photo, bad, other], QUESTION, spin=None, generation=GenerationConfig())
    assert ended.args == [False, ""]
    kinds = {answered.image: type(answered.result) for answered in answers}
    assert kinds == {photo: Answer, bad: ImageError, other: Answer}
    assert {answered.model for answered in answers} == {"starter"}


def test_a_cancelled_batch_keeps_what_is_done(loaded: AnswerService, photo: Path, qtbot: QtBot) -> None:
    results: list[Path] = []
    loaded.photo_answered.connect(lambda answered: (results.append(answered.image), loaded.cancel_batch()))
    with qtbot.waitSignal(loaded.batch_ended, timeout=TIMEOUT) as ended:
        loaded.ask_many([photo] * 400, QUESTION, spin=None, generation=GenerationConfig())
    assert ended.args == [True, ""]
    assert 1 <= len(results) < 400


def test_a_question_is_answered_while_a_folder_is_asked_about_and_its_stop_leaves_the_folder_alone(
    loaded: AnswerService, photo: Path, qtbot: QtBot
) -> None:
    folder = [photo] * 60
    done: list[Path] = []
    loaded.photo_answered.connect(lambda answered: done.append(answered.image))
    with qtbot.waitSignal(loaded.batch_ended, timeout=TIMEOUT) as ended:
        loaded.ask_many(folder, QUESTION, spin=None, generation=GenerationConfig())
        with qtbot.waitSignal(loaded.answered, timeout=TIMEOUT):
            loaded.ask(AnswerRequest(photo, QUESTION))
        assert len(done) < 60
        loaded.stop()
    assert ended.args == [False, ""]
    assert done == folder


def test_cycles_are_collected_in_the_windows_thread_alone(loaded: AnswerService, photo: Path, qtbot: QtBot) -> None:
    where: set[str] = set()
    gc.callbacks.append(lambda phase, _: where.add(threading.current_thread().name))
    try:
        with qtbot.waitSignal(loaded.model_loaded, timeout=TIMEOUT):
            loaded.load_model(ModelChoice(threads=1))
        # Whether loading alone leaves enough objects for a collection depends on what was loaded before.
        allocated = [[] for _ in range(2 * gc.get_threshold()[0])]
        qtbot.waitUntil(lambda: bool(where), timeout=10_000)
        del allocated
    finally:
        gc.callbacks.pop()
    assert where == {threading.main_thread().name}


def test_what_is_there_with_the_model_is_not_looked_over_for_cycles_again(loaded: AnswerService, qtbot: QtBot) -> None:
    gc.unfreeze()
    with qtbot.waitSignal(loaded.model_loaded, timeout=TIMEOUT):
        loaded.load_model(ModelChoice(threads=1))
    assert gc.get_freeze_count() > 10_000
    assert loaded.shut_down(patience=20)
    assert gc.get_freeze_count() == 0


def test_no_thread_is_left(qtbot: QtBot) -> None:
    before = threading.active_count()
    service = AnswerService()
    assert service.shut_down()
    assert threading.active_count() == before
