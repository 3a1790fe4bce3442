"""A session with a tiny model file, and a question for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from core.answers import AnswerRequest
from core.files.checkpoint import ModelFile, load_model, save_model
from core.model.vlm import VisionLanguageModel
from core.session import ModelSession
from core.text.prompt import tokenizer_texts
from core.text.tokenizer import Tokenizer
from tests.core.session.asking import QUESTION, SHORT, photo


@pytest.fixture(scope="session")
def model_path(model: VisionLanguageModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file with the tiny model's weights, and a byte-level vocabulary around them."""
    texts = list(tokenizer_texts(questions=[QUESTION] * 9, answers=["A man in a red shirt rides a horse."] * 9))
    tokenizer = Tokenizer.train_bpe(texts, vocabulary_size=300)
    config = replace(model.config, vocabulary_size=tokenizer.vocabulary_size, max_question_tokens=32)
    with torch.random.fork_rng(devices=[]):
        torch.random.manual_seed(3)
        wide = VisionLanguageModel(config).requires_grad_(False)
        nn.init.normal_(wide.token_embedding.weight, std=0.25)
    of_another_shape = ("token_embedding.weight", "question_position")
    weights = {name: tensor for name, tensor in model.state_dict().items() if name not in of_another_shape}
    wide.load_state_dict(weights, strict=False)
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    save_model(path, wide, tokenizer, metrics={"exact_match": 0.5}, recipe={"seed": 3}, precision="float32")
    return path


@pytest.fixture(scope="session")
def loaded(model_path: Path) -> ModelFile:
    """Shared by all tests: none may change it."""
    return load_model(model_path)


@pytest.fixture
def session(loaded: ModelFile) -> ModelSession:
    """A session of its own for each test; only the weights are shared."""
    return ModelSession(loaded, device=torch.device("cpu"), cache_images=2)


@pytest.fixture
def request_(session: ModelSession) -> AnswerRequest:
    return AnswerRequest(photo(0), QUESTION, generation=SHORT, request_id=7)


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many photos each call of the encoder got."""
    sizes: list[int] = []
    original = VisionLanguageModel.encode_image

    def counted(self: VisionLanguageModel, pixels: Tensor) -> Tensor:
        sizes.append(len(pixels))
        return original(self, pixels)

    monkeypatch.setattr(VisionLanguageModel, "encode_image", counted)
    return sizes
