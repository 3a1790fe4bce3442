"""Questions that a session refuses or declines before the model runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.answers import AnswerRequest
from core.config import SpinConfig
from core.errors import ConfigError, QuestionError
from core.model.vlm import VisionLanguageModel
from core.session import ModelSession
from tests.core.session.asking import SPIN


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
