"""The object lexicon: synonyms, plurals, hierarchy, and its file format."""

from __future__ import annotations

import pytest

from core.errors import DataError
from training.language.object_lexicon import load_object_lexicon, parse_lexicon, plural_of
from training.language.word_lists import load_word_lists, participle_of, third_person_of


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("two puppies", {"dog", "animal"}),
        ("a hot dog", {"food"}),
        ("women", {"woman", "person"}),
        ("a little boy", {"boy", "child", "person"}),
        ("a tennis ball", {"tennis ball", "ball"}),
        ("the golden retriever", {"dog", "animal"}),
        ("an idea", set[str]()),
    ],
)
def test_words_name_objects_and_what_is_more_general(text: str, names: set[str]) -> None:
    assert load_object_lexicon().named_in(text.split()) == names


def test_hierarchy_of_people() -> None:
    lexicon = load_object_lexicon()
    assert lexicon.ancestors("boy") == {"child", "person"}
    assert {"man", "woman", "girl", "baby"} <= lexicon.descendants("person")
    assert "girl" not in lexicon.related("boy")
    assert "child" in lexicon.related("boy")


def test_the_lexicon_is_large_and_sound() -> None:
    lexicon = load_object_lexicon()
    assert len(lexicon.objects) >= 120
    for name, entry in lexicon.objects.items():
        assert name not in lexicon.ancestors(name)
        form = lexicon.lookup(name.split())
        assert form is not None
        assert form[0][0] == name
        assert name.lower() == name
        assert entry.plural


def test_hints_are_whole_words_or_beginnings() -> None:
    hints = load_object_lexicon().hint_words("bike", ["biker", "cyclist", "motorcyclist", "hike", "ride", "bird"])
    assert hints == {"biker", "cyclist", "motorcyclist", "ride"}


def test_longest_words_first() -> None:
    mentions = load_object_lexicon().mentions(["a", "tennis", "ball", "and", "a", "ball"])
    assert [mention.names[0] for mention in mentions] == ["tennis ball", "ball"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dog | animals", "line 1"),
        ("dog | beasts | | | ", "line 1"),
        ("dog | animals | animal | | ", "unknown parent 'animal'"),
        ("dog | animals | | | \n# x\ndog | animals | | | ", "line 3 .* 'dog' again"),
    ],
)
def test_faults_in_the_file_are_named(text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        parse_lexicon(text)


@pytest.mark.parametrize(
    ("word", "plural"), [("dog", "dogs"), ("bench", "benches"), ("toy", "toys"), ("baby", "babies")]
)
def test_plurals(word: str, plural: str) -> None:
    assert plural_of(word) == plural


def test_forms_of_verbs() -> None:
    lists = load_word_lists()
    assert [participle_of("ride"), participle_of("lie"), participle_of("see")] == ["riding", "lying", "seeing"]
    assert participle_of("run", doubled=True) == "running"
    assert [third_person_of(verb) for verb in ("catch", "carry", "play")] == ["catches", "carries", "plays"]
    assert lists.third_person["sits"] == lists.base_form["sit"] == "sitting"
    assert not lists.is_participle("building")
    assert not lists.is_participle("wearing")
    assert lists.is_participle("frobnicating")
