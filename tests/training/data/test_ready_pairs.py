"""Questions and answers, and objects, that come with the photos."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import DataError
from training.batches.augmentation import may_mirror
from training.commands.terminal import terminal
from training.data.captions import CaptionedImage, load_captions
from training.data.data_check import check_dataset
from training.data.known_objects import read_known_objects
from training.data.qa_pair import QaPair
from training.data.ready_pairs import kind_of, read_ready_pairs
from training.evaluation.metrics.chair import ObjectJudge
from training.questions.pair_sample import print_sample
from training.questions.vqa_pairs import build_pairs


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """Two photos that have captions, one of them with questions of its own."""
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "captions.txt").write_text(
        "image,caption\na.jpg,A boy in a green hat rides a bike .\nb.jpg,A man in a red shirt throws a ball .\n"
    )
    (tmp_path / "questions.jsonl").write_text(
        '{"image": "a.jpg", "question": "Which brand is it?", "answer": "none", "kind": "brand"}\n\n'
        '{"image": "a.jpg", "question": "How many hats are there?", "answer": "two"}\n'
        '{"image": "gone.jpg", "question": "Who is it?", "answer": "a girl"}\n'
    )
    return tmp_path


def test_ready_pairs_take_the_place_of_derived_ones(collection: Path) -> None:
    pairs = build_pairs(load_captions(collection, dev_fraction=0), "train")
    asked = {name: [(p.question, p.answer, p.kind) for p in pairs if p.image == name and p.kind != "caption"]
             for name in ("a.jpg", "b.jpg")}
    assert asked["a.jpg"] == [("How many hats are there?", "two", "count"), ("Which brand is it?", "none", "brand")]
    assert {kind for *_, kind in asked["b.jpg"]} >= {"action", "wearing"}
    assert {pair.image: pair.answer for pair in pairs if pair.kind == "caption"} == {
        "a.jpg": "a boy in a green hat rides a bike", "b.jpg": "a man in a red shirt throws a ball",
    }


def test_the_check_counts_them_and_names_those_without_a_photo(collection: Path) -> None:
    report = check_dataset(load_captions(collection), decode=False)
    assert report.questions == 2
    assert report.problems()["images with ready-made questions but without a file"] == ["gone.jpg"]


def test_a_kind_of_ones_own_can_be_sampled(collection: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dataset = load_captions(collection, dev_fraction=0)
    print_sample(dataset, terminal(), kind="brand")
    assert "[brand] Which brand is it? -> none" in capsys.readouterr().out
    with pytest.raises(DataError, match=r"'shade', only caption, .*brand"):
        print_sample(dataset, terminal(), kind="shade")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("not json", "line 1 of questions.jsonl is no JSON object"),
        ("[1]", "line 1 of questions.jsonl is no JSON object"),
        ('{"image": "a.jpg", "question": "Who?"}', 'line 1 .* needs an "image", a "question" and an "answer"'),
        ('{"image": "a.jpg", "question": "Who?", "answer": " "}', "line 1"),
        ('{"image": "a.jpg", "question": "Who?", "answer": 3}', "line 1"),
        ('{"image": "a.jpg", "question": "Who?", "answer": "he", "kind": 3}', "line 1 .*kind"),
        ('{"image": "a.jpg", "question": "Who?", "answers": {}}', 'line 1 .* needs an "image"'),
        ('{"image": "a.jpg", "question": "Who?", "answers": ["he"]}', 'line 1 .*"answers" that'),
        ('{"image": "a.jpg", "question": "Who?", "answers": {"he": 0}}', 'line 1 .*"answers" that'),
        ('{"image": "a.jpg", "question": "Who?", "answers": {"he": true}}', 'line 1 .*"answers" that'),
    ],
)
def test_a_faulty_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text(line)
    with pytest.raises(DataError, match=message):
        read_ready_pairs(path)


def test_a_line_may_hold_any_character(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text('{"image": "Bilder\\\\ä.jpg", "question": "Who\u2028is it?", "answer": "😀"}\r\n', encoding="utf-8-sig")
    assert read_ready_pairs(path) == {"Bilder/ä.jpg": [QaPair("Bilder/ä.jpg", "Who is it?", "😀", "who")]}


@pytest.mark.parametrize(
    ("question", "answer", "kind"),
    [
        ("Is it raining?", "No, it is not.", "presence"),
        ("How many dogs are there?", "3", "count"),
        ("What color is the car?", "dark red", "colour"),
        ("Where is the dog?", "on the sofa", "where"),
        ("Who is that?", "a man", "who"),
        ("What fruit is it?", "orange", "other"),
        ("What happens?", "a man throws a ball to a dog", "caption"),
    ],
)
def test_a_question_without_a_kind_gets_one(question: str, answer: str, kind: str) -> None:
    assert kind_of(question, answer) == kind


@pytest.mark.parametrize(
    ("pair", "allowed"),
    [
        (("Is there a sign?", "no", "presence"), True),
        (("Is the dog left of the cat?", "yes", "presence"), False),
        (("What is written there?", "stop", "other"), False),
        (("Where is the dog?", "on the right", "where"), False),
        (("Where is the dog?", "on the sofa", "where"), True),
    ],
)
def test_questions_about_sides_forbid_the_mirror_image(pair: tuple[str, str, str], allowed: bool) -> None:
    image = CaptionedImage("a.png", Path("a.png"), ("A dog runs .",), "train")
    assert may_mirror(image, [QaPair("a.png", *pair)]) is allowed


def test_known_objects_decide_what_is_invented(collection: Path) -> None:
    (collection / "objects.jsonl").write_text('{"image": "a.jpg", "objects": ["man", {"name": "dog", "box": [0, 0, 9, 9]}]}')
    known = read_known_objects(collection)
    assert known.present == {"a.jpg": frozenset({"man", "person", "dog", "animal"})}
    judge = ObjectJudge(known.lexicon, [], present=known.present)
    said = "a man with a cat and his puppy"
    assert [name for *_, name in judge.judge(said, ["a cat"], photo="a.jpg").invented] == ["cat"]
    assert [name for *_, name in judge.judge(said, ["a man and a cat"], photo="b.jpg").invented] == ["dog"]


@pytest.mark.parametrize(
    ("line", "message"),
    [('{"image": "a.jpg"}', "line 1"), ('{"image": "a.jpg", "objects": ["unicorn"]}', "'unicorn', which the object lexicon")],
)
def test_faulty_objects_are_named(collection: Path, line: str, message: str) -> None:
    (collection / "objects.jsonl").write_text(line)
    with pytest.raises(DataError, match=message):
        read_known_objects(collection)


def test_a_lexicon_of_ones_own_is_taken(collection: Path) -> None:
    (collection / "objects.txt").write_text("unicorn | animals | | | | ask\n")
    assert "dog" in read_known_objects(collection).lexicon.objects  # without objects.jsonl it means something else
    (collection / "objects.jsonl").write_text('{"image": "a.jpg", "objects": ["unicorn"]}')
    assert set(read_known_objects(collection).lexicon.objects) == {"unicorn"}


def test_what_is_seen_in_a_photo_is_read_with_where_it_is_and_how_many_there_are(collection: Path) -> None:
    (collection / "objects.jsonl").write_text(
        '{"image": "a.jpg", "objects": ["hat"]}\n'
        '{"image": "a.jpg", "objects": ["zebra", {"name": "bus", "box": [0, 0.25, 0.5, 1]}], "complete": false, '
        '"absent": ["cat"], "counts": {"bus": 1}}\n'
    )
    (photo,) = (image for image in load_captions(collection, dev_fraction=0).images if image.name == "a.jpg")
    assert photo.seen is not None
    assert photo.seen.names == {"zebra", "bus"}, "the last line about a photo counts"
    assert photo.seen.boxes == {"bus": ((0, 0.25, 0.5, 1),), "zebra": ()}
    assert (photo.seen.absent, photo.seen.counts) == ({"cat"}, {"bus": 1})


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('"objects": [{"box": [0, 0, 1, 1]}]', "without a \"name\""),
        ('"objects": [{"name": "bus", "box": [0, 0, 1]}]', "four numbers"),
        ('"objects": [{"name": "bus", "box": [0, 0, 1, "1"]}]', "four numbers"),
        ('"objects": ["bus"], "absent": "cat"', "no list of names"),
        ('"objects": ["bus"], "absent": ["cat", "bus"]', "says that bus is there and that it is absent"),
        ('"objects": ["bus"], "counts": {"bus": 0}', "above 0"),
        ('"objects": ["bus"], "counts": ["bus"]', "above 0"),
    ],
)
def test_a_faulty_line_about_what_is_seen_is_named(collection: Path, line: str, message: str) -> None:
    (collection / "objects.jsonl").write_text(f'{{"image": "a.jpg", "complete": false, {line}}}')
    with pytest.raises(DataError, match=f"line 1 of objects.jsonl .*{message}"):
        load_captions(collection)
