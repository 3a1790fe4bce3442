"""Class questions in a loaded model: found by what is asked, answered by their head, kept in a file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.answers import AnswerRequest, PatchToken
from core.certainty import CertaintyCurve
from core.classes.class_file import read_class_question, write_class_question
from core.classes.class_question import ClassHead, ClassQuestion, ClassSummary, HeldOutPhoto
from core.classes.class_results import results_of, wilson_interval
from core.classes.class_summary import SUFFIX, read_summary
from core.config import SpinConfig
from core.errors import ImageError, ModelFileError
from core.files.checkpoint import ModelFile, load_model, save_model
from core.model.vlm import VisionLanguageModel
from core.session import ModelSession
from core.text.prompt import tokenizer_texts
from core.text.tokenizer import Tokenizer

QUESTION = "Which of my balls is it?"
SURE = CertaintyCurve((-2.0, 0.0), (0.4, 0.95), 40)


def picture(red: int, blue: int, *, seed: int = 0) -> bytes:
    """Noise around a colour, as the bytes of a PNG file."""
    noise = np.random.default_rng(seed).integers(-40, 40, (8, 8, 3))
    buffer = io.BytesIO()
    Image.fromarray((np.array([red, 60, blue]) + noise).clip(0, 255).astype(np.uint8)).resize((40, 40)).save(buffer, "PNG")
    return buffer.getvalue()


REDS, BLUES = ([picture(210, 20, seed=n) for n in range(4)], [picture(20, 210, seed=n) for n in range(4)])
RED, BLUE = picture(200, 25, seed=9), picture(25, 200, seed=9)


@pytest.fixture(scope="module")
def file(model: VisionLanguageModel, tmp_path_factory: pytest.TempPathFactory) -> ModelFile:
    tokenizer = Tokenizer.train_bpe(list(tokenizer_texts(questions=[QUESTION], answers=["a red ball"])), vocabulary_size=280)
    config = replace(model.config, vocabulary_size=tokenizer.vocabulary_size, max_question_tokens=64)
    with torch.random.fork_rng(devices=[]):
        torch.random.manual_seed(3)
        wide = VisionLanguageModel(config)
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    save_model(path, wide, tokenizer, metrics={}, recipe={})
    return load_model(path)


def learnt_by(file: ModelFile, *, names: Sequence[str] = ("red", "blue"), least_fit: float = -np.inf) -> ClassQuestion:
    """Told apart by the way from the middle of the blue ones to that of the red ones."""
    session = ModelSession(file, device=torch.device("cpu"))
    means = [np.stack(list(map(np.asarray, session.classes.mean_features(photos)))).mean(0) for photos in (REDS, BLUES)]
    way = (means[0] - means[1]) / np.linalg.norm(means[0] - means[1]) ** 2
    unit = way / np.linalg.norm(way)
    head = ClassHead(
        (means[0] + means[1]) / 2, np.stack([way, -way], axis=1), np.zeros(2, np.float32), np.stack([unit, -unit], axis=1),
        0.2, least_fit, SURE,
    )
    summary = ClassSummary(
        QUESTION, tuple(names), session.classes.fingerprint, "tiny", (HeldOutPhoto("a.png", 0, 0, 0.9),), "2026", 1
    )
    return ClassQuestion(summary, head)


@pytest.fixture
def folder(tmp_path: Path, file: ModelFile) -> Path:
    write_class_question(tmp_path / "balls" / f"learnt{SUFFIX}", learnt_by(file))
    return tmp_path


@pytest.fixture
def session(file: ModelFile, folder: Path) -> ModelSession:
    return ModelSession(file, device=torch.device("cpu"), classes=folder)


def test_the_question_and_its_paraphrases_are_answered_with_a_class(session: ModelSession) -> None:
    for question in (QUESTION, "what kind of ball is this"):
        for photo, name in ((RED, "red"), (BLUE, "blue")):
            answer = session.answer(AnswerRequest(photo, question))
            assert (answer.text, answer.finish, answer.asked, answer.question) == (name, "end", QUESTION, question)
            assert answer.certainty is not None
            assert answer.certainty > 0.9
            assert answer.class_shares[0][0] == name
            assert sum(share for _, share in answer.class_shares) == pytest.approx(1)


def test_its_token_has_one_map_of_the_evidence(session: ModelSession) -> None:
    (token,) = session.stream_answer(AnswerRequest(RED, QUESTION, request_id=7))
    assert isinstance(token, PatchToken)
    side = session.describe().shape.grid_side
    assert token.patch_attention.shape == (1, 1, side, side)
    assert float(token.patch_attention.sum()) == pytest.approx(1, abs=1e-5)
    assert token.request_id == 7


def test_other_questions_and_free_ones_go_to_the_decoder(session: ModelSession, file: ModelFile) -> None:
    plain = ModelSession(file, device=torch.device("cpu"))
    for request in (AnswerRequest(RED, "Where is the ball?"), AnswerRequest(RED, QUESTION, free_form=True)):
        assert session.answer(request).text == plain.answer(request).text
        assert not session.answer(request).class_shares


def test_head_suppression_changes_nothing_and_a_comparison_has_the_same_answer_twice(session: ModelSession) -> None:
    comparison = session.compare(AnswerRequest(BLUE, QUESTION, spin=SpinConfig(keep=1)))
    assert comparison.baseline.text == comparison.spin.text == "blue"
    assert comparison.divergence is None


def test_many_photos_come_in_order_with_an_unreadable_one_among_them(session: ModelSession) -> None:
    answers = [result for _, result in session.answer_many([RED, b"no photo", BLUE, RED], "Which ball is it?", batch_size=2)]
    assert isinstance(answers[1], ImageError)
    assert [getattr(answer, "text", None) for answer in answers] == ["red", None, "blue", "red"]


def test_a_photo_unlike_every_class_is_declined_with_a_guess(file: ModelFile, tmp_path: Path) -> None:
    write_class_question(tmp_path / "balls" / f"learnt{SUFFIX}", learnt_by(file, least_fit=1.1))
    session = ModelSession(file, device=torch.device("cpu"), classes=tmp_path)
    stream = session.stream_answer(AnswerRequest(RED, QUESTION))
    assert list(stream) == []
    answer = stream.answer()
    assert answer.declined is not None
    assert (answer.declined.kind, answer.text, answer.certainty) == ("no_class", "red", None)


def test_what_looks_like_none_of_them_is_declined(file: ModelFile, tmp_path: Path) -> None:
    write_class_question(tmp_path / "balls" / f"learnt{SUFFIX}", learnt_by(file, names=("red", "None of them")))
    session = ModelSession(file, device=torch.device("cpu"), classes=tmp_path)
    declined = session.answer(AnswerRequest(BLUE, QUESTION)).declined
    assert declined is not None
    assert declined.kind == "no_class"
    assert session.answer(AnswerRequest(RED, QUESTION)).declined is None


def test_another_encoder_says_that_it_must_be_learnt_again(file: ModelFile, folder: Path) -> None:
    learnt = learnt_by(file)
    other = replace(learnt, summary=replace(learnt.summary, encoder="another"))
    write_class_question(folder / "balls" / f"learnt{SUFFIX}", other)
    session = ModelSession(file, device=torch.device("cpu"), classes=folder)
    answer = session.answer(AnswerRequest(RED, QUESTION))
    assert answer.declined is not None
    assert answer.declined.kind == "other_model"
    assert "tiny" in answer.text


def test_what_is_learnt_or_forgotten_meanwhile_counts(session: ModelSession, folder: Path, file: ModelFile) -> None:
    assert session.answer(AnswerRequest(RED, QUESTION)).text == "red"
    write_class_question(folder / "balls" / f"learnt{SUFFIX}", learnt_by(file, names=("crimson", "navy")))
    assert session.answer(AnswerRequest(RED, QUESTION)).text == "crimson"
    (folder / "balls" / f"learnt{SUFFIX}").unlink()
    assert not session.answer(AnswerRequest(RED, QUESTION)).class_shares


def test_a_stopped_answer_reads_no_photo(session: ModelSession) -> None:
    assert session.answer(AnswerRequest(b"no photo", QUESTION), should_stop=lambda: True).finish == "stopped"
    with pytest.raises(ImageError):
        session.answer(AnswerRequest(b"no photo", QUESTION))


def test_a_file_keeps_everything(file: ModelFile, tmp_path: Path) -> None:
    learnt = learnt_by(file, least_fit=0.25)
    write_class_question(tmp_path / "a", learnt)
    again = read_class_question(tmp_path / "a")
    assert again.summary == learnt.summary == read_summary(tmp_path / "a")
    assert (again.head.temperature, again.head.least_fit, again.head.curve) == (0.2, 0.25, SURE)
    np.testing.assert_array_equal(again.head.weights, learnt.head.weights)


def test_a_damaged_file_is_one_sentence_and_leaves_other_questions_alone(session: ModelSession, folder: Path) -> None:
    broken = folder / "other" / f"learnt{SUFFIX}"
    broken.parent.mkdir()
    broken.write_bytes((folder / "balls" / f"learnt{SUFFIX}").read_bytes()[:-9])
    with pytest.raises(ModelFileError, match="cut off"):
        read_class_question(broken)
    assert session.answer(AnswerRequest(RED, QUESTION)).text == "red"


def test_intervals_stay_within_bounds_and_narrow_with_more_photos() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)
    assert wilson_interval(45, 45)[1] == pytest.approx(1)
    assert wilson_interval(45, 45)[0] == pytest.approx(0.921, abs=0.002)
    widths = [wilson_interval(n, 2 * n) for n in (5, 50, 500)]
    assert [high - low for low, high in widths] == sorted((high - low for low, high in widths), reverse=True)


def test_chance_is_what_the_largest_class_gives(file: ModelFile) -> None:
    photos = tuple(HeldOutPhoto(f"{n}.png", int(n > 6), 0, None) for n in range(10))
    results = results_of(replace(learnt_by(file).summary, photos=photos))
    assert (results.right, results.total, results.chance, results.is_above_chance) == (7, 10, 0.7, False)
