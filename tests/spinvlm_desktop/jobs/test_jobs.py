"""What holds for runs and measurements alike: queue, rename, bin, and folders that go while they are looked at."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from PySide6.QtWidgets import QInputDialog, QMessageBox
from pytestqt.qtbot import QtBot

from core.errors import ConfigError
from spinvlm_desktop.jobs import job_process
from spinvlm_desktop.jobs.folder_names import moved, rename_job
from spinvlm_desktop.jobs.job import find_jobs, next_in_queue
from spinvlm_desktop.jobs.job_process import JobError, JobProcess, process_record
from spinvlm_desktop.measure.measure_job import MeasureJob
from spinvlm_desktop.measure.measurement import MeasurementSettings
from spinvlm_desktop.settings.settings_store import SettingsStore
from spinvlm_desktop.startup.main_window import MainWindow
from spinvlm_desktop.system import paths
from spinvlm_desktop.train.run.training_job import TrainingJob
from training.run.events import EventLog
from training.run.training_config import preset

WAIT = 60_000


@pytest.fixture
def store(own_home: Path) -> SettingsStore:
    return SettingsStore(paths.config_folder() / "settings.json")


@pytest.fixture
def window(qtbot: QtBot, store: SettingsStore) -> Iterator[MainWindow]:
    window = MainWindow(store.load()[0], store)
    for tab in (window.training, window.measure.tab):
        tab.queue.stop()
    window.show()
    yield window
    window.close()


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sentences of messages that would have to be closed."""
    found: list[str] = []
    monkeypatch.setattr(QMessageBox, "warning", lambda *arguments: found.append(arguments[2]))
    return found


def trained(runs: Path, name: str) -> TrainingJob:
    """A finished run, whose model only its name distinguishes from others."""
    job = TrainingJob(runs / name)
    job.prepare(preset("quick", data="nowhere"))
    (job.path / "best.safetensors").write_bytes(name.encode())
    (job.path / "card.md").write_text(f"# {name}")
    EventLog(job.files.events).write("run_finished", best_dev_loss=2.0, model=name)
    return job


def measured(folder: Path, name: str, model: Path | None) -> MeasureJob:
    """A measurement that was asked for."""
    job = MeasureJob(folder / name)
    job.prepare(MeasurementSettings("nowhere", model=None if model is None else str(model)))
    return job


def test_a_run_that_says_that_it_is_finished_is_finished_while_its_process_ends(tmp_path: Path) -> None:
    job = trained(tmp_path, "mine")
    (job.path / "process.json").write_text(process_record(psutil.Process()))
    assert job.state() == "finished"
    EventLog(job.files.events).write("resumed", stage="warm_up", step=1)
    assert job.state() == "running", "it works on something again"


# -- names


def test_a_file_is_found_where_its_folder_was_moved_to_and_others_where_they_were() -> None:
    old, new = Path("/runs/old"), Path("/runs/new")
    assert moved(old / "best.safetensors", old, new) == new / "best.safetensors"
    assert moved(old, old, new) == new
    for other in (Path("/runs/older/best.safetensors"), Path("/models/old")):
        assert moved(other, old, new) == other


def test_a_job_is_not_renamed_to_what_cannot_be_or_is_there(tmp_path: Path) -> None:
    first, second = trained(tmp_path, "first"), trained(tmp_path, "second")
    for name, error in (("second", JobError), ("a/b", ConfigError), ("", ConfigError)):
        with pytest.raises(error):
            rename_job(first, name)
    with second.files.lock(), pytest.raises(JobError, match="training"):
        rename_job(second, "third")
    assert rename_job(second, "third") == tmp_path / "third"


def test_a_renamed_run_keeps_its_model_wherever_it_was_chosen(
    window: MainWindow, store: SettingsStore, tmp_path: Path
) -> None:
    runs, measurements = paths.runs_folder(), paths.measurements_folder()
    best, other = trained(runs, "best"), trained(runs, "other")
    made = measured(measurements, "made", best.files.best_model)
    asked = measured(measurements, "asked", other.files.best_model)
    os.utime(made.settings_file, ns=(10**18, 10**18))
    window.training.setup.model.start_from(best.files.best_model)
    measure = window.measure.tab
    measure.show_setup()
    measure.setup.model.choose([None, best.files.best_model])
    measure.show_job(made.path)

    assert window.training.rename(best.path, "better")

    renamed = runs / "better" / "best.safetensors"
    assert renamed.read_bytes() == b"best"
    assert made.settings().model == str(renamed), "its maps are still of that model"
    assert asked.settings().model == str(other.files.best_model)
    assert [job.name for job in find_jobs(measurements, MeasureJob)] == ["asked", "made"], "in the order they were made"
    assert measure.setup.model.chosen() == [None, renamed]
    assert window.training.setup.model.start.file == renamed
    assert measure.measurement is not None
    assert "better" in measure.measurement.about


def test_the_model_in_use_and_the_settings_follow_a_rename(
    qtbot: QtBot, store: SettingsStore, tiny_model: Path
) -> None:
    run = trained(paths.runs_folder(), "best")
    run.files.best_model.write_bytes(tiny_model.read_bytes())
    store.save(replace(store.load()[0], model=str(run.files.best_model)))
    window = MainWindow(store.load()[0], store)
    window.show()
    with qtbot.waitSignal(window.service.model_loaded, timeout=WAIT):
        window.load_chosen_model()
    assert window.training.rename(run.path, "better")
    renamed = paths.runs_folder() / "better" / "best.safetensors"
    assert window.models.file == renamed
    window.models.menu.aboutToShow.emit()
    checked = [action.text() for action in window.models.menu.actions() if action.isChecked()]
    assert checked == ["better"]
    window.close()
    assert store.load()[0].model == str(renamed)


@pytest.mark.usefixtures("qtbot")
def test_a_chosen_model_that_is_not_loaded_yet_follows_a_rename_too(store: SettingsStore) -> None:
    run = trained(paths.runs_folder(), "best")
    store.save(replace(store.load()[0], model=str(run.files.best_model)))
    window = MainWindow(store.load()[0], store)
    window.show()
    assert window.training.rename(run.path, "better")
    assert window.models.file is None
    window.close()
    assert store.load()[0].model == str(paths.runs_folder() / "better" / "best.safetensors")


def test_a_name_that_cannot_be_stays_in_the_dialog_to_be_mended(
    window: MainWindow, warnings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trained(paths.runs_folder(), "first")
    trained(paths.runs_folder(), "second")
    offered: list[str] = []
    typed = iter(["a/b", "second", "third"])

    def get_text(*_: object, text: str) -> tuple[str, bool]:
        offered.append(text)
        return next(typed), True

    monkeypatch.setattr(QInputDialog, "getText", get_text)
    window.training.refresh()
    window.training.list.rename_wanted.emit(run.path)
    assert offered == ["first", "a/b", "second"]
    assert len(warnings) == 2
    assert (paths.runs_folder() / "third").is_dir()


def test_a_name_that_is_too_long_for_the_disk_is_reported_beside_its_field(window: MainWindow, tmp_path: Path) -> None:
    window.training.show_setup()
    window.training.start_run("😀" * 80, preset("quick", data=str(tmp_path)))
    assert "can't be written" in window.training.setup.error()
    assert window.training.run is None


# -- queue


def test_the_one_that_waited_longest_is_next(tmp_path: Path) -> None:
    jobs = [measured(tmp_path, name, None) for name in ("c", "a", "b")]
    assert next_in_queue(jobs) is None
    for time, job in zip((3, 1, 2), jobs, strict=True):
        job.enqueue()
        os.utime(job.queued, (time, time))
    assert next_in_queue(jobs) == jobs[1]
    jobs[1].withdraw()
    assert next_in_queue(jobs) == jobs[2]
    assert jobs[1].state() == "new"


def test_a_job_whose_program_cannot_start_is_reported_once_and_waits_no_longer(
    window: MainWindow, warnings: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(job_process, "program_command", lambda: [str(tmp_path / "moved away")])
    for tab, job in (
        (window.training, trained(paths.runs_folder(), "run")),
        (window.measure.tab, measured(paths.measurements_folder(), "measurement", None)),
    ):
        (job.path / "card.md").unlink(missing_ok=True)
        job.enqueue()
        tab.queue.take_turn()
        tab.queue.take_turn()
        assert [sentence for sentence in warnings if "couldn't be started" in sentence] == warnings
        assert job.state() not in ("running", "waiting")
    assert len(warnings) == 2


def test_a_job_that_the_user_resumes_while_nothing_runs_does_not_wait_for_those_in_the_queue(
    qtbot: QtBot, window: MainWindow
) -> None:
    tab = window.training
    queued, resumed = (TrainingJob(paths.runs_folder() / name) for name in ("queued", "resumed"))
    for job in (queued, resumed):
        job.prepare(preset("quick", data="nowhere"))
    queued.enqueue()
    tab.begin(resumed)
    assert (queued.state(), resumed.state()) == ("waiting", "running")
    resumed.end(wait=True)


def test_a_process_that_ended_at_once_is_no_job_that_never_began(qtbot: QtBot, tmp_path: Path) -> None:
    job = TrainingJob(tmp_path / "run")
    job.prepare(preset("quick", data="nowhere"))
    assert job.state() == "new"
    job.process.start(["train", "--no-such-option"])
    qtbot.waitUntil(lambda: not job.is_alive(), timeout=WAIT)
    assert job.state() == "failed"


def test_a_process_is_known_by_the_start_it_belongs_to(tmp_path: Path) -> None:
    process = JobProcess(tmp_path)
    assert process.start_name == ""
    (tmp_path / "process.json").write_text(process_record(psutil.Process(), start="third"))
    assert process.start_name == "third"
    assert process.started_at == pytest.approx(psutil.Process().create_time(), abs=1)
    record = json.loads(process_record(psutil.Process(), start="third"))
    (tmp_path / "process.json").write_text(json.dumps({**record, "created": record["created"] - 60}))
    assert process.start_name == "", "another process has the number by now"
    (tmp_path / "process.json").write_text("[]")
    assert process.start_name == ""


# -- folders that can't be looked at


@pytest.mark.parametrize("refused", [PermissionError, FileNotFoundError, OSError])
def test_looking_at_jobs_never_fails_whatever_the_system_refuses(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, refused: type[OSError]
) -> None:
    run = trained(paths.runs_folder(), "run")
    job = measured(paths.measurements_folder(), "measurement", None)
    job.enqueue()
    window.training.show_job(run.path)
    window.measure.tab.show_job(job.path)
    assert window.training.run is not None
    assert window.measure.tab.measurement is not None
    stat, opened = Path.stat, Path.open

    def refuse(path: Path, *arguments: object, **options: object) -> object:
        if path.is_relative_to(run.path) or path.is_relative_to(job.path):
            raise refused(13, "refused", str(path))
        return stat(path, *arguments, **options)  # type: ignore[arg-type]

    def refuse_open(path: Path, *arguments: object, **options: object) -> object:
        if path.is_relative_to(run.path) or path.is_relative_to(job.path):
            raise refused(13, "refused", str(path))
        return opened(path, *arguments, **options)  # type: ignore[call-overload]

    with monkeypatch.context() as patch:
        patch.setattr(Path, "stat", refuse)
        patch.setattr(Path, "open", refuse_open)
        for tab in (window.training, window.measure.tab):
            tab.queue.take_turn()
        window.training.run.look()
        window.measure.tab.measurement.look()
        assert (run.state(), job.state()) == ("gone", "gone")
        assert not TrainingJob(run.path).is_alive()
    window.training.run.look()
    assert window.training.run.state == "finished", "it is there again"


def test_a_folder_name_that_is_too_long_is_no_folder(window: MainWindow) -> None:
    window.training.show_setup()
    setup = window.training.setup
    setup.data.field.setText("/" + "x" * 5000)
    setup.data.field.editingFinished.emit()
    assert "There is no folder" in setup.data.sentence()
    assert not setup.start_button.isEnabled()
    assert "no such folder" in setup.why.text(), "the reason stands beside it"


def test_the_log_of_a_run_is_shown_to_its_end_without_what_is_long_past(qtbot: QtBot, tmp_path: Path) -> None:
    job = measured(tmp_path, "one", None)
    job.log.write_text("\n".join([f"line {number}" for number in range(50_000)] + ['{"what": "a", "done": 1, "total": 2}', ""]))
    assert job.messages() == [f"line {number}" for number in range(49_960, 50_000)]
