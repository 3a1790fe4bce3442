"""The session: asked as core.session's model is asked, with one reading for many answers."""

from __future__ import annotations

import gc
import io
import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.answer_model import AnswerModel, SweepingModel
from core.answers import Answer, AnswerRequest, PreviousTurn
from core.config import GenerationConfig, SpinConfig
from core.errors import ConfigError, ImageError, QuestionError, SpinVlmError
from core.pretrained import reading
from core.pretrained import session as pretrained_session
from core.pretrained.decoding.decoding_run import DecodingRun, LoadedModel, ReadPrompt, Settings
from core.pretrained.session import PretrainedSession
from core.pretrained.tiny_models.families import TINY, photo
from core.session import ModelSession
from tests.core.pretrained.conftest import Loaded, Sessions

SPIN = SpinConfig(keep=3, alpha=0.0, score="logits")
SHORT = GenerationConfig(max_tokens=6)


def asked(png: bytes, **options: Any) -> AnswerRequest:
    return AnswerRequest(png, "Is it red?", **{"generation": SHORT, **options})


def ids_of(answer: Answer) -> list[int]:
    return [token.token_id for token in answer.tokens]


def test_both_engines_have_the_common_interface(session: Sessions) -> None:
    assert isinstance(session("llava"), SweepingModel)
    assert issubclass(ModelSession, AnswerModel)


@pytest.mark.parametrize("family", list(TINY))
def test_an_answer_has_a_record_for_every_token(family: str, session: Sessions, png: bytes) -> None:
    model = session(family)
    answer = model.answer(asked(png, spin=SPIN, request_id=7))
    cells = len(answer.layout.cells)
    assert (answer.layout.width, answer.layout.height) == (60, 44)
    assert answer.text == "".join(token.text for token in answer.tokens)
    assert answer.seconds > 0
    for index, token in enumerate(answer.tokens):
        assert (token.index, token.request_id) == (index, 7)
        assert 0 < token.probability <= 1
        assert token.image_mass.shape == token.head_gate.shape == (3, 8)
        assert token.cell_attention.shape == (3, cells)
        assert token.cell_attention.dtype == np.float16
        assert (token.image_mass >= 0).all()
        assert (token.image_mass <= 1.0001).all()
        assert ((token.head_gate == 1).sum(1) == 3).sum() >= 1


@pytest.mark.parametrize("family", list(TINY))
def test_the_model_says_what_it_can_do(family: str, session: Sessions) -> None:
    described = session(family).describe()
    assert (described.layers, described.heads) == (3, 8)
    assert described.remembers_conversation == (not family.startswith("paligemma"))
    assert described.longest_question > 100
    assert described.longest_answer == 256
    assert described.precision == "float32"
    assert described.methods == ("default", "greedy", "sampling")
    assert described.default_score == "logits"
    assert described.layout.image_tokens >= 4
    assert described.revision is None


@pytest.mark.parametrize("family", list(TINY))
def test_a_blank_photo_is_nothing_to_the_model_and_a_short_answer_is_asked_for(
    family: str, session: Sessions, loaded: Loaded
) -> None:
    own, parts = session(family), loaded(family).parts
    blank = Image.open(io.BytesIO(own.blank_photo()))
    tensors = parts.loaded.family.photo(parts.processor, parts.loaded.model.config, blank, finer=False).tensors
    values = tensors["pixel_values"]
    assert float(values.abs().max()) < 0.03, "one of 255 steps at most"
    instruction = "" if family.startswith("paligemma") else "\nAnswer the question using a single word or phrase."
    assert own.short_question("Is it red?") == f"Is it red?{instruction}"


def test_a_stream_gives_the_same_as_the_whole_answer(session: Sessions, png: bytes) -> None:
    stream = session("smolvlm").stream_answer(asked(png))
    tokens = list(stream)
    whole = session("smolvlm").answer(asked(png))
    assert [token.token_id for token in tokens] == ids_of(whole)
    assert stream.answer().text == whole.text
    assert stream.layout == whole.layout


def test_compare_reads_the_photo_and_the_question_once(
    loaded: Loaded, png: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[int] = []
    looks: list[int] = []
    own_read, own_look = reading.read_prompt, reading.photo_features
    monkeypatch.setattr(reading, "read_prompt", lambda *a, **k: (reads.append(1), own_read(*a, **k))[1])
    monkeypatch.setattr(reading, "photo_features", lambda *a, **k: (looks.append(1), own_look(*a, **k))[1])
    fresh = PretrainedSession(loaded("qwen2_vl"))
    compared = fresh.compare(asked(png, spin=SPIN))
    assert compared.divergence is not None
    swept = list(fresh.sweep(asked(png), [None, SPIN, replace(SPIN, alpha=0.5), replace(SPIN, alpha=1.0)]))
    assert (len(reads), len(looks)) == (1, 1)
    assert ids_of(swept[0]) == ids_of(compared.baseline) == ids_of(swept[3])
    assert ids_of(swept[1]) == ids_of(compared.spin)
    fresh.answer(asked(png, earlier=(PreviousTurn("What is it?", "A bus."),)))
    assert (len(reads), len(looks)) == (2, 1), "another question about the same photo"


def test_a_sampled_comparison_draws_alike(session: Sessions, png: bytes) -> None:
    generation = replace(SHORT, method="sampling")
    compared = session("llava").compare(asked(png, spin=replace(SPIN, alpha=1.0), generation=generation))
    assert ids_of(compared.baseline) == ids_of(compared.spin)
    assert compared.divergence is None


def test_a_comparison_needs_something_to_compare(session: Sessions, png: bytes) -> None:
    with pytest.raises(ConfigError, match="a comparison needs head suppression"):
        session("llava").compare(asked(png))


def test_earlier_turns_change_the_answer_and_forgotten_ones_are_counted(session: Sessions, png: bytes) -> None:
    turn = PreviousTurn("What is in the photo?", "A red bus stands in front of a house.")
    alone = session("qwen2_vl").answer(asked(png))
    later = session("qwen2_vl").answer(asked(png, earlier=(turn,)))
    assert alone.tokens[0].probability != later.tokens[0].probability
    assert later.forgotten_turns == 0
    long = session("qwen2_vl").answer(asked(png, earlier=(turn,) * 60))
    assert 0 < long.forgotten_turns < 60


@pytest.mark.parametrize("family", ["smolvlm", "qwen2_5_vl", "gemma3", "llava_onevision"])
@pytest.mark.parametrize("spin", [None, SPIN])
def test_the_heads_own_maps_average_to_the_recorded_map(
    family: str, spin: SpinConfig | None, session: Sessions, png: bytes
) -> None:
    request = asked(png, spin=spin)
    answer = session(family).answer(request)
    for index in (0, len(answer.tokens) - 1):
        token = answer.tokens[index]
        maps = session(family).head_maps(request, ids_of(answer), index=index).astype(np.float32)  # [L, H, C]
        assert maps.shape == (3, 8, len(answer.layout.cells))
        kept = token.head_gate == 1
        for layer in range(3):
            np.testing.assert_allclose(maps[layer, kept[layer]].mean(0), token.cell_attention[layer], atol=2e-3)
    if family != "llava_onevision":  # its last image token is no cell
        np.testing.assert_allclose(maps.sum(-1), token.image_mass, atol=5e-3)
    with pytest.raises(ConfigError, match="has no token"):
        session(family).head_maps(request, ids_of(answer), index=len(answer.tokens))


def test_many_photos_are_answered_one_by_one_and_bad_ones_with_their_error(
    session: Sessions, png: bytes, tmp_path: Path
) -> None:
    good, bad = tmp_path / "good.png", tmp_path / "bad.png"
    good.write_bytes(png)
    bad.write_bytes(b"no image")
    found = list(session("internvl").answer_many([good, bad, png], "Is it red?", spin=SPIN, generation=SHORT))
    assert [source for source, _ in found] == [good, bad, png]
    assert isinstance(found[1][1], ImageError)
    answers = [answer for _, answer in found if not isinstance(answer, SpinVlmError)]
    assert ids_of(answers[0]) == ids_of(answers[1])
    with pytest.raises(QuestionError):
        session("internvl").answer_many([good], " ")
    with pytest.raises(ConfigError):
        session("internvl").answer_many([good], "Is it red?", batch_size=0)


def test_stopping_ends_within_a_token(session: Sessions, png: bytes) -> None:
    made: list[int] = []
    stream = session("smolvlm").stream_answer(asked(png), should_stop=lambda: len(made) >= 2)
    for token in stream:
        made.append(token.token_id)
    assert len(made) == 2
    assert stream.answer().finish == "stopped"
    assert session("smolvlm").answer(asked(png), should_stop=lambda: True).tokens == ()
    assert list(session("smolvlm").answer_many([png], "Is it red?", should_stop=lambda: True)) == []


def test_reading_reports_its_progress_and_can_be_stopped(session: Sessions, png: bytes) -> None:
    told: list[tuple[int, int]] = []
    request = asked(png, earlier=(PreviousTurn("One?", "Two."),))
    stream = session("llava").stream_answer(request, progress=lambda done, total: told.append((done, total)))
    next(stream)
    assert told[0] == (0, 3)
    assert told[-1] == (3, 3)
    request = replace(request, question="Is it something else?")
    answer = session("llava").stream_answer(request, should_stop=lambda: True).read_all()
    assert (answer.finish, answer.tokens) == ("stopped", ())


@pytest.mark.parametrize(("options", "message"), [
    ({"spin": SpinConfig(keep=9)}, "at most the model's 8 heads"),
    ({"spin": SpinConfig(keep=3, first_layer=3)}, "the model's layers are 0 to 2"),
    ({"ablated_heads": frozenset({(3, 0)})}, "there is no head 0 in layer 3"),
    ({"generation": GenerationConfig(method="beam")}, "not by beam search"),
    ({"finer": True}, "in one way only"),
])
def test_what_the_model_cannot_do_is_reported_before_anything_is_computed(
    options: dict[str, Any], message: str, session: Sessions
) -> None:
    with pytest.raises(ConfigError, match=message):
        session("llava").stream_answer(asked(b"no image at all", **options))


def test_a_wide_photo_is_answered_and_a_strip_refused(session: Sessions) -> None:
    def file(width: int, height: int) -> bytes:
        buffer = io.BytesIO()
        photo(width, height).save(buffer, "PNG")
        return buffer.getvalue()

    for family in TINY:
        answer = session(family).answer(asked(file(190, 10)))
        assert answer.tokens
        assert (answer.layout.width, answer.layout.height) == (190, 10)
        with pytest.raises(ImageError, match="more than 200 times"):
            session(family).answer(asked(file(2010, 10)))


def test_grey_and_transparent_photos_are_answered(session: Sessions) -> None:
    for mode in ("L", "RGBA", "P", "CMYK"):
        buffer = io.BytesIO()
        Image.new(mode, (50, 40)).save(buffer, "TIFF")
        assert session("smolvlm").answer(asked(buffer.getvalue())).tokens


def test_looking_finer_gives_more_cells(session: Sessions, png: bytes) -> None:
    usual = session("smolvlm").answer(asked(png))
    finer = session("smolvlm").answer(asked(png, finer=True))
    assert len(finer.layout.cells) > len(usual.layout.cells)
    assert finer.layout.grids[-1].is_overview
    assert session("smolvlm").seconds_to_read(finer=True) > 0


def test_little_is_remembered(loaded: Loaded, png: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[SpinConfig | None, weakref.ref[DecodingRun]]] = []

    class WatchedRun(DecodingRun):
        def __init__(self, model: LoadedModel, prompt: ReadPrompt, settings: Settings) -> None:
            super().__init__(model, prompt, settings)
            made.append((settings.spin, weakref.ref(self)))

    def remembered() -> list[SpinConfig | None]:
        gc.collect()
        return [spin for spin, run in made if run() is not None]

    monkeypatch.setattr(pretrained_session, "DecodingRun", WatchedRun)
    model = PretrainedSession(loaded("llava"))
    for spin in (None, SPIN, replace(SPIN, alpha=0.5)):
        model.answer(asked(png, spin=spin))
    assert remembered() == [SPIN, replace(SPIN, alpha=0.5)]
    model.answer(replace(asked(png), question="And now?"))
    assert remembered() == [None], "the first prompt's answers are gone with it"
