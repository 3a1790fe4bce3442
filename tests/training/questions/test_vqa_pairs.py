"""Question-answer pairs from invented captions, checked by hand."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import DataError
from training.commands.terminal import terminal
from training.data.captions import CaptionDataset, CaptionedImage
from training.language.caption_parser import parse_caption, parse_entity_sentence
from training.language.object_lexicon import load_object_lexicon
from training.questions.answer_balance import largest_cap
from training.questions.pair_sample import print_sample
from training.questions.rules.presence import presence_pairs
from training.questions.rules.read_image import ReadImage
from training.questions.vqa_pairs import KINDS, RULES, QaPair, build_pairs, clean_caption


def read(*captions: str) -> ReadImage:
    return ReadImage("photo.jpg", tuple(parse_caption(caption) for caption in captions))


def read_marked(*captions: str) -> ReadImage:
    return ReadImage("photo.jpg", tuple(parse_entity_sentence(caption) for caption in captions))


def asked(image: ReadImage, kind: str) -> dict[str, set[str]]:
    """Question -> answers of one rule."""
    found: dict[str, set[str]] = {}
    for candidate in RULES[kind](image):
        for question in candidate.questions:
            found.setdefault(question, set()).add(candidate.answer)
    return found


def dataset(*captions: tuple[str, ...], entities: Path | None = None) -> CaptionDataset:
    images = tuple(
        CaptionedImage(f"{number}_x.jpg", Path(f"{number}_x.jpg"), texts, "train")
        for number, texts in enumerate(captions)
    )
    return CaptionDataset(Path("data"), "invented", images, entities)


@pytest.mark.parametrize(
    ("caption", "question", "answer"),
    [
        ("A man is riding a horse .", "What is the man doing?", "riding a horse"),
        ("A man is riding a horse .", "What is the person doing?", "riding a horse"),
        ("A man is riding a horse .", "What is he doing?", "riding a horse"),
        ("Two girls run along a beach .", "What are the girls doing?", "running along a beach"),
        ("Two girls run along a beach .", "What are the people doing?", "running along a beach"),
        ("A boy in a red cap kicks a ball while his father watches .", "What is the boy doing?", "kicking a ball"),
        ("A dog swims .", "What is the animal doing?", "swimming"),
        ("A woman wearing a green coat and a hat is reading a book .", "What is the woman doing?", "reading a book"),
        ("A man and a woman are dancing .", "What are the man and the woman doing?", "dancing"),
        ("A man and a woman are dancing .", "What are the people doing?", "dancing"),
        ("A boy playing hockey lies on the ice .", "What is the boy doing?", "playing hockey"),
        ("A group of children plays with a kite .", "What are the children doing?", "playing with a kite"),
    ],
)
def test_action(caption: str, question: str, answer: str) -> None:
    assert answer in asked(read(caption), "action").get(question, set())


@pytest.mark.parametrize(
    "caption",
    ["A man wears a red shirt .", "A man wearing a red shirt .", "A tall building by a railing .", "A man in a suit ."],
)
def test_no_action(caption: str) -> None:
    assert asked(read(caption), "action") == {}


def test_no_action_of_one_among_several() -> None:
    questions = asked(read("A man is singing .", "Two men stand on a stage ."), "action")
    assert "What is the man doing?" not in questions
    assert "What are the men doing?" in questions


def test_dogs_are_distinguished_by_colour() -> None:
    questions = asked(read("A black dog chases a white dog .", "Two dogs play ."), "action")
    assert questions["What is the black dog doing?"] == {"chasing a white dog"}
    assert "What is the dog doing?" not in questions


def test_actions_are_never_cut_inside_a_noun_phrase() -> None:
    image = read("A boy is running on a beach with green , white and blue houses and a moon behind him .")
    assert asked(image, "action")["What is the boy doing?"] == {"running on a beach"}


@pytest.mark.parametrize(
    ("caption", "question", "answer"),
    [
        ("A boy in a red shirt runs .", "What is the boy wearing?", "a red shirt"),
        ("A boy wearing a red shirt and blue jeans .", "What is the boy wearing?", "a red shirt and blue jeans"),
        ("A woman in the black coat sits .", "What is the person wearing?", "a black coat"),
        ("Dog with red collar swims .", "What is the dog wearing?", "a red collar"),
        ("Two men dressed in orange vests work .", "What are the men wearing?", "orange vests"),
        ("A girl wears sunglasses .", "What is the girl wearing?", "sunglasses"),
    ],
)
def test_wearing(caption: str, question: str, answer: str) -> None:
    assert asked(read(caption), "wearing").get(question) == {answer}


def test_nobody_wears_an_umbrella_or_two_colours_of_one_shirt() -> None:
    assert asked(read("A woman with an umbrella walks ."), "wearing") == {}
    assert asked(read("A boy in a red shirt runs .", "A boy in a blue shirt runs ."), "wearing") == {}


@pytest.mark.parametrize(
    ("captions", "question", "answer"),
    [
        (["A boy in a red shirt runs .", "A boy runs ."], "What color is the boy's shirt?", "red"),
        (["A boy in a red shirt runs ."], "What colour is the boy's shirt?", "red"),
        (["A boy in a red shirt runs ."], "What color shirt is the boy wearing?", "red"),
        (["A black and white dog runs ."], "What color is the dog?", "black and white"),
        (["A white and black dog runs .", "A dog runs ."], "What color is the dog?", "black and white"),
        (["A gray horse stands ."], "What color is the horse?", "grey"),
        (["A dog chases a dark blue ball ."], "What color is the ball?", "blue"),
        (["Two brown dogs run ."], "What color are the dogs?", "brown"),
        (["A man in navy blue pants sits ."], "What color are the man's pants?", "blue"),
        (["A woman holds an orange umbrella ."], "What color is the umbrella?", "orange"),
    ],
)
def test_colour(captions: list[str], question: str, answer: str) -> None:
    assert asked(read(*captions), "colour").get(question) == {answer}


@pytest.mark.parametrize(
    "captions",
    [
        ["A brown dog runs .", "A black dog runs ."],
        ["A black dog and a white dog run ."],
        ["A boy in a red shirt runs .", "A boy in a blue top runs ."],
        ["A boy in a red shirt runs .", "A boy in a striped shirt runs ."],
        ["A girl eats an orange .", "A girl eats a piece of orange ."],
        ["A blond woman smiles ."],
        ["A black dog runs .", "Two dogs run ."],
    ],
)
def test_no_colour_where_captions_differ_or_no_thing_has_it(captions: list[str]) -> None:
    assert asked(read(*captions), "colour") == {}


@pytest.mark.parametrize(
    ("captions", "question", "answer"),
    [
        (["Two dogs run .", "Two dogs play .", "Dogs run ."], "How many dogs are there?", "two"),
        (["A dog and another dog play .", "Two dogs play ."], "How many dogs are there?", "two"),
        (["Three men sit .", "A group of men sit ."], "How many men are there?", "three"),
        (["A man walks .", "A man walks in the snow ."], "How many people are there?", "one"),
        (["A boy and a girl eat .", "Two children eat ."], "How many children are there?", "two"),
        (["A couple walks .", "A man and a woman walk ."], "How many people are there?", "two"),
    ],
)
def test_count(captions: list[str], question: str, answer: str) -> None:
    assert asked(read(*captions), "count").get(question) == {answer}


@pytest.mark.parametrize(
    ("captions", "question"),
    [
        (["Two dogs run .", "Three dogs run .", "Two dogs play ."], "How many dogs are there?"),
        (["Two dogs run .", "A dog runs .", "Two dogs play ."], "How many dogs are there?"),
        (["Two dogs run ."], "How many dogs are there?"),
        (["A man runs .", "A man sits while others watch .", "A man sits ."], "How many people are there?"),
        (["Two boys sit .", "Two boys sit .", "Three children sit ."], "How many boys are there?"),
        (["A man sits .", "A man sits .", "A man and a crowd of people sit ."], "How many people are there?"),
        (["A man is in the water .", "A man swims .", "A man and a woman swim ."], "How many people are there?"),
    ],
)
def test_no_count_where_a_caption_disagrees(captions: list[str], question: str) -> None:
    assert question not in asked(read(*captions), "count")


@pytest.mark.parametrize(
    ("caption", "question", "answer"),
    [
        ("A dog runs on the beach .", "Where is the dog?", "on the beach"),
        ("A dog runs through the snow .", "Where is the dog?", "in the snow"),
        ("Two men sit on a wooden bench .", "Where are the men?", "on a wooden bench"),
        ("A girl swims in a pool .", "Where is this?", "in a pool"),
        ("A man stands near a river .", "Where is the person?", "near a river"),
    ],
)
def test_where(caption: str, question: str, answer: str) -> None:
    assert asked(read(caption), "where").get(question) == {answer}


@pytest.mark.parametrize(
    "caption", ["A man is looking at the ocean .", "A man stands in his yard .", "A man leans on a wall ."]
)
def test_no_where(caption: str) -> None:
    assert asked(read(caption), "where") == {}


def test_who_agrees_with_every_caption() -> None:
    question = "Who is climbing a rock?"
    assert asked(read("A man is climbing a rock .", "A climber on a rock ."), "who")[question] == {"a man"}
    assert asked(read("Man climbs a rock ."), "who")[question] == {"a man"}
    assert asked(read("A man is climbing a rock .", "A woman is climbing ."), "who") == {}
    assert "Who is in the picture?" in asked(read("Two young women talk ."), "who")
    animals = asked(read("A brown dog runs .", "A puppy runs in the grass ."), "who")
    assert animals == {question: {"a dog"} for question in animals}
    assert "What animal is this?" in animals


def test_marked_captions_distinguish_entities() -> None:
    twice = "[/EN#1/people A man] in [/EN#2/clothing a red shirt] stands while [/EN#1/people the man] waves ."
    assert "How many men are there?" in asked(read_marked(twice, twice), "count")
    assert asked(read_marked(twice), "wearing")["What is the man wearing?"] == {"a red shirt"}


def test_a_noun_that_no_list_knows_gets_its_type_from_the_markup() -> None:
    image = read_marked("[/EN#1/people A man] in [/EN#2/clothing a green frobnitz] sits in [/EN#3/scene a glibrary] .")
    assert asked(image, "wearing")["What is the man wearing?"] == {"a green frobnitz"}
    assert asked(image, "where")["Where is the man?"] == {"in a glibrary"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("[/EN#1/people A man] runs .", "[/EN#1/people A woman] runs ."),
        ("[/EN#1/people Two men] run .", "[/EN#1/people Three men] run ."),
        ("[/EN#1/animals A dog] runs .", "[/EN#1/animals A cat] runs ."),
    ],
)
def test_contradicting_chains_are_dropped(first: str, second: str) -> None:
    assert asked(read_marked(first, second), "action") == {}
    assert asked(read_marked(first), "action") != {}


def test_a_chain_with_two_colours_is_not_asked_for_its_colour() -> None:
    image = read_marked(
        "[/EN#1/people A boy] in [/EN#2/clothing a red coat] runs .",
        "[/EN#1/people A boy] in [/EN#2/clothing a blue sweater] runs .",
    )
    assert asked(image, "colour") == {}


VARIED = [
    ("A brown dog runs on the beach .", "A dog plays with a ball ."),
    ("Two black dogs swim in a lake .", "Two dogs swim ."),
    ("A boy in a red shirt rides a bike .", "A child on a bicycle ."),
    ("A woman in a blue dress sits on a bench .", "A lady sits outside ."),
    ("A man plays a guitar on a stage .", "A musician plays music ."),
    ("Three girls jump into a pool .", "Children jump into water ."),
    ("A white horse stands in a field .", "A horse in the grass ."),
    ("A man in a yellow jacket skis down a hill .", "A skier in the snow ."),
] * 8


def test_yes_and_no_are_balanced_for_each_object_and_never_contradicted() -> None:
    lexicon = load_object_lexicon()
    images = [ReadImage(str(i), tuple(map(parse_caption, captions))) for i, captions in enumerate(VARIED)]
    found = presence_pairs(images, seed=3)
    by_name = {image.name: image for image in images}
    topics = {candidate.topic for candidate in found}
    assert {"dog", "horse", "guitar", "person"} <= topics
    for topic in topics:
        counts = Counter(candidate.answer for candidate in found if candidate.topic == topic)
        assert counts["yes"] == counts["no"] > 0
    for candidate in found:
        if candidate.answer == "no":
            assert not by_name[candidate.image].named & lexicon.related(candidate.topic)
        else:
            assert candidate.topic in by_name[candidate.image].objects


@pytest.mark.parametrize(
    ("absent", "caption"),
    [("person", "A skateboarder does a trick ."), ("man", "People walk ."), ("bike", "A cyclist races ."),
     ("dog", "A puppy sleeps ."), ("ball", "Two teams play soccer ."), ("boat", "A man in a canoe ."),
     ("water", "A surfer stands ."), ("child", "A little boy sits ."), ("animal", "A horse jumps ."),
     ("boy", "A toddler eats .")],
)
def test_no_is_never_the_answer_where_a_related_word_stands(absent: str, caption: str) -> None:
    texts = (("hinted", caption), ("clear", "A tall statue ."))
    images = [ReadImage(name, (parse_caption(text),)) for name, text in texts]
    images += [ReadImage(f"yes{i}", (parse_caption(f"There is a {absent} ."),)) for i in range(4)]
    found = presence_pairs(images, seed=0)
    assert {c.image for c in found if c.topic == absent and c.answer == "no"} == {"clear"}


def test_other_people_may_be_absent_but_not_people() -> None:
    images = [ReadImage(kind, (parse_caption(f"A {kind} reads ."),)) for kind in ("woman", "man")]
    found = {(c.topic, c.image): c.answer for c in presence_pairs(images, seed=0)}
    assert found["man", "woman"] == "no"
    assert found["man", "man"] == "yes"
    assert not [topic for topic, _ in found if topic == "person"]
    unknown = ReadImage("unknown", (parse_entity_sentence("[/EN#1/people A frobnitzer] reads ."),))
    assert "unknown" not in {c.image for c in presence_pairs([unknown, images[1]], seed=0)}


def test_no_answer_is_a_safe_guess() -> None:
    colours = ["red"] * 60 + ["blue"] * 20 + ["green"] * 20 + ["white"] * 20 + ["black"] * 20 + ["yellow"] * 20
    pairs = build_pairs(dataset(*((f"A boy in a {colour} shirt runs .",) for colour in colours)), "train")
    answers = Counter(pair.answer for pair in pairs if pair.kind == "colour")
    assert set(answers) == set(colours)
    assert max(answers.values()) <= 0.2 * answers.total() + 1


@given(st.lists(st.integers(1, 500), max_size=20), st.floats(0.05, 0.9))
def test_the_cap_is_the_largest_that_keeps_the_share(counts: list[int], share: float) -> None:
    def fits(cap: int) -> bool:
        return cap <= share * sum(min(count, cap) for count in counts)

    cap = largest_cap(counts, share)
    assert cap <= max(counts, default=0)
    if counts and fits(cap):
        assert cap == max(counts) or not fits(cap + 1)


def test_captions_answer_generic_questions() -> None:
    pairs = build_pairs(dataset(("A dog , brown and wet , runs .", "A dog 's toy .", "A group of")), "train")
    captions = [pair for pair in pairs if pair.kind == "caption"]
    assert [pair.answer for pair in captions] == ["a dog, brown and wet, runs", "a dog's toy"]
    assert len({pair.question for pair in captions}) == 2
    assert clean_caption('The "big" dog .') == "the big dog"


def test_pairs_depend_on_the_seed_alone() -> None:
    data = dataset(*VARIED)
    first = build_pairs(data, "train", seed=1)
    assert first == build_pairs(replace(data, images=data.images[::-1]), "train", seed=1)
    assert first != build_pairs(data, "train", seed=2)
    assert build_pairs(data, "dev") == []
    assert {pair.kind for pair in first} == set(KINDS)
    assert len(first) == len(set(first))


def test_entities_beside_the_captions_are_used(tmp_path: Path) -> None:
    (tmp_path / "Sentences").mkdir()
    (tmp_path / "Sentences" / "0.txt").write_text("[/EN#1/people A man] in [/EN#2/clothing a green frobnitz] sits .\n")
    captions = ("A man in a green frobnitz sits .",)
    pairs = build_pairs(dataset(captions, captions, entities=tmp_path), "train")
    assert {pair.image for pair in pairs if pair.answer == "a green frobnitz"} == {"0_x.jpg"}


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(max_size=80), min_size=1, max_size=4))
def test_any_text_gives_pairs_without_a_crash(captions: list[str]) -> None:
    check_pairs(build_pairs(dataset(tuple(captions)), "train"))


WORDS = [
    "a", "two", "man", "dog", "in", "and", "is", "wearing", "red", "shirt", "running", "runs", "of", "group", "the",
    ",", "on", "beach", "with", "other", "another", "'s", "while", "boys", "riding", "bike", "white", "to", ".",
    "people", "water",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=14), min_size=1, max_size=4))
def test_any_words_in_any_order_give_whole_answers(captions: list[list[str]]) -> None:
    check_pairs(build_pairs(dataset(tuple(" ".join(words) for words in captions)), "train"))


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="[]/EN#1 people dog0a", max_size=60))
def test_any_markup_is_read(sentence: str) -> None:
    for phrase in parse_entity_sentence(sentence).phrases:
        assert phrase.words


def check_pairs(pairs: list[QaPair]) -> None:
    for pair in pairs:
        assert pair.question.strip() == pair.question != ""
        assert pair.answer.strip() == pair.answer != ""


def test_sample_shows_pairs_with_their_captions() -> None:
    console = terminal(width=200)
    with console.capture() as shown:
        print_sample(dataset(("A man is riding a horse [bold] .",)), console, count=5, kind="action")
    text = shown.get()
    assert "riding a horse" in text
    assert "A man is riding a horse [bold] ." in text
    with pytest.raises(DataError, match="no images in the split 'dev'"):
        print_sample(dataset(("A man .",)), console, split="dev")
    with pytest.raises(DataError, match="'colours'"):
        print_sample(dataset(("A man .",)), console, kind="colours")
