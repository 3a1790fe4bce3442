from __future__ import annotations

from collections import Counter, defaultdict

from training.data.seen_objects import SeenObject, SeenObjects
from training.language.caption_parser import parse_caption
from training.questions.presence_draw import PresenceQuestion, presence_facts, question_wordings
from training.questions.rules.read_image import ReadImage

CAPTIONS = (
    "A dog runs on a beach .", "A boat on a lake .", "A horse stands in snow .", "A bird on a bench .",
    "A dog catches a frisbee .", "A skateboard on stairs .",
)


def images(count: int = 60) -> list[ReadImage]:
    return [ReadImage(f"{n:03}.jpg", (parse_caption(CAPTIONS[n % len(CAPTIONS)]),)) for n in range(count)]


def test_neither_the_object_nor_the_photo_gives_the_answer_away() -> None:
    drawn = presence_facts(images()).draw(per_photo=6, seed="a")
    assert sum(map(len, drawn)) > 200
    by_object: dict[str, Counter[bool]] = defaultdict(Counter)
    for asked in drawn:
        assert len(asked) <= 6
        assert sum(question.present for question in asked) * 2 == len(asked)
        for question in asked:
            by_object[question.object][question.present] += 1
    assert {"dog", "boat", "snow"} <= set(by_object)
    assert all(answers[True] == answers[False] for answers in by_object.values())


def test_answers_follow_the_captions() -> None:
    drawn = presence_facts(images()).draw(per_photo=6, seed="a")
    assert any(PresenceQuestion("dog", True) in asked for asked in drawn[::6])
    for number, asked in enumerate(drawn):
        assert PresenceQuestion("dog", number % 6 not in (0, 4)) not in asked
        lacking = [question.object for question in asked if not question.present]
        assert len(lacking) == len(set(lacking))


def test_what_a_caption_hints_at_is_not_asked_for() -> None:
    unsure = ReadImage("a.jpg", (parse_caption("An animal with a leash on a beach ."),))
    facts = presence_facts([unsure, *images(6)])
    assert "dog" not in facts.present[0] | facts.absent[0]
    assert "boat" in facts.absent[0]


def test_each_seed_draws_its_own_questions_and_the_same_again() -> None:
    facts = presence_facts(images())
    assert facts.draw(per_photo=4, seed="1") == facts.draw(per_photo=4, seed="1") != facts.draw(per_photo=4, seed="2")


def test_photos_that_show_the_same_are_asked_nothing() -> None:
    alike = [ReadImage(f"{n}.jpg", (parse_caption("A dog runs ."),)) for n in range(5)]
    assert presence_facts(alike).draw(per_photo=4, seed="") == [[] for _ in alike]


def test_photos_without_captions_are_asked_for_what_is_seen_and_what_isnt() -> None:
    silent = [ReadImage(f"seen{n}.jpg", ()) for n in range(4)]
    names = [("zebra", "toilet"), ("toilet", "zebra"), ("zebra", "toilet"), ("toilet", "zebra")]
    seen = {
        image.name: SeenObjects((SeenObject(here),), frozenset({lacking}))
        for image, (here, lacking) in zip(silent, names, strict=True)
    }
    left_out = {image.name for image in silent}
    facts = presence_facts([*silent, *images(6)], left_out=left_out, seen=seen)
    assert [(sorted(facts.present[n]), sorted(facts.absent[n])) for n in range(2)] == [
        (["zebra"], ["toilet"]), (["toilet"], ["zebra"])]
    asked = {(n, question) for seed in "abc" for n, row in enumerate(facts.draw(per_photo=4, seed=seed)[:4]) for question in row}
    assert asked == {(n, PresenceQuestion(here, True)) for n, (here, _) in enumerate(names)} | {
        (n, PresenceQuestion(lacking, False)) for n, (_, lacking) in enumerate(names)}
    assert "Is there a zebra?" in question_wordings(facts)["zebra"]
