"""Settings of a session, and the model that it is made from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.answers import AnswerRequest
from core.config import ModelConfig
from core.errors import ConfigError, ModelFileError
from core.files.checkpoint import ModelFile, PrecisionName, load_model, save_model
from core.session import ModelSession
from tests.core.session.asking import SPIN, token_ids


def test_the_session_describes_its_model(session: ModelSession, model_path: Path) -> None:
    description = session.describe()
    assert (description.name, description.path) == ("tiny", model_path)
    assert (description.device, description.precision) == ("cpu", "float32")
    assert description.metrics == {"exact_match": 0.5}
    assert description.recipe == {"seed": 3}
    assert isinstance(description.config, ModelConfig)
    assert 5_000_000 < description.parameters < 6_000_000
    assert description.threads == torch.get_num_threads()


def test_a_bfloat16_session_answers_and_suppresses(model_path: Path, request_: AnswerRequest) -> None:
    session = ModelSession.load(model_path, device="cpu", precision="bfloat16")
    answer = session.answer(replace(request_, spin=SPIN))
    assert session.describe().precision == "bfloat16"
    assert answer.tokens
    assert all((token.head_gate.sum(-1) == 1).all() for token in answer.tokens)


def test_the_thread_count_is_a_setting(model_path: Path) -> None:
    assert ModelSession.load(model_path, device="cpu", threads=2).describe().threads == 2


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"device": "tpu"}, "device must be one of"),
        ({"precision": "float8"}, "precision must be one of"),
        ({"threads": 0}, "threads must be at least 1"),
        ({"cache_images": 0}, "cache_images must be at least 1"),
    ],
)
def test_a_setting_that_cannot_be_had_is_refused(model_path: Path, settings: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        ModelSession.load(model_path, **settings)  # pyright: ignore[reportArgumentType]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA GPU")
def test_a_gpu_that_is_not_there_is_refused_and_auto_takes_the_cpu(model_path: Path) -> None:
    with pytest.raises(ConfigError, match="no CUDA GPU"):
        ModelSession.load(model_path, device="cuda")
    assert ModelSession.load(model_path, device="auto").describe().device == "cpu"


def test_a_missing_model_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError):
        ModelSession.load(tmp_path / "none.safetensors")


def test_another_model_than_the_one_that_is_wanted_is_refused(model_path: Path, loaded: ModelFile) -> None:
    assert ModelSession.load(model_path, content_hash=loaded.content_hash)
    with pytest.raises(ModelFileError, match="another model"):
        ModelSession.load(model_path, content_hash="0" * 64)


@pytest.mark.parametrize("saved", ["float16", "float32"])
@pytest.mark.parametrize("precision", [torch.bfloat16, torch.float32, torch.float64])
def test_a_session_leaves_its_callers_model_and_its_content_hash_as_they_are(
    loaded: ModelFile, tmp_path: Path, request_: AnswerRequest, saved: PrecisionName, precision: torch.dtype
) -> None:
    path = tmp_path / "model.safetensors"
    save_model(path, loaded.model, loaded.tokenizer, metrics={}, recipe={}, precision=saved)
    file = load_model(path)
    untouched = replace(file).content_hash  # of a copy: a file's own, once asked for, is kept
    before = {name: tensor.clone() for name, tensor in file.model.state_dict().items()}
    session = ModelSession(file, device=torch.device("cpu"), precision=precision)
    session.answer(replace(request_, spin=SPIN))
    assert session.describe().precision == str(precision).removeprefix("torch.")
    assert all(
        tensor.dtype == before[name].dtype and torch.equal(tensor, before[name])
        for name, tensor in file.model.state_dict().items()
    )
    assert file.content_hash == untouched


def test_a_session_of_a_model_that_is_being_trained_answers_without_dropout_and_lets_it_train_on(
    session: ModelSession, model_path: Path, request_: AnswerRequest
) -> None:
    file, expected = load_model(model_path), session.answer(request_)
    file.model.train()
    answer = ModelSession(file, device=torch.device("cpu")).answer(request_)
    assert file.model.training
    assert token_ids(answer) == token_ids(expected)
