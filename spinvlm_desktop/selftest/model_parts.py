"""The model's parts: it loads, answers about a drawn photo, is untouched by SPIN switched off, and can be trained."""

from __future__ import annotations

import tempfile
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.answers import Answer, AnswerRequest, PatchToken
from core.config import SpinConfig
from spinvlm_desktop.pictures.drawn_photos import draw_photo
from spinvlm_desktop.selftest.part_result import Test, require_that
from spinvlm_desktop.settings.defaults import DEFAULT_QUESTION

if TYPE_CHECKING:
    from core.session import ModelSession

TRAINING_MODULES = (
    "training.loop.training_run", "training.loop.probe", "training.questions.data_preview",
    "training.evaluation.sweep.spin_sweep",
)


def model_parts() -> dict[str, Test]:
    """In this order they share one loaded model."""

    @cache
    def session() -> ModelSession:
        from core.session import ModelSession

        return ModelSession.load()

    return {
        "model": lambda: _loads(session()),
        "answer": lambda: _answers(session()),
        "spin": lambda: _spin_off_is_the_baseline(session()),
        "training": _training_is_there,
    }


def _loads(session: ModelSession) -> str:
    model = session.describe()
    return f"{model.name}, {model.parameters:,} weights, {model.device}, {model.precision}"


def _answers(session: ModelSession) -> str:
    answer = session.answer(AnswerRequest(_drawn_photo(), DEFAULT_QUESTION))
    require_that(bool(answer.text.strip()), "The model has no answer for a drawn photo.")
    return f"“{answer.text.strip()}” in {answer.seconds:.2f} s"


def _spin_off_is_the_baseline(session: ModelSession) -> str:
    """Off before and after SPIN was on, and SPIN that keeps every head: all the same to the last bit."""
    photo, heads = _drawn_photo(), session.describe().shape.heads

    def answer(spin: SpinConfig | None) -> Answer:
        return session.answer(AnswerRequest(photo, DEFAULT_QUESTION, spin=spin))

    before, half = answer(None), answer(SpinConfig(keep=0.5))
    after, every_head = answer(None), answer(SpinConfig(keep=heads))
    suppressed = sum(int(np.count_nonzero(token.head_gate == 0)) for token in half.tokens)
    require_that(suppressed > 0, "SPIN with half of the heads suppressed none.")
    require_that(same_to_the_bit(before, after), "An answer with SPIN off differs after SPIN was on.")
    require_that(same_to_the_bit(before, every_head), "SPIN that keeps every head changes the answer.")
    return f"off is bit for bit the baseline; on, {suppressed} heads were suppressed in {len(half.tokens)} words"


def same_to_the_bit(one: Answer, other: Answer) -> bool:
    """Whether the tokens, their probabilities and every head's record are equal to the last bit."""
    return len(one.tokens) == len(other.tokens) and all(
        (a.token_id, a.probability) == (b.token_id, b.probability)
        and np.array_equal(a.image_mass, b.image_mass)
        and isinstance(a, PatchToken) and isinstance(b, PatchToken) and np.array_equal(a.patch_attention, b.patch_attention)
        for a, b in zip(one.tokens, other.tokens, strict=True)
    )


def _training_is_there() -> str:
    """Everything that a training run loads, and the word lists that make questions of a caption."""
    from training.data.captions import CaptionDataset, CaptionedImage
    from training.questions.vqa_pairs import build_pairs

    for name in TRAINING_MODULES:
        import_module(name)
    image = CaptionedImage("a.jpg", Path("a.jpg"), ("A man in a red shirt plays with two brown dogs on the beach .",), "train")
    pairs = build_pairs(CaptionDataset(Path(), "one caption", (image,), entities=None), "train")
    derived = [pair for pair in pairs if pair.kind != "caption"]
    require_that(bool(derived), "No question could be made of a caption.")
    return f"its modules load, and a caption becomes {len(pairs)} questions"


def _drawn_photo() -> bytes:
    with tempfile.TemporaryDirectory(prefix="spinvlm-selftest-") as folder:
        path = Path(folder) / "photo.jpg"
        draw_photo(path)
        return path.read_bytes()
