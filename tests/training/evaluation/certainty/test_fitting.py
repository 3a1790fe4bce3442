"""Curves say of answers what is true of others, and sure only where that holds."""

from __future__ import annotations

import numpy as np
import pytest

from core.certainty import OTHER_YES_NO, POOLED, SURE_FROM, CertaintyCurve
from core.text.question_kinds.kinds import QuestionKind
from training.evaluation.certainty.answering import GivenAnswer
from training.evaluation.certainty.curves import isotonic_curve, logistic_curve, smoothed_isotonic_curve
from training.evaluation.certainty.fitting import AnsweredQuestion, certainties_of, fit_certainty
from training.evaluation.certainty.measuring import cross_fitted


def answers(
    number: int, *, kind: QuestionKind = "count", text: str = "two", sharp: float = 4.0, most: float = 1.0, seed: int = 0,
    by_people: bool = False, first_photo: int = 0, question: str = "Is there a dog?",
) -> list[AnsweredQuestion]:
    """Answers whose chance of being right rises with the model's own probability, up to `most`."""
    draw = np.random.default_rng(seed)
    signals = draw.uniform(-2, 0, number)
    chances = most / (1 + np.exp(-sharp * (signals + 1)))
    return [
        AnsweredQuestion(
            first_photo + place, by_people, GivenAnswer(kind, question, text, float(signal), 2), float(draw.random() < chance)
        )
        for place, (signal, chance) in enumerate(zip(signals, chances, strict=True))
    ]


@pytest.mark.parametrize("make", [
    logistic_curve, lambda signals, rights: isotonic_curve(signals, rights, least=40),
    lambda signals, rights: smoothed_isotonic_curve(signals, rights, least=30),
])
def test_all_curves_find_the_chances_that_were_drawn(make: object) -> None:
    found = answers(3000, seed=2)
    signals, rights = np.array([one.signal for one in found]), np.array([one.right for one in found])
    curve = make(signals, rights)  # type: ignore[operator]  # both take signals and rights
    for signal, chance in ((-1.75, 0.05), (-1.0, 0.5), (-0.25, 0.95)):
        assert curve.at(signal) == pytest.approx(chance, abs=0.08)


def test_a_smoothed_curve_of_few_answers_lies_nearer_the_chances_that_were_drawn() -> None:
    def distance(curve: CertaintyCurve) -> float:
        places = np.linspace(-1.9, -0.1, 50)
        return float(np.mean([abs(curve.at(float(place)) - 1 / (1 + np.exp(-1.5 * (place + 1)))) for place in places]))

    rough, smooth = 0.0, 0.0
    for seed in range(8):
        found = answers(200, sharp=1.5, seed=seed)
        signals, rights = np.array([one.signal for one in found]), np.array([one.right for one in found])
        rough += distance(isotonic_curve(signals, rights, least=30))
        smooth += distance(smoothed_isotonic_curve(signals, rights, least=30))
    assert smooth < 0.95 * rough


def test_answers_are_judged_by_curves_that_other_photos_made() -> None:
    """About one photo alone the answers are right, and probable: the others can't tell."""
    found = [
        AnsweredQuestion(photo, False, GivenAnswer("count", "How many?", "two", photo / 10 - n / 1000 - 2, 2), float(photo == 9))
        for photo in range(10) for n in range(60)
    ]
    judged = cross_fitted(found, seed=0)
    assert (judged.photos == np.repeat(range(10), 60)).all()
    assert judged.certainties[judged.photos == 9].max() < 0.1
    assert judged.certainties[judged.photos == 8].max() > 0.1


def test_curves_made_on_some_photos_fit_others() -> None:
    curves = fit_certainty(answers(1500, seed=1), seed=0)
    others = answers(1500, seed=9)
    found = certainties_of(curves, others)
    rights, high = np.array([one.right for one in others]), found > 0.7
    assert found[high].mean() == pytest.approx(rights[high].mean(), abs=0.05)


def test_a_kind_with_few_answers_takes_the_curve_of_all() -> None:
    curves = fit_certainty([*answers(400), *answers(20, kind="colour", text="red", first_photo=400)], seed=0)
    assert set(curves) == {POOLED, "count"}


def test_yes_and_no_are_calibrated_apart() -> None:
    yes, no = (
        answers(300, kind="yes_no", text=text, most=most, first_photo=first)
        for text, most, first in (("yes", 0.6, 0), ("no", 1.0, 300))
    )
    curves = fit_certainty([*yes, *no], seed=0)
    assert curves["yes_no: no"].at(-0.1) > curves["yes_no: yes"].at(-0.1) + 0.2


def test_a_kind_that_is_never_right_often_enough_is_never_sure() -> None:
    unsure, sure = fit_certainty(answers(900, most=0.86), seed=0), fit_certainty(answers(900, most=1.0, sharp=9.0), seed=0)
    assert max(unsure["count"].shares) < SURE_FROM <= max(sure["count"].shares)


@pytest.mark.parametrize(("times", "is_sure"), [(3, False), (30, True)])
def test_nothing_is_sure_by_the_luck_of_few_answers(times: int, is_sure: bool) -> None:
    """Of those that the model finds probable 19 in 20 are right, of the others none."""
    found = [
        AnsweredQuestion(20 * n + place, False, GivenAnswer("colour", "Which?", "red", signal - 0.01 * place, 2), right)
        for n in range(times) for place in range(20) for signal, right in ((-0.1, float(place != 7)), (-3.0, 0.0))
    ]
    assert (max(fit_certainty(found, seed=0)["colour"].shares) >= SURE_FROM) == is_sure


def test_sure_holds_for_people_too_where_enough_of_them_asked() -> None:
    easy = answers(900, sharp=9.0)
    people = answers(300, most=0.6, sharp=9.0, by_people=True, first_photo=900, seed=4)
    assert max(fit_certainty([*easy, *people], seed=0)["count"].shares) < SURE_FROM


@pytest.mark.parametrize(("most", "is_sure"), [(0.1, False), (1.0, True)])
def test_few_of_peoples_answers_may_show_that_sure_ones_are_not(most: float, is_sure: bool) -> None:
    people = answers(12, most=most, sharp=9.0, by_people=True, first_photo=900, seed=4)
    curves = fit_certainty([*answers(900, sharp=9.0), *people], seed=0)
    assert (max(curves["count"].shares) >= SURE_FROM) == is_sure


def test_other_yes_no_questions_are_as_certain_as_they_are_right_however_sure_the_model_is_of_what_is_there() -> None:
    there = answers(600, kind="yes_no", text="yes", sharp=9.0)
    others = answers(80, kind="yes_no", text="yes", most=0.6, sharp=0.5, by_people=True, first_photo=600, question="Is he happy?")
    curves = fit_certainty([*there, *others], seed=0)
    right = float(np.mean([one.right for one in others]))
    assert certainties_of(curves, others).mean() == pytest.approx(right, abs=0.08)
    assert max(curves["yes_no: yes"].shares) >= SURE_FROM > max(curves[OTHER_YES_NO].shares)


def test_few_answers_that_fall_apart_by_chance_make_no_steep_curve() -> None:
    signals = np.linspace(-2, 0, 6)
    curve = logistic_curve(signals, (signals > -1).astype(float))
    assert curve.at(0.0) < 0.97
