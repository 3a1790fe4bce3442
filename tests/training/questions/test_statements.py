"""Descriptions that are made of questions and their answers, and of what is seen."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from tests.training.small_runs import plain_config
from training.batches.run_data import build_tokenizer, read_split
from training.data.captions import load_captions
from training.data.qa_pair import QaPair
from training.data.seen_objects import SeenObject, SeenObjects
from training.questions.statements import list_of_objects, statement, statements
from training.questions.vqa_pairs import CAPTION_QUESTIONS, build_pairs


def pair(question: str, answer: str) -> QaPair:
    return QaPair("a.jpg", question, answer, "other")


def seen(**counts: int) -> SeenObjects:
    names = {name: name.replace("_", " ") for name in counts}
    return SeenObjects(tuple(SeenObject(names[name]) for name in counts for _ in range(counts[name])),
                       counts={names[name]: number for name, number in counts.items()})


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        ("what is flying in the air", "airplane", "an airplane is flying in the air"),
        ("What are standing in the field eating grass?", "zebras", "zebras are standing in the field eating grass"),
        ("what parked at the bus stop", "bus", "a bus parked at the bus stop"),
        ("what filled with purple flowers", "vase", "a vase filled with purple flowers"),
        ("what is topped with cream", "cake", "a cake is topped with cream"),
        ("What is the man riding on a bike path?", "bicycle", "the man is riding a bicycle on a bike path"),
        ("the woman holding what stands by the doors", "bags", "the woman holding bags stands by the doors"),
        ("how many giraffes are standing in the grass", "2", "two giraffes are standing in the grass"),
        ("how many woman stretches with a racket", "one", "a woman stretches with a racket"),
        ("how many girls is sitting on a scooter", "three", "three girls are sitting on a scooter"),
        ("what is in the sky", "kites", "kites are in the sky"),
        ("What is the cat lying on?", "bed", "the cat is lying on a bed"),
        ("what is the color of the bus", "orange", "an orange bus"),
    ],
)
def test_a_question_with_its_answer_says_what_a_caption_would(question: str, answer: str, said: str) -> None:
    assert statement(pair(question, answer)) == said


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What is in the picture?", "dog"), ("What kind of animal is this?", "dog"), ("Is there a dog?", "yes"),
        ("What does the man hold?", "umbrella"), ("What sport is the boy playing?", "soccer"),
        ("What gate is the plane at?", "18"), ("how many people are shown", "two"),
        ("What is the brand of the phone?", "nokia"), ("What is it?", "dog"),
        ("how many of the men are tall", "none"), ("What is this?", "dog"), ("what is the man doing", "riding a horse"),
        ("what are the men walking in a park, one is wearing", "backpack"), ("where is the man preparing food", "kitchen"),
        ("how many men are wearing red", "one"), ("What is the dog doing?", "sailing"),
        ("what is the color of the field in the back", "green"), ("What color is the bus?", "red"), ("", "dog"),
    ],
)
def test_what_makes_no_sentence_says_nothing(question: str, answer: str) -> None:
    assert statement(pair(question, answer)) is None


def test_what_people_answered_is_no_description() -> None:
    asked = replace(pair("What is the man riding?", "horse"), answers=(("horse", 10),))
    assert statement(asked) is None
    assert statement(replace(asked, answers=())) == "the man is riding a horse"


def test_a_larger_name_is_taken_where_that_is_seen() -> None:
    asked = pair("what is covered in mustard and ketchup", "dog")
    assert statement(asked, seen(hot_dog=1)) == "a hot dog is covered in mustard and ketchup"
    assert statement(asked, seen(hot_dog=1, dog=1)) == "a dog is covered in mustard and ketchup"
    assert statement(asked) == "a dog is covered in mustard and ketchup"


@pytest.mark.parametrize(
    ("photo", "said"),
    [
        (seen(elephant=2), "two elephants"), (seen(cat=1, laptop=1), "a cat and a laptop"),
        (seen(cat=1, laptop=1, keyboard=3, cup=1), "three keyboards, a cat and a laptop"), (seen(broccoli=1), "broccoli"),
        (seen(person=2, skis=2), "two people are skiing"), (seen(person=1, kite=1), "a person is flying kite"),
        (seen(person=3), None), (SeenObjects((SeenObject("dog"),)), None), (SeenObjects(()), None),
    ],
)
def test_what_is_seen_is_listed_in_words(photo: SeenObjects, said: str | None) -> None:
    assert list_of_objects(photo) == said


def test_sentences_come_before_lists_and_lists_before_phrases() -> None:
    flying, color = pair("what is flying in the air", "airplane"), pair("what is the color of the sky", "blue")
    assert statements([flying, color, flying], seen(airplane=1)) == ["an airplane is flying in the air"]
    assert statements([color], seen(airplane=1)) == ["an airplane"]
    assert statements([color], None) == ["a blue sky"]
    assert statements([], None) == []


def test_photos_without_captions_are_described_in_training_alone(tmp_path: Path) -> None:
    for number in range(8):
        Image.new("RGB", (8, 8), (number, 9, 9)).save(tmp_path / f"{number}.jpg")
    lines = [{"image": f"{n}.jpg", "question": "what is flying in the air", "answer": "airplane"} for n in range(8)]
    (tmp_path / "questions.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    dataset = load_captions(tmp_path, dev_fraction=0.5)
    described = [pair for pair in build_pairs(dataset, "train") if pair.kind == "caption"]
    assert {pair.image for pair in described} == {image.name for image in dataset.split("train")}
    assert {pair.answer for pair in described} == {"an airplane is flying in the air"}
    assert {pair.question for pair in described} <= set(CAPTION_QUESTIONS)
    assert not [pair for pair in build_pairs(dataset, "dev") if pair.kind == "caption"]
    text = read_split(dataset, "train", seed=0, limit=0)
    tokenizer = build_tokenizer(plain_config(tmp_path), text)
    assert len(tokenizer.encode(" an airplane is flying in the air")) <= 8, "its words are in the vocabulary"
