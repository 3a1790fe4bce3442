"""The one entry for the window and the command line, with a tiny model file and generated photos."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from core.answers import Answer, AnswerRequest, AnswerToken, PreviousTurn
from core.certainty import DECLINED_BELOW, DIGITS, POOLED, CertaintyCurve, MeasuredCertainty
from core.config import GenerationConfig, ModelConfig, SpinConfig
from core.errors import ConfigError, ImageError, ModelFileError, QuestionError
from core.files.checkpoint import ModelFile, PrecisionName, load_model, save_model
from core.model.vlm import VisionLanguageModel
from core.session import ModelSession
from core.text.prompt import tokenizer_texts
from core.text.question_kinds.answer_form import COLOURS, NUMBERS
from core.text.tokenizer import Tokenizer

QUESTION = "What is the man doing?"
SPIN = SpinConfig(keep=1, alpha=0.0)
SHORT = GenerationConfig(max_tokens=8)


def photo(seed: int, *, size: tuple[int, int] = (50, 40)) -> bytes:
    """A photo of coloured noise, as the bytes of a PNG file."""
    noise = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).resize(size).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
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


@pytest.fixture(scope="module")
def loaded(model_path: Path) -> ModelFile:
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


def token_ids(answer: Answer) -> list[int]:
    return [token.token_id for token in answer.tokens]


def test_a_question_about_a_photo_gets_a_streamed_answer(session: ModelSession, request_: AnswerRequest) -> None:
    stream = session.stream_answer(request_)
    tokens = list(stream)
    answer = stream.answer()
    assert [token.index for token in tokens] == list(range(len(tokens)))
    assert all(token.request_id == 7 for token in tokens)
    assert answer.tokens == tuple(tokens)
    assert answer.text == "".join(token.text for token in tokens) != ""
    assert answer.finish == "length"
    assert answer.question == QUESTION
    assert answer.seconds > 0
    assert answer.log_probability == pytest.approx(sum(np.log(token.probability) for token in tokens), rel=1e-5)


def test_every_token_carries_what_the_heads_did(session: ModelSession, request_: AnswerRequest) -> None:
    for token in session.answer(replace(request_, spin=SPIN)).tokens:
        assert token.image_mass.shape == token.head_gate.shape == token.class_attention.shape == (3, 4)
        assert token.patch_attention.shape == (3, 4, 2, 2)
        arrays = (token.image_mass, token.head_gate, token.patch_attention, token.class_attention)
        assert all(array.dtype == np.float32 for array in arrays)
        on_image = token.patch_attention.sum((-1, -2)) + token.class_attention
        np.testing.assert_allclose(on_image, token.image_mass, atol=1e-6)
        assert (token.head_gate.sum(-1) == 1).all()
        assert (token.image_mass.argmax(-1) == token.head_gate.argmax(-1)).all()
        assert 0 < token.probability <= 1


def test_a_path_and_the_files_bytes_give_the_same_answer(
    session: ModelSession, request_: AnswerRequest, tmp_path: Path
) -> None:
    path = tmp_path / "Füße 🐎.png"
    path.write_bytes(photo(0))
    assert token_ids(session.answer(replace(request_, image=path))) == token_ids(session.answer(request_))


def test_a_photo_is_encoded_once_for_many_questions(
    session: ModelSession, request_: AnswerRequest, encoded: list[int]
) -> None:
    for question in ("What is this?", "Who is there?", "What is this?"):
        session.answer(replace(request_, question=question))
    assert encoded == [1]


def test_the_photos_used_last_stay_encoded(session: ModelSession, request_: AnswerRequest, encoded: list[int]) -> None:
    for seed in (0, 1, 0, 2, 0, 1):  # room for two: 2 displaces 1, not 0
        session.answer(replace(request_, image=photo(seed)))
    assert encoded == [1] * 4


def test_a_file_that_changes_under_its_name_is_encoded_again(
    session: ModelSession, request_: AnswerRequest, tmp_path: Path, encoded: list[int]
) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(photo(0))
    first = session.answer(replace(request_, image=path))
    path.write_bytes(photo(1))
    second = session.answer(replace(request_, image=path))
    assert len(encoded) == 2
    assert not np.array_equal(first.tokens[0].image_mass, second.tokens[0].image_mass)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"question": "  "}, QuestionError),
        ({"question": "why " * 400}, QuestionError),
        ({"spin": SpinConfig(keep=5)}, ConfigError),
        ({"spin": SpinConfig(first_layer=3)}, ConfigError),
        ({"ablated_heads": frozenset({(3, 0)})}, ConfigError),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_before_the_photo_is_looked_at(
    session: ModelSession, request_: AnswerRequest, changes: dict[str, object], error: type[Exception],
    encoded: list[int],
) -> None:
    bad = replace(request_, image=Path("no such file.jpg"), **changes)  # pyright: ignore[reportArgumentType]
    with pytest.raises(error):
        session.stream_answer(bad)
    with pytest.raises(error):
        session.answer_many([bad.image], bad.question, spin=bad.spin, ablated_heads=bad.ablated_heads)
    assert encoded == []


DECLINED = {
    "What does the sign say?": "text", "hello": "greeting", "Was ist auf dem Bild?": "language", "how old is he?": "age",
    "?!": "empty", "what color is it?": "follow_up",
}


@pytest.mark.parametrize("question", DECLINED)
def test_what_cannot_be_known_is_declined_and_the_model_never_runs(
    session: ModelSession, request_: AnswerRequest, question: str, encoded: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("the model was asked")

    monkeypatch.setattr(VisionLanguageModel, "decode", never)
    asked = replace(request_, image=Path("no such file.jpg"), question=question, spin=SPIN)
    stream = session.stream_answer(asked)
    assert list(stream) == []
    answer = stream.answer()
    assert answer.declined is not None
    assert (answer.question, answer.declined.kind) == (question, DECLINED[question])
    assert (answer.text, answer.tokens, answer.finish, answer.asked) == (answer.declined.sentence, (), "end", "")
    assert answer.declined.suggestions
    comparison = session.compare(asked)
    assert (comparison.baseline, comparison.spin, comparison.divergence) == (answer, answer, None)
    assert list(session.answer_many([b"x", b"y"], question)) == [(b"x", answer), (b"y", answer)]
    assert list(session.answer_many([b"x"], question, should_stop=lambda: True)) == []
    assert encoded == []


@pytest.mark.parametrize(("question", "answers"), [
    ("Is there a dog?", {"yes", "no"}), ("is it red or blue", {"red", "blue"}),
    ("How many people are there?", {*NUMBERS}),
    ("What colour is the car?", {*COLOURS, *(f"{one} and {other}" for one in COLOURS for other in COLOURS if one != other)}),
])
@pytest.mark.parametrize("generation", [SHORT, GenerationConfig("sampling", seed=1, max_tokens=1), GenerationConfig("beam")])
def test_an_answer_has_the_form_that_was_asked_for(
    session: ModelSession, request_: AnswerRequest, question: str, answers: set[str], generation: GenerationConfig
) -> None:
    for spin in (None, SPIN):
        for seed in range(2):
            request = replace(request_, image=photo(seed), question=question, generation=generation, spin=spin)
            answer = session.answer(request)
            assert answer.text.strip() in answers
            assert answer.finish == "end"
            assert answer.log_probability == pytest.approx(sum(np.log(token.probability) for token in answer.tokens), rel=1e-4)
            assert all((token.head_gate.sum(-1) == (4 if spin is None else 1)).all() for token in answer.tokens)
            ((_, together),) = session.answer_many([photo(seed)], question, generation=generation, spin=spin)
            assert isinstance(together, Answer)
            assert token_ids(together) == token_ids(answer)


def test_the_model_is_asked_in_plain_words_and_the_answer_keeps_what_was_typed(
    session: ModelSession, request_: AnswerRequest
) -> None:
    answer = session.answer(replace(request_, question="whats teh man doing pls"))
    assert (answer.question, answer.asked) == ("whats teh man doing pls", QUESTION)
    assert token_ids(answer) == token_ids(session.answer(request_))
    assert answer.certainty is None, "it was never measured"
    assert not answer.is_sentence
    assert session.answer(replace(request_, question="whats in teh photo")).is_sentence


def with_certainty(file: ModelFile, share: float, *, spin: SpinConfig | None = None) -> ModelSession:
    """A session that takes every answer to be right so often."""
    curves = {name: CertaintyCurve((0.0,), (share,), 100) for name in (POOLED, "yes_no: yes", "yes_no: no")}
    measured = MeasuredCertainty(("dogs",), 10, 100, curves, spin)
    info = replace(file.info, calibration={"certainty": measured.to_dict()})
    return ModelSession(replace(file, info=info), device=torch.device("cpu"), cache_images=2)


def test_a_measured_certainty_comes_with_every_answer_that_is_made_as_those_it_was_measured_on(
    loaded: ModelFile, request_: AnswerRequest
) -> None:
    session, asked = with_certainty(loaded, 0.75), replace(request_, question="Is there a dog?")
    assert session.answer(asked).certainty == 0.75
    ((_, together),) = session.answer_many([asked.image], asked.question, generation=SHORT)
    assert isinstance(together, Answer)
    assert together.certainty == 0.75
    for changed in (
        replace(asked, spin=SPIN), replace(asked, ablated_heads=frozenset({(0, 1)})), replace(asked, free_form=True),
        replace(asked, generation=GenerationConfig("sampling", seed=1)),
        replace(asked, generation=GenerationConfig(repetition_penalty=1.5)),
    ):
        assert session.answer(changed).certainty is None
    under_spin = with_certainty(loaded, 0.75, spin=SPIN)
    assert (under_spin.answer(replace(asked, spin=SPIN)).certainty, under_spin.answer(asked).certainty) == (0.75, None)


def test_an_answer_that_is_too_uncertain_is_a_guess_that_nobody_sees_unasked(
    loaded: ModelFile, request_: AnswerRequest
) -> None:
    asked = replace(request_, question="Is there a dog?")
    plain = ModelSession(loaded, device=torch.device("cpu")).answer(asked)
    stream = with_certainty(loaded, DECLINED_BELOW - 0.01).stream_answer(asked)
    assert list(stream) == []
    guess, least = stream.answer(), round(DECLINED_BELOW - 0.01, DIGITS)
    assert guess.declined is not None
    assert guess.declined.has_guess
    assert (guess.text, token_ids(guess), guess.certainty) == (plain.text, token_ids(plain), least)
    given = with_certainty(loaded, DECLINED_BELOW).stream_answer(asked)
    assert [token.token_id for token in given] == token_ids(plain)
    assert given.answer().declined is None


def test_free_answers_are_never_held_back_and_a_cut_answer_has_no_certainty(
    loaded: ModelFile, request_: AnswerRequest
) -> None:
    session = with_certainty(loaded, 0.1)
    for question in ("Describe the image.", QUESTION):
        answer = session.answer(replace(request_, question=question))
        assert answer.finish == "length"
        assert (answer.certainty, answer.declined) == (None, None)


def test_a_follow_up_is_about_what_was_named_before(session: ModelSession, request_: AnswerRequest) -> None:
    follow_up = replace(request_, question="what colour is it?", earlier=(PreviousTurn("What is on the table?", "a cup"),))
    answer = session.answer(follow_up)
    assert (answer.question, answer.asked) == ("what colour is it?", "What color is the cup?")
    then = replace(request_, question="and the plate?", earlier=(PreviousTurn(answer.asked, answer.text.strip()),))
    assert session.answer(then).asked == "What color is the plate?"
    assert session.answer(replace(then, earlier=())).declined is not None


def test_a_free_form_question_is_asked_as_it_was_typed(session: ModelSession, request_: AnswerRequest) -> None:
    for question in ("hello", "Is there a dog?"):
        free = session.answer(replace(request_, question=question, free_form=True))
        assert (free.asked, free.declined) == (question, None)
        assert free.finish == "length"
        ((_, together),) = session.answer_many([request_.image], question, generation=SHORT, free_form=True)
        assert isinstance(together, Answer)
        assert token_ids(together) == token_ids(free)


def test_an_unreadable_photo_raises_when_it_is_needed_and_the_session_goes_on(
    session: ModelSession, request_: AnswerRequest
) -> None:
    with pytest.raises(ImageError, match="doesn't exist"):
        session.answer(replace(request_, image=Path("no such file.jpg")))
    with pytest.raises(ImageError, match="isn't an image"):
        session.answer(replace(request_, image=b"text"))
    assert session.answer(request_).tokens


def test_stopping_takes_effect_within_one_token(session: ModelSession, request_: AnswerRequest) -> None:
    stop = threading.Event()
    stream = session.stream_answer(request_, should_stop=stop.is_set)
    first = [next(stream), next(stream)]
    stop.set()
    assert list(stream) == []
    answer = stream.answer()
    assert answer.finish == "stopped"
    assert answer.tokens == tuple(first)


def test_a_stop_before_the_start_encodes_nothing(
    session: ModelSession, request_: AnswerRequest, encoded: list[int]
) -> None:
    answer = session.answer(request_, should_stop=lambda: True)
    assert answer.finish == "stopped"
    assert answer.tokens == ()
    assert encoded == []


def test_a_comparison_shows_the_first_token_that_differs(session: ModelSession, request_: AnswerRequest) -> None:
    comparison = session.compare(replace(request_, spin=SPIN))
    baseline, spin, divergence = comparison.baseline, comparison.spin, comparison.divergence
    assert token_ids(baseline) == token_ids(session.answer(request_))
    assert token_ids(spin) == token_ids(session.answer(replace(request_, spin=SPIN)))
    assert divergence is not None
    at = divergence.index
    assert token_ids(baseline)[:at] == token_ids(spin)[:at]
    off, on = baseline.tokens[at], spin.tokens[at]
    assert off.token_id != on.token_id
    assert (divergence.baseline_text, divergence.baseline_probability) == (off.text, off.probability)
    assert (divergence.spin_text, divergence.spin_probability) == (on.text, on.probability)


def test_suppression_that_changes_nothing_has_no_divergence(session: ModelSession, request_: AnswerRequest) -> None:
    comparison = session.compare(replace(request_, spin=SpinConfig(keep=4)))
    assert comparison.divergence is None
    assert comparison.baseline.log_probability == comparison.spin.log_probability


def test_a_comparison_of_sampled_answers_draws_alike_also_without_a_seed(
    session: ModelSession, request_: AnswerRequest
) -> None:
    sampled = replace(request_, spin=SpinConfig(keep=4), generation=replace(SHORT, method="sampling", temperature=9.0))
    assert session.compare(sampled).divergence is None
    assert token_ids(session.answer(sampled)) != token_ids(session.answer(sampled))


def test_a_comparison_without_suppression_settings_is_refused(session: ModelSession, request_: AnswerRequest) -> None:
    with pytest.raises(ConfigError, match="head suppression"):
        session.compare(request_)


def test_no_answer_depends_on_an_earlier_question(
    session: ModelSession, request_: AnswerRequest, model_path: Path
) -> None:
    beam = GenerationConfig("beam", beam_width=3, max_tokens=8)
    for earlier in (
        replace(request_, spin=SPIN), replace(request_, generation=beam), replace(request_, image=photo(1)),
        replace(request_, ablated_heads=frozenset({(0, 0), (1, 1)})),
    ):
        session.answer(earlier)
    fresh = ModelSession.load(model_path, device="cpu", threads=1).answer(request_)  # as many as the session
    after = session.answer(request_)
    assert token_ids(after) == token_ids(fresh)
    assert after.log_probability == fresh.log_probability


def test_a_half_read_stream_does_not_disturb_another(session: ModelSession, request_: AnswerRequest) -> None:
    expected = token_ids(session.answer(request_))
    streams: list[Iterator[AnswerToken]] = [
        session.stream_answer(request_), session.stream_answer(replace(request_, spin=SPIN))
    ]
    taken = [[next(stream) for stream in streams] for _ in range(4)]
    assert [pair[0].token_id for pair in taken] == expected[:4]


def test_many_photos_get_the_answers_that_each_gets_alone(session: ModelSession, request_: AnswerRequest) -> None:
    photos = [photo(seed) for seed in range(5)]
    results = list(session.answer_many(photos, QUESTION, spin=SPIN, generation=SHORT, batch_size=2))
    assert [image for image, _ in results] == photos
    for image, answer in results:
        assert isinstance(answer, Answer)
        alone = session.answer(replace(request_, image=image, spin=SPIN))
        assert token_ids(answer) == token_ids(alone)
        assert (answer.text, answer.finish) == (alone.text, alone.finish)
        for in_batch, single in zip(answer.tokens, alone.tokens, strict=True):
            np.testing.assert_array_equal(in_batch.head_gate, single.head_gate)
            np.testing.assert_allclose(in_batch.patch_attention, single.patch_attention, atol=1e-5)


def test_a_bad_file_among_many_gives_its_own_error_and_the_others_go_on(
    session: ModelSession, tmp_path: Path, encoded: list[int]
) -> None:
    broken, twin = tmp_path / "broken.jpg", tmp_path / "twin.jpg"
    for path in (broken, twin):
        path.write_bytes(b"not a photo")
    images = [photo(0), broken, photo(1), twin, tmp_path / "missing.png", photo(0)]
    results = list(session.answer_many(images, QUESTION, generation=SHORT, batch_size=6))
    assert [image for image, _ in results] == images
    assert [type(result) for _, result in results] == [Answer, ImageError, Answer, ImageError, ImageError, Answer]
    assert "broken.jpg" in str(results[1][1])
    assert "twin.jpg" in str(results[3][1])
    assert encoded == [2]  # the photo that comes twice is encoded once


def test_a_batch_of_bad_files_gives_an_error_for_each(session: ModelSession) -> None:
    results = list(session.answer_many([b"x", b"y"], QUESTION))
    assert all(isinstance(result, ImageError) for _, result in results)
    assert list(session.answer_many([], QUESTION)) == []


def test_stopping_many_ends_after_the_answers_that_are_done(session: ModelSession) -> None:
    stop = threading.Event()
    results: list[object] = []
    photos = [photo(seed) for seed in range(4)]
    for result in session.answer_many(photos, QUESTION, generation=SHORT, batch_size=2, should_stop=stop.is_set):
        results.append(result)
        stop.set()
    assert len(results) == 2


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
    model_path: Path, tmp_path: Path, request_: AnswerRequest, saved: PrecisionName, precision: torch.dtype
) -> None:
    path = tmp_path / "model.safetensors"
    original = load_model(model_path)
    save_model(path, original.model, original.tokenizer, metrics={}, recipe={}, precision=saved)
    file, untouched = load_model(path), load_model(path)
    before = {name: tensor.clone() for name, tensor in file.model.state_dict().items()}
    session = ModelSession(file, device=torch.device("cpu"), precision=precision)
    session.answer(replace(request_, spin=SPIN))
    assert session.describe().precision == str(precision).removeprefix("torch.")
    assert all(
        tensor.dtype == before[name].dtype and torch.equal(tensor, before[name])
        for name, tensor in file.model.state_dict().items()
    )
    assert file.content_hash == untouched.content_hash


def test_a_session_of_a_model_that_is_being_trained_answers_without_dropout_and_lets_it_train_on(
    model_path: Path, request_: AnswerRequest
) -> None:
    file, expected = load_model(model_path), ModelSession.load(model_path, device="cpu").answer(request_)
    file.model.train()
    answer = ModelSession(file, device=torch.device("cpu")).answer(request_)
    assert file.model.training
    assert token_ids(answer) == token_ids(expected)
