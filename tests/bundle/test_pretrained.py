"""Pretrained models in the bundle, which carries a part of their library only."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from core.answers import AnswerRequest
from core.config import GenerationConfig
from tests.spinvlm_desktop.pretrained_folders import saved

QUESTION, LENGTH = "Is it red?", 4
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize(("family", "tokenizer"), [("qwen2_vl", "Qwen2Tokenizer"), ("gemma3", "GemmaTokenizer")])
def test_it_answers_as_the_source_does(
    family: str, tokenizer: str, run: Run, photo: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = saved(family, tmp_path_factory)
    named = folder / "tokenizer_config.json"  # real folders name a class, which the library looks for among its models
    named.write_text(json.dumps({**json.loads(named.read_text("utf-8")), "tokenizer_class": tokenizer}), "utf-8")
    options = ("--max-tokens", str(LENGTH), "--threads", "1", "--precision", "float32", "--device", "cpu")
    done = run("ask", "--model", folder, "--image", photo, "--prompt", QUESTION, "--json", *options)
    assert done.returncode == 0, done.stderr

    from core.pretrained.session import PretrainedSession

    session = PretrainedSession.load(folder, device="cpu", threads=1, precision="float32")
    expected = session.answer(AnswerRequest(photo, QUESTION, generation=GenerationConfig(max_tokens=LENGTH)))
    reported = json.loads(done.stdout)
    assert reported["answer"] == expected.text
    probabilities = [token.probability for token in expected.tokens]
    assert [token["probability"] for token in reported["tokens"]] == pytest.approx(probabilities, rel=1e-3)


def test_models_to_get_are_listed_without_a_network(run: Run) -> None:
    done = run("models", "list", "--json")
    assert done.returncode == 0, done.stderr
    assert any(row["name"] == "HuggingFaceTB/SmolVLM-256M-Instruct" for row in json.loads(done.stdout)["models"])


def test_a_download_gets_as_far_as_the_hub(run: Run, tmp_path: Path) -> None:
    """Everything that a download needs is inside: what is reported is that nobody listens there."""
    from bundle.smoke_test import bare_environment

    environment = {**bare_environment(tmp_path / "home"), "HF_ENDPOINT": "http://127.0.0.1:9"}
    environment.pop("HF_HUB_OFFLINE", None)
    done = run("models", "get", "org/tiny", environment=environment)
    assert done.returncode == 1
    assert "can't be reached" in done.stderr, done.stderr
