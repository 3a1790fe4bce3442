"""Questions that offer a choice: only one of the two is what the captions say."""

from __future__ import annotations

from core.text.question_kinds.understanding import understand_question
from training.evaluation.certainty.either_or import EitherOr, either_or_questions
from training.language.caption_parser import parse_caption
from training.questions.rules.read_image import ReadImage


def photo(name: str, *captions: str) -> ReadImage:
    return ReadImage(name, tuple(map(parse_caption, captions)))


def asked(*captions: str) -> list[EitherOr]:
    """What is asked about many photos with these captions, so that every topic has its turn."""
    return either_or_questions([photo(f"{number}.jpg", *captions) for number in range(40)], seed=3)


DOG = asked("A brown dog runs in the snow .", "A dog is running through snow .")
WOMAN = asked("A woman in a red shirt sits inside a restaurant .", "A lady in a red shirt is sitting in a restaurant .")


def test_one_choice_is_said_and_the_other_is_not() -> None:
    topics = ("thing", "person", "color", "deed")
    by_topic = {topic: {found.right for found in DOG + WOMAN if found.topic == topic} for topic in topics}
    assert by_topic["person"] == {"a woman"}
    assert by_topic["color"] == {"brown", "red"}
    assert by_topic["deed"] >= {"running", "sitting"}
    assert "a dog" in by_topic["thing"]
    assert not {found.wrong for found in DOG} & {"a dog", "snow", "running", "brown", "outdoors", "in the snow"}
    assert not {found.wrong for found in WOMAN} & {"a woman", "a shirt", "sitting", "red", "indoors"}


def test_a_scene_that_both_kinds_of_words_tell_of_is_not_asked_about() -> None:
    assert {found.right for found in WOMAN if found.topic == "indoors"} == {"indoors", "inside"}
    assert {found.right for found in DOG if found.topic == "indoors"} == {"outdoors", "outside"}
    assert not [found for found in asked("A man sits in a room and looks at the snow outside .") if found.topic == "indoors"]


def test_each_choice_comes_first_as_often_and_the_program_finds_both() -> None:
    questions = [found for found in DOG + WOMAN if found.topic in ("indoors", "color", "deed")]
    first = [found.question.lower().find(found.right) < found.question.lower().find(found.wrong) for found in questions]
    assert 0.3 < sum(first) / len(first) < 0.7
    for found in questions:
        assert set(understand_question(found.question).choices) == {found.right, found.wrong}, found.question


def test_the_same_photos_are_asked_the_same_at_most_twice_each() -> None:
    again = asked("A brown dog runs in the snow .", "A dog is running through snow .")
    assert again == DOG
    assert max(sum(found.image == name for found in DOG) for name in {found.image for found in DOG}) == 2
