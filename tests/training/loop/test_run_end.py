"""What a run leaves behind: in memory when it resumes, on disk when it ends; and that an end stays one."""

from __future__ import annotations

import mmap
import shutil
import weakref
from pathlib import Path
from typing import Any

import pytest

from core.files.checkpoint import load_model
from tests.training.conftest import make_dataset
from tests.training.run_history import read_events
from tests.training.small_runs import small_config
from training.data.captions import load_captions
from training.data.ready_pairs import read_ready_pairs
from training.loop import training_run
from training.loop.probe import measure_pace
from training.loop.training_run import run_training
from training.loop.training_state import load_state, save_state
from training.rehearsal.rehearsal_file import find_rehearsal
from training.run.events import Event
from training.run.run_folder import RunFolder
from training.run.training_config import StageConfig


class KilledError(BaseException):
    """Ends a run as a kill would: nothing hears of it."""


def named(folder: Path, name: str) -> list[Event]:
    return [event for event in read_events(folder / "events.jsonl") if event["event"] == name]


def kill_at(name: str, **values: object) -> Any:
    """A listener that kills the run at an event."""

    def listen(event: Event) -> None:
        if event["event"] == name and all(event[key] == value for key, value in values.items()):
            raise KilledError

    return listen


def test_a_run_killed_after_it_stopped_early_trains_no_more_however_often_it_is_resumed(scenes: Path, tmp_path: Path) -> None:
    still = {"decoder_rate": 1e-30, "batch_photos": 4, "epochs": 9}  # so that no dev loss is better than the first
    config = small_config(
        scenes, warm_up=StageConfig(**still, patience=2), fine_tune=StageConfig(**still, encoder_rate=1e-30, patience=1)
    )
    for number in range(3):
        with pytest.raises(KilledError):
            run_training(None if number else config, tmp_path / "run", resume=number > 0,
                         listener=kill_at("stage_finished", stage="fine_tune"))
    assert run_training(None, tmp_path / "run", resume=True).finished
    epochs = [(event["stage"], event["epoch"]) for event in named(tmp_path / "run", "epoch")]
    assert epochs == [("warm_up", 0), ("warm_up", 1), ("warm_up", 2), ("fine_tune", 0), ("fine_tune", 1)][: len(epochs)]
    assert len(epochs) >= 4
    assert {event["reason"] for event in named(tmp_path / "run", "stage_finished")} == {"early"}


def test_nothing_maps_the_cache_when_it_is_removed(scenes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    maps: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()
    removed: list[tuple[Path, int]] = []

    class Watched(mmap.mmap):
        def __new__(cls, *arguments: Any, **more: Any) -> Watched:
            made = super().__new__(cls, *arguments, **more)
            maps.add(made)
            return made

    def rmtree(path: Path, **_: Any) -> None:
        removed.append((path, len(maps)))

    monkeypatch.setattr(mmap, "mmap", Watched)
    monkeypatch.setattr(shutil, "rmtree", rmtree)
    seen: list[int] = []
    run_training(small_config(scenes), tmp_path / "run", listener=lambda _: seen.append(len(maps)))
    assert max(seen) >= 4, "pixels and features of both splits are mapped while it trains"
    assert removed == [(tmp_path / "run" / "cache", 0)]


def test_a_resumed_run_does_not_keep_its_checkpoint_in_memory(
    scenes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(KilledError):
        run_training(small_config(scenes), tmp_path / "run", listener=kill_at("step", step=2))
    read: list[weakref.ref[Any]] = []

    def load(path: Path) -> Any:
        position, state = load_state(path)
        read.extend(weakref.ref(tensor) for part in ("model", "average") for tensor in state[part].values())
        return position, state

    monkeypatch.setattr(training_run, "load_state", load)
    kept: list[int] = []
    run_training(
        None, tmp_path / "run", resume=True,
        listener=lambda event: kept.append(sum(tensor() is not None for tensor in read)) if event["event"] == "step" else None,
    )
    assert len(read) > 10
    assert set(kept) == {0}


def test_a_run_paused_by_an_older_version_goes_on_with_its_weights(scenes: Path, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    with pytest.raises(KilledError):
        run_training(small_config(scenes), folder.path, listener=kill_at("step", stage="fine_tune", step=2))
    position, state = load_state(folder.checkpoint)
    state["optimizer"]["param_groups"] = state["optimizer"]["param_groups"][:1]
    save_state(folder.checkpoint, position, {**state, "format": 1})  # type: ignore[dict-item]
    assert run_training(None, folder.path, resume=True).finished
    assert any("older version" in event["text"] for event in named(folder.path, "notice"))
    assert [event["epoch"] for event in named(folder.path, "epoch")] == [0, 1, 0]


def test_the_pace_is_measured_with_all_that_a_run_reads(tmp_path: Path) -> None:
    data = make_dataset(tmp_path / "data", photos=8, marked=True)
    (data / "questions.jsonl").write_text(
        "\n".join(f'{{"image": "scene{n:03}.png", "question": "Which number is it?", "answer": "{n:03}"}}' for n in range(8))
    )
    report = measure_pace(small_config(data), tmp_path / "scratch", seconds=0.1)
    assert report.warm_up > 0
    assert report.fine_tune > 0
    for name in ("first", "second"):
        assert not [event["text"] for event in named(tmp_path / "scratch" / name, "notice") if "No boxes" in event["text"]]
    copied = tmp_path / "scratch" / "photos"
    asked = read_ready_pairs(copied / "questions.jsonl")
    assert len(asked) == 8
    for name, pairs in asked.items():
        original = f"scene{pairs[0].answer}"
        assert (copied / "Images" / name).read_bytes() == (data / "Images" / f"{original}.png").read_bytes()
        for file in ("Sentences/{}.txt", "Annotations/{}.xml"):
            own = copied / "entities" / file.format(Path(name).stem)
            assert own.read_bytes() == (data / "entities" / file.format(original)).read_bytes()


def test_a_run_leaves_what_its_model_rehearses(scenes: Path, tmp_path: Path) -> None:
    once = StageConfig(epochs=1, batch_photos=4)
    run = run_training(small_config(scenes, warm_up=once, fine_tune=StageConfig(epochs=0)), tmp_path / "run")
    model = load_model(run.model)
    found = find_rehearsal(model)
    assert found is not None, "its encoder is that of the model as it was saved"
    dataset = load_captions(scenes)
    learnt, others = ({pairs[0].image for pairs in part} for part in (found.pairs[: found.learnt], found.pairs[found.learnt :]))
    assert learnt <= {image.name for image in dataset.split("train")}
    assert others <= {image.name for image in dataset.split("dev")}
    assert learnt
    assert others
    assert scenes.name in found.source
