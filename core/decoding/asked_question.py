"""A question as it goes to the model, or why it doesn't; and the answer that belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.answers import Answer, AnswerRequest, AnswerToken, FinishReason
from core.certainty import HELD_BACK_KINDS, MeasuredCertainty, is_held_back, signal_of
from core.decoding.allowed_answers import AllowedAnswers
from core.text.prompt import encode_prompt
from core.text.question_kinds.answer_form import answer_form
from core.text.question_kinds.declining import UNSURE, Declining, declining_of
from core.text.question_kinds.kinds import QuestionKind
from core.text.question_kinds.understanding import understand_turn
from core.text.tokenizer import Tokenizer


@dataclass(frozen=True)
class AskedQuestion:
    """What was typed, and what is made of it."""

    typed: str
    text: str = ""
    """For the model; empty where it is declined."""
    prompt: tuple[int, ...] = ()
    """Token ids of the whole prompt."""
    allowed: AllowedAnswers | None = None
    """The answers that fit; None where any words may come."""
    is_sentence: bool = False
    """Whether its answer is a description."""
    declined: Declining | None = None
    kind: QuestionKind | None = None
    """None where it goes to the model as it was typed, or not at all."""
    measured: MeasuredCertainty | None = None
    """What makes the answer's certainty; None where nothing was measured under these settings."""

    @property
    def may_be_unsure(self) -> bool:
        """Whether its answer may turn out to be held back."""
        return self.measured is not None and self.kind in HELD_BACK_KINDS

    def answer(
        self, tokens: Sequence[AnswerToken] = (), *, finish: FinishReason = "end", log_probability: float = 0.0,
        log_share: float | None = None, seconds: float = 0.0,
    ) -> Answer:
        """The answer of these tokens, with its certainty; where the question is declined, the sentence that is said instead.

        log_share: see ChosenToken.
        """
        if self.declined is not None:
            return Answer(self.typed, self.declined.sentence, (), "end", 0.0, 0.0, declined=self.declined)
        text = "".join(token.text for token in tokens)
        certainty = None
        if self.measured is not None and self.kind is not None and tokens and finish == "end":
            signal = signal_of(self.kind, log_probability, tokens=len(tokens), log_share=log_share)
            certainty = None if signal is None else self.measured.of(self.kind, self.text, text.strip(), signal)
        unsure = is_held_back(self.kind, certainty)
        return Answer(
            self.typed, text, tuple(tokens), finish, log_probability, seconds, asked=self.text, is_sentence=self.is_sentence,
            certainty=certainty, declined=UNSURE if unsure else None,
        )


def read_question(
    tokenizer: Tokenizer, request: AnswerRequest, *, max_tokens: int, max_answer_tokens: int,
    measured: MeasuredCertainty | None = None,
) -> AskedQuestion:
    """What is to be done with a request's question. max_tokens: of the prompt; max_answer_tokens: the end token counted;
    measured: for answers under the settings of the request.

    Raises QuestionError where nothing visible is left of the question, or where it is too long.
    """
    typed = request.question
    prompt = encode_prompt(tokenizer, typed, max_tokens=max_tokens)
    if request.free_form:
        return AskedQuestion(typed, typed, tuple(prompt))
    before = request.earlier[-1] if request.earlier else None
    question = understand_turn(
        typed, previous_question=before and before.question, previous_answer="" if before is None else before.answer
    )
    declined = declining_of(question)
    if declined is not None:
        return AskedQuestion(typed, declined=declined)
    form = answer_form(question)
    return AskedQuestion(
        typed, question.text, tuple(encode_prompt(tokenizer, question.text, max_tokens=max_tokens)),
        AllowedAnswers.of(tokenizer, form, max_tokens=max_answer_tokens), is_sentence=form.form == "sentence",
        kind=question.kind, measured=measured,
    )
