"""What is said of a model before its figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.answers import SessionDescription
from core.config import ModelConfig
from spinvlm_desktop.models.model_abilities import FEWEST, in_one_sentence, in_sentences


def described(answers: dict[str, object]) -> SessionDescription:
    sizes = ModelConfig(vocabulary_size=300)
    return SessionDescription(
        "mine", Path("mine.safetensors"), 10, sizes.shape, sizes, {"answers": answers}, {}, None, "cpu", "float32", 1
    )


@pytest.mark.parametrize(("answers", "says"), [
    ({}, "never measured"),
    ({"SPIN off": {"colour": {"exact": 70.0, "count": FEWEST - 1}}}, "measured on too few questions"),
    ({"SPIN off": {"colour": {"exact": 70.0, "count": FEWEST}}}, "70"),
])
def test_a_model_says_how_well_it_was_measured(answers: dict[str, object], says: str) -> None:
    model = described(answers)
    for text in (in_one_sentence(model), " ".join(in_sentences(model))):
        assert says in text
        assert ("isn't known" in text or "too few" in text or "never" in text) == (says != "70")
