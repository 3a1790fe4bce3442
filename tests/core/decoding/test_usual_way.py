"""How answers are made where nobody says how."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from core.answers import Answer, AnswerRequest
from core.config import GREEDY, GenerationConfig, SpinConfig
from core.decoding.doubtful_colours import doubtful_colours
from core.decoding.usual_way import LEAST_TOKENS, REPEATED, describing
from core.files.bundled_models import starter_model_path
from core.files.checkpoint import load_model
from core.images.feature_cache import FeatureCache
from core.images.photo_encoder import PhotoEncoder
from core.model.head_settings import HeadSettings
from core.session import ModelSession
from training.evaluation.sweep.answering import answer_questions

DESCRIBE = "Describe the image."


def photo(seed: int) -> bytes:
    """Coloured blots, as the bytes of a PNG file."""
    noise = np.random.default_rng(seed).integers(0, 256, (5, 5, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).resize((96, 96)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def session() -> ModelSession:
    return ModelSession.load(device="cpu", threads=1)


@pytest.fixture(scope="module")
def described(session: ModelSession) -> list[Answer]:
    return [session.answer(AnswerRequest(photo(seed), DESCRIBE)) for seed in range(3)]


def test_a_folder_of_photos_is_described_as_each_photo_alone(session: ModelSession, described: list[Answer]) -> None:
    together = list(session.answer_many([photo(seed) for seed in range(3)], "what is in this picture?"))
    assert [answer.text for _, answer in together if isinstance(answer, Answer)] == [answer.text for answer in described]


def test_a_description_is_measured_as_it_is_shown(described: list[Answer]) -> None:
    file = load_model(starter_model_path())
    found = PhotoEncoder(file.model, cache=FeatureCache(3)).encode([photo(seed) for seed in range(3)])
    features = torch.stack([each for each in found if isinstance(each, torch.Tensor)])
    said = answer_questions(
        file.model, file.tokenizer, features, [[DESCRIBE]] * 3, intervention=None, generation=GenerationConfig(),
        progress=lambda _done, _total: None,
    )
    assert [text for (text,) in said] == [answer.text for answer in described]


def test_a_greedy_description_is_another_one_where_that_is_asked_for(session: ModelSession, described: list[Answer]) -> None:
    greedy = [session.answer(AnswerRequest(photo(seed), DESCRIBE, generation=GREEDY)) for seed in range(3)]
    assert [answer.text for answer in greedy] != [answer.text for answer in described]
    assert all(answer.certainty is None for answer in greedy)
    assert all(answer.certainty is not None for answer in described if answer.finish == "end")


def test_a_description_is_long_enough_for_a_sentence(session: ModelSession, described: list[Answer]) -> None:
    assert all(len(answer.tokens) > LEAST_TOKENS for answer in described if answer.finish == "end")
    whether = session.answer(AnswerRequest(photo(0), "Is there a dog?"))
    assert len(whether.tokens) == 2, "a short answer and its end stay short"


def test_every_word_of_a_description_has_its_own_heads(session: ModelSession) -> None:
    spin = SpinConfig(keep=2)
    answer = session.answer(AnswerRequest(photo(0), DESCRIBE, spin=spin))
    for token in answer.tokens:
        kept = token.head_gate.sum(-1)
        assert (kept == 2).all()
        assert (token.image_mass[token.head_gate == 1].min() >= 0).all()
    alone = session.answer(AnswerRequest(photo(0), DESCRIBE, spin=spin, generation=replace(GREEDY, max_tokens=1)))
    same = answer.tokens[0].token_id == alone.tokens[0].token_id
    assert not same or np.allclose(answer.tokens[0].image_mass, alone.tokens[0].image_mass, atol=1e-5)


def test_a_description_names_no_doubtful_color_and_goes_round_in_no_circle() -> None:
    tokenizer = load_model(starter_model_path()).tokenizer
    asked = describing(tokenizer, GenerationConfig(), HeadSettings())
    assert (asked.generation.no_repeat_ngram, asked.colours) == (REPEATED, doubtful_colours(tokenizer))
    own = describing(tokenizer, GenerationConfig(no_repeat_ngram=2), HeadSettings())
    assert own.generation.no_repeat_ngram == 2, "who wants another length gets it"
