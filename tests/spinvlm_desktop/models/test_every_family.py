"""A folder of each kind of pretrained models answers in the window, on the command line and in a measurement."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from typer.testing import CliRunner

from core.answers import Answer, CellToken
from core.config import GenerationConfig
from core.pretrained.photo.known_families import KINDS
from spinvlm_desktop.commands.command_line import app
from spinvlm_desktop.settings.app_settings import AppSettings
from spinvlm_desktop.settings.settings_store import SettingsStore
from spinvlm_desktop.startup.main_window import MainWindow
from spinvlm_desktop.system import paths
from tests.spinvlm_desktop.driving import TIMEOUT, ask, open_photo
from tests.spinvlm_desktop.pretrained_folders import saved
from tests.training.asked_photos import make_asked_photos
from tests.training.conftest import make_dataset
from training.data.captions import load_captions
from training.evaluation.measurement import Plan, measure_model
from training.evaluation.sweep.subject import PretrainedSubject

LENGTH = 3
OFF = {"SPIN off": None}


def test_each_answers_in_the_window_on_the_command_line_and_in_a_measurement(
    own_home: Path, open_window: Callable[[], MainWindow], qtbot: QtBot, beach_photo: Path,
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path,
) -> None:
    settings = AppSettings(generation=GenerationConfig(max_tokens=LENGTH), threads=1)
    SettingsStore(paths.config_folder() / "settings.json").save(settings)
    window, scenes = open_window(), load_captions(make_dataset(tmp_path / "scenes", photos=8))
    walks = load_captions(make_asked_photos(tmp_path / "walks"))
    for kind in KINDS:
        folder = saved(kind, tmp_path_factory)
        with qtbot.waitSignal(window.models.in_use_changed, timeout=TIMEOUT):
            window.load_model(folder)
        open_photo(window, qtbot, beach_photo)
        answer = ask(window, qtbot, "Is it red?")
        assert isinstance(answer, Answer), kind
        assert answer.origin is not None
        assert answer.origin.name == kind
        assert all(isinstance(token, CellToken) for token in answer.tokens)
        arguments = ["ask", "--model", str(folder), "-i", str(beach_photo), "-p", "Is it red?", "--max-tokens", str(LENGTH)]
        done = CliRunner().invoke(app, [*arguments, "--threads", "1"])
        assert (done.exit_code, done.output.strip()) == (0, answer.text.strip()), kind
        session = window.service._worker._session  # pyright: ignore[reportPrivateUsage]
        subject = PretrainedSubject(session, session.describe(), 0.1)  # type: ignore[arg-type, union-attr]
        (tmp_path / kind).mkdir()
        for plan in (Plan(scenes, OFF, ("probes",), photos=1), Plan(walks, OFF, ("people",))):
            report = measure_model(subject, plan, tmp_path / kind, on_progress=lambda _progress: None)
            assert report.probes is not None or report.people is not None, kind
