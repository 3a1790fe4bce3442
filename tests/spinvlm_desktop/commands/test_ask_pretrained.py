"""`spinvlm ask` with a pretrained model: the same options, and what is its own."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from core.answers import CellToken
from core.pretrained.decoding import decoding_run
from core.pretrained.loading import load as loading
from core.pretrained.session import PretrainedSession
from spinvlm_desktop.answers.answer_codec import answer_from_dict, answer_to_dict
from spinvlm_desktop.answers.answer_fields import AnswerRecordError
from spinvlm_desktop.commands.answer_report import print_explanation
from spinvlm_desktop.system import paths

ROOT = Path(__file__).parents[3]
FAST = ("--threads", "1", "--precision", "float32")
SHORT = (*FAST, "--max-tokens", "6")


@pytest.fixture(autouse=True)
def home(own_home: Path) -> Path:
    return own_home


def test_a_folder_answers_as_its_session_does(run: Any, pretrained: Path, photos: Path) -> None:
    from core.answers import AnswerRequest
    from core.config import GenerationConfig

    done = run("ask", "--model", pretrained, "-i", photos / "grey.png", "-p", "Is it red?", *SHORT)
    assert done.code == 0, done.err
    session = PretrainedSession.load(pretrained, threads=1, precision="float32", device="cpu")
    expected = session.answer(AnswerRequest(photos / "grey.png", "Is it red?", generation=GenerationConfig(max_tokens=6)))
    assert done.out == expected.text + "\n"


def test_json_holds_the_map_of_every_layer_and_comes_back(run: Any, pretrained: Path, photos: Path) -> None:
    done = run("ask", "--model", pretrained, "-i", photos / "röt 写真.jpg", "--keep", "2", "--json", *SHORT)
    found = json.loads(done.out)
    cells = sum(grid["rows"] * grid["columns"] for grid in found["layout"]["grids"])
    assert (found["layout"]["width"], found["layout"]["height"]) == (60, 40)
    assert len(found["tokens"]) == 6
    for token in found["tokens"]:
        assert np.shape(token["cell_attention"]) == (3, cells)
        assert [sum(gate == 1 for gate in layer) for layer in token["head_gate"]] == [2, 2, 2]
    answer = answer_from_dict(found)
    assert answer.layout is not None
    assert len(answer.layout.cells) == cells
    assert json.loads(json.dumps(answer_to_dict(answer, image=photos / "röt 写真.jpg"))) == found
    found["tokens"][0]["cell_attention"][0].pop()
    with pytest.raises(AnswerRecordError):
        answer_from_dict(found)


def test_heads_are_ranked_by_logits_unless_mass_is_asked_for(
    run: Any, pretrained: Path, tiny_model: Path, photos: Path, tmp_path: Path
) -> None:
    def spin(model: Path, *options: str) -> str:
        out = tmp_path / "answers.csv"
        run("ask", "--model", model, "-i", photos / "grey.png", "--keep", "2", "--out", out, *SHORT, *options)
        (row,) = csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines())
        return row["spin"]

    assert "score=logits" in spin(pretrained)
    assert "score=logits" not in spin(pretrained, "--score", "mass")
    assert "score=logits" not in spin(tiny_model)


def test_a_folder_of_photos_is_answered_into_a_file(run: Any, pretrained: Path, photos: Path, tmp_path: Path) -> None:
    for photo in photos.iterdir():
        (tmp_path / photo.name).write_bytes(photo.read_bytes())
    (tmp_path / "broken.jpg").write_bytes(b"no photo")
    out = tmp_path / "answers.csv"
    done = run("ask", "--model", pretrained, "-i", tmp_path, "--out", out, *SHORT)
    assert done.code == 1
    assert "broken.jpg" in done.err
    rows = list(csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines()))
    assert [Path(row["image"]).name for row in rows] == ["broken.jpg", "grey.png", "röt 写真.jpg"]
    assert [row["model"] for row in rows] == ["smolvlm"] * 3
    assert [bool(row["answer"]) for row in rows] == [False, True, True]
    lines = run("ask", "--model", pretrained, "-i", tmp_path / "grey.png", "-i", tmp_path / "grey.png", "--json", *SHORT)
    assert [json.loads(line)["answer"] for line in lines.out.splitlines()] == [rows[1]["answer"]] * 2


def test_compare_and_explain(run: Any, pretrained: Path, photos: Path) -> None:
    arguments = ("ask", "--model", pretrained, "-i", photos / "grey.png", "--keep", "1", "--compare", *SHORT)
    shown = run(*arguments, "--explain").out
    assert "SPIN off:" in shown
    assert "SPIN on:" in shown
    assert shown.count("What the heads did for each word") == 2
    compared = json.loads(run(*arguments, "--json").out)
    assert all(gate == 1 for token in compared["baseline"]["tokens"] for layer in token["head_gate"] for gate in layer)
    assert any(gate == 0 for token in compared["spin"]["tokens"] for layer in token["head_gate"] for gate in layer)


def test_earlier_answers_are_given_along_and_forgotten_ones_are_said(
    run: Any, pretrained: Path, photos: Path, tmp_path: Path
) -> None:
    arguments = ("ask", "--model", pretrained, "-i", photos / "grey.png", *SHORT)
    first = run(*arguments, "-p", "What is in the photo?", "--json")
    (tmp_path / "first.json").write_text(first.out, "utf-8")
    alone = json.loads(run(*arguments, "-p", "Is it red?", "--json").out)
    later = run(*arguments, "-p", "Is it red?", "--json", "--earlier", tmp_path / "first.json")
    assert json.loads(later.out)["tokens"][0]["probability"] != alone["tokens"][0]["probability"]
    assert later.err == ""
    turns = [{"question": "What is in the photo?", "answer": "A red bus stands in front of a house."}] * 60
    (tmp_path / "long.json").write_text(json.dumps(turns))
    long = run(*arguments, "--earlier", tmp_path / "long.json")
    assert long.code == 0
    assert "The conversation is too long for this model: the oldest" in long.err


def test_looking_finer_reads_more_of_the_photo(run: Any, pretrained: Path, photos: Path) -> None:
    arguments = ("ask", "--model", pretrained, "-i", photos / "grey.png", "--json", *SHORT)
    usual, finer = (json.loads(run(*arguments, *more).out)["layout"]["image_tokens"] for more in ((), ("--finer",)))
    assert finer > usual


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--method", "beam"], "pretrained models answer by greedy choice or sampling, not by beam search"),
        (["--keep", "9"], "8 heads"),
        (["--layers", "5:"], "layers are 0 to 2"),
        (["--prompt", " "], "The question is empty"),
        (["--prompt", "Is <|im_end|> red?"], "<|im_end|>"),
        (["--prompt", "why " * 5000], "tokens too long"),
        (["--model", "org/none"], "get it with `models get org/none`, or name a folder"),
        (["--model", "none"], "There is no file or folder none, and models on the hub have names such as organisation/model"),
        (["--model", str(ROOT / "docs")], "config.json is missing"),
        (["--precision", "int8"], "precision must be one of"),
        (["--device", "toaster"], "device must be one of"),
        (["--earlier", "nowhere.json"], "nowhere.json can't be read"),
        (["--earlier", str(ROOT / "README.md")], "isn't JSON"),
        (["--earlier", str(ROOT / "pyrightconfig.json")], "can't be read"),
        (["-i", "nowhere.jpg"], "nowhere.jpg"),
    ],
    ids=lambda value: " ".join(value)[:24] if isinstance(value, list) else None,
)
def test_what_is_wrong_is_one_sentence(
    run: Any, pretrained: Path, photos: Path, arguments: list[str], message: str
) -> None:
    given = {"--model": str(pretrained), "-i": str(photos / "grey.png"), "--precision": "float32", "--threads": "1"}
    rest = [part for name, value in given.items() if name not in arguments for part in (name, value)]
    done = run("ask", *rest, *arguments)
    assert done.code == 1
    assert message in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


def test_a_beam_search_is_refused_before_the_model_is_loaded(
    run: Any, pretrained: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PretrainedSession, "load", lambda *_, **__: pytest.fail("it was loaded"))
    done = run("ask", "--model", pretrained, "-i", photos / "grey.png", "--method", "beam")
    assert (done.code, done.out) == (1, "")
    assert "not by beam search" in done.err


def test_what_a_model_cannot_do_is_refused(
    run: Any, paligemma: Path, tiny_model: Path, photos: Path, tmp_path: Path
) -> None:
    (tmp_path / "turn.json").write_text('{"question": "What?", "answer": "A bus."}')
    (tmp_path / "list.json").write_text("[1]")
    for model in (paligemma, tiny_model):
        arguments = ("ask", "--model", model, "-i", photos / "grey.png", *SHORT)
        for wrong, message in (
            (("--finer",), "look"), (("--earlier", tmp_path / "turn.json"), "can't be given earlier ones"),
            (("--earlier", tmp_path / "list.json"), 'has no "question" and "answer"'),
            (("--earlier", tmp_path / "turn.json", "-i", photos), "--earlier takes a single photo"),
        ):
            done = run(*arguments, *wrong)
            assert (done.code, done.out) == (1, "")
            assert message in done.err


def test_what_is_measured_once_is_remembered_for_the_model_and_the_machine(
    run: Any, pretrained: Path, photos: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trials: list[str] = []
    own = loading.best_threads
    monkeypatch.setattr(loading, "multiplies_bfloat16", lambda _device: True)
    monkeypatch.setattr(loading, "best_threads", lambda *a, **k: (trials.append("tried"), own(*a, **k, candidates=[1]))[1])
    arguments = ("-i", photos / "grey.png", "--max-tokens", "3", "--json")
    first = run("ask", "--model", pretrained, *arguments)
    assert len(trials) == 2, "in float32 and in bfloat16"
    (choice,) = json.loads(paths.compute_choices_file().read_text("utf-8")).values()
    assert choice["threads"] == 1
    assert choice["seconds_a_token"] > 0
    again = run("ask", "--model", pretrained, *arguments)
    assert len(trials) == 2
    assert json.loads(again.out)["tokens"] == json.loads(first.out)["tokens"]
    other = shutil.copytree(pretrained, tmp_path / "other")
    run("ask", "--model", other, *arguments)
    assert len(trials) == 4, "another model is another matter"
    paths.compute_choices_file().write_text("damaged")
    assert run("ask", "--model", pretrained, *arguments).code == 0
    assert len(trials) == 6
    assert len(json.loads(paths.compute_choices_file().read_text("utf-8"))) == 1


def test_a_setting_by_hand_is_not_remembered(run: Any, pretrained: Path, photos: Path) -> None:
    run("ask", "--model", pretrained, "-i", photos / "grey.png", "--max-tokens", "3", "--threads", "1")
    run("ask", "--model", pretrained, "-i", photos / "grey.png", "--max-tokens", "3", "--precision", "float32")
    assert not paths.compute_choices_file().exists()


def test_why_a_model_is_not_on_the_gpu_is_said(
    run: Any, pretrained: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.setattr(loading, "choose_device", lambda name: torch.device("meta"))  # computes nothing
    done = run("ask", "--model", pretrained, "-i", photos / "grey.png", *SHORT)
    assert done.code == 0
    assert done.err.count("smolvlm answers on the CPU, because it can't be used on the GPU (meta)") == 1


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Ctrl+C in the middle of the third token."""
    steps: list[int] = []
    own = decoding_run.DecodingRun.next_logits

    def step(*arguments: Any, **named: Any) -> Any:
        steps.append(1)
        if len(steps) == 3:
            signal.raise_signal(signal.SIGINT)
        return own(*arguments, **named)

    monkeypatch.setattr(decoding_run.DecodingRun, "next_logits", step)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield steps
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_ends_an_answer_within_a_token(
    run: Any, pretrained: Path, photos: Path, monkeypatch: pytest.MonkeyPatch, interrupted: list[int]
) -> None:
    # Loading makes tokens of its own.
    load = PretrainedSession.load.__func__  # type: ignore[attr-defined]
    monkeypatch.setattr(
        PretrainedSession, "load", classmethod(lambda cls, *a, **k: (load(cls, *a, **k), interrupted.clear())[0])
    )
    original = loading.check_model
    monkeypatch.setattr(loading, "check_model", lambda parts: (interrupted.append(0), original(parts))[1])
    arguments = ("ask", "--model", pretrained, "-i", photos / "grey.png", *FAST, "--max-tokens", "50")
    done = run(*arguments, "--json")
    assert done.code == 130
    assert done.err == "Stopped."
    answer = json.loads(done.out)
    assert answer["finish"] == "stopped"
    assert len(answer["tokens"]) == 2


def test_ctrl_c_in_a_folder_keeps_the_answers_that_are_done(
    run: Any, pretrained: Path, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, out, asked = PretrainedSession.answer, tmp_path / "answers.csv", list[str]()

    def answer(session: PretrainedSession, request: Any, **named: Any) -> Any:
        asked.append(request.image.name)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return own(session, request, **named)

    monkeypatch.setattr(PretrainedSession, "answer", answer)
    done = run("ask", "--model", pretrained, "-i", photos, "--out", out, *SHORT)
    assert (done.code, done.err) == (130, f"Stopped. The answers so far are in {out}.")
    (row,) = csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines())
    assert Path(row["image"]).name == asked[0]
    compared = run("ask", "--model", pretrained, "-i", photos / "grey.png", "--compare", *SHORT)
    assert compared.code == 0
    asked[:] = ["once"]
    compared = run("ask", "--model", pretrained, "-i", photos / "grey.png", "--compare", *SHORT)
    assert (compared.code, compared.out, compared.err) == (130, "", "Stopped.")


def test_the_heads_of_a_large_model_are_a_bar_a_layer() -> None:
    mass = np.zeros((32, 32), np.float32)
    mass[5], mass[31, :4] = 0.99, 0.5
    gate = np.zeros((32, 32), np.float32)
    gate[:, :16] = 1
    tokens = [CellToken(index, 7, text, 0.5, mass, gate, np.zeros((32, 4), np.float16)) for index, text in enumerate(" á.")]
    shown = io.StringIO()
    print_explanation(Console(file=shown, width=80), [*tokens, replace(tokens[0], text="")])
    lines = shown.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    bars = "▁" * 5 + "█" + "▁" * 25 + "▂"
    assert [bars in line for line in lines].count(True) == 4
    assert [line.split()[0] for line in lines if bars in line] == ["…", "á", ".", "(end)"]


def test_a_choice_that_no_longer_fits_into_memory_is_measured_again(
    run: Any, pretrained: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.pretrained.loading.model_folder import inspect_folder
    from core.pretrained.loading.remembered_choices import RememberedChoices
    from core.pretrained.loading.speed_trial import ComputeChoice

    folder, choices = inspect_folder(pretrained), RememberedChoices(paths.compute_choices_file())
    choices.keep(folder, ComputeChoice("cpu", "float32", 1, 0.5))
    own = loading.check_memory

    def check(folder: Any, *, precision: str) -> Any:
        return own(folder, precision=precision, available=None if precision == "bfloat16" else 0)

    monkeypatch.setattr(loading, "check_memory", check)
    monkeypatch.setattr(loading, "multiplies_bfloat16", lambda _device: True)
    assert run("ask", "--model", pretrained, "-i", photos / "grey.png", "--max-tokens", "3").code == 0
    found = choices.find(folder)
    assert found is not None
    assert found.precision == "bfloat16"


def test_the_starter_model_answers_without_the_library(photos: Path, tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from spinvlm_desktop.commands.command_line import main\n"
        f"sys.argv = ['spinvlm', 'ask', '-i', {str(photos / 'grey.png')!r}, '--max-tokens', '2']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        "import spinvlm_desktop.startup.main_window\n"
        "assert 'transformers' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, env={**os.environ})
