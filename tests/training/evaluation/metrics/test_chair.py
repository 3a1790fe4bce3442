"""Objects that captions invent, on hand-made captions."""

from __future__ import annotations

import pytest

from training.evaluation.metrics.chair import ChairScores, ObjectJudge, chair_scores, human_floor
from training.language.object_lexicon import load_object_lexicon

BEACH = ["A man throws a ball on the beach .", "A man plays with a red ball at the sea ."]
YARD = ["Two dogs run on the grass .", "A brown dog and a white dog are running over a lawn ."]


@pytest.fixture
def judge() -> ObjectJudge:
    return ObjectJudge(load_object_lexicon(), [BEACH, YARD])


def invented(judge: ObjectJudge, caption: str, references: list[str]) -> list[str]:
    return [name for *_, name in judge.judge(caption, references).invented]


@pytest.mark.parametrize(
    ("caption", "references", "names"),
    [
        ("a man throws a ball", BEACH, []),
        ("a person throws a ball", BEACH, []),  # "person" is never an invention beside "man"
        ("a man with a dog", BEACH, ["dog"]),
        ("two puppies and a cat on the grass", YARD, ["cat"]),
        ("a man in an orange shirt", ["A man wears an orange shirt .", "A man stands ."], []),  # a colour, no fruit
        ("a frisbee and a frisbee", YARD, ["frisbee", "frisbee"]),
    ],
)
def test_what_no_reference_knows_of_is_invented(
    judge: ObjectJudge, caption: str, references: list[str], names: list[str]
) -> None:
    assert invented(judge, caption, references) == names


def test_the_place_of_an_invention_is_reported(judge: ObjectJudge) -> None:
    found = judge.judge("a man and a dog", BEACH)
    assert [found.words[start:end] for start, end, _ in found.invented] == [("dog",)]


def test_what_several_people_name_should_be_named(judge: ObjectJudge) -> None:
    found = judge.judge("a man on the sand", BEACH)
    assert {"man", "ball"} <= found.wanted
    assert "man" in found.found
    assert "ball" not in found.found


def test_scores_count_over_all_captions(judge: ObjectJudge) -> None:
    judged = [judge.judge("a man with a dog", BEACH), judge.judge("a dog runs", YARD)]
    scores = chair_scores(judged)
    assert scores.chair_i == pytest.approx(100 / 3)
    assert scores.chair_s == 50
    assert scores.mean_objects == 1.5
    assert chair_scores([]) == ChairScores(0.0, 0.0, 0.0, 100.0, 0.0, 0.0)


def test_people_hardly_invent_and_another_photos_caption_does(judge: ObjectJudge) -> None:
    people = human_floor(judge, {"beach": BEACH, "yard": YARD})
    assert people.chair_i == 0
    assert chair_scores([judge.judge(BEACH[0], YARD), judge.judge(YARD[0], BEACH)]).chair_s == 100
