"""Yes/no probes made of captions, and their scores."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from core.errors import DataError
from training.data.known_objects import KnownObjects
from training.evaluation.metrics.probe_scores import accuracy_of, count_outcomes, f1_of, score_outcomes
from training.evaluation.metrics.probes import STRATEGIES, Probe, make_probes, probes_to_json, read_probes
from training.language.caption_parser import parse_caption
from training.language.object_lexicon import load_object_lexicon
from training.questions.rules.read_image import ReadImage

CAPTIONS = {
    "beach.jpg": ("A man throws a ball on the beach .", "A guy with a ball stands near the sea ."),
    "snow.jpg": ("A puppy runs through the snow .", "A brown dog plays in snow ."),
    "street.jpg": ("A woman rides a bicycle down a street .", "A lady on a bike passes a car ."),
    "pool.jpg": ("Two girls jump into a swimming pool .", "Children splash in the water ."),
    "field.jpg": ("A horse grazes on the grass .", "The brown horse stands in a field ."),
    "ball.jpg": ("A dog catches a ball on the grass .", "The dog jumps for a ball ."),
    "ball2.jpg": ("A dog runs after a ball .", "A black dog with a red ball ."),
}


def photos() -> list[ReadImage]:
    return [ReadImage(name, tuple(map(parse_caption, texts))) for name, texts in CAPTIONS.items()]


def test_each_strategy_asks_as_many_of_what_is_there_as_of_what_is_not() -> None:
    probes = make_probes(photos(), seed=0)
    for name in CAPTIONS:
        counts = Counter((probe.strategy, probe.answer) for probe in probes if probe.photo == name)
        assert len(set(counts.values())) == 1, name
        assert len(counts) == 2 * len(STRATEGIES)
    assert make_probes(photos(), seed=0) == probes
    assert make_probes(photos(), seed=1) != probes


def test_what_a_caption_names_or_hints_at_is_never_called_absent() -> None:
    lexicon = load_object_lexicon()
    for seed in range(20):
        for probe in make_probes(photos(), seed=seed):
            said = [word for text in CAPTIONS[probe.photo] for word in parse_caption(text).tokens]
            if probe.answer == "no":
                named = {name for mention in lexicon.mentions(said) for name in mention.names}
                assert not lexicon.related(probe.object) & named, probe
                assert not lexicon.hint_words(probe.object, said), probe
            else:
                assert probe.object in lexicon.named_in(said), probe


def test_popular_and_adversarial_absences() -> None:
    asked = {
        (probe.photo, probe.strategy): [] for probe in make_probes(photos(), seed=0) if probe.answer == "no"
    }
    for probe in make_probes(photos(), seed=0):
        if probe.answer == "no":
            asked[probe.photo, probe.strategy].append(probe.object)
    # Three of seven photos show a dog; where a ball is, one is often beside it.
    assert {"dog", "animal"} & set(asked["beach.jpg", "adversarial"])
    assert {"dog", "animal"} & set(asked["street.jpg", "popular"])


def test_probes_are_read_again(tmp_path: Path) -> None:
    probes = make_probes(photos(), seed=3)
    path = tmp_path / "probes.json"
    path.write_text(probes_to_json(probes, seed=3))
    assert read_probes(path, list(CAPTIONS)) == probes
    with pytest.raises(DataError, match=r"asks about 1 photos that aren't measured here, snow\.jpg"):
        read_probes(path, [name for name in CAPTIONS if name != "snow.jpg"])
    content = json.loads(path.read_text())
    content["questions"][0]["answer"] = "perhaps"
    path.write_text(json.dumps(content))
    with pytest.raises(DataError, match="perhaps"):
        read_probes(path, list(CAPTIONS))
    for text in ("{}", "[", '{"questions": []}', '{"questions": [{"photo": "a"}]}'):
        path.write_text(text)
        with pytest.raises(DataError):
            read_probes(path, list(CAPTIONS))
    with pytest.raises(DataError, match="can't be read"):
        read_probes(tmp_path / "none.json", list(CAPTIONS))


def test_an_answer_that_is_neither_is_wrong_and_counted() -> None:
    def probe(photo: str, answer: str) -> Probe:
        return Probe(photo, "Is there a dog?", "dog", "random", answer)  # type: ignore[arg-type]

    probes = [probe("a", "yes"), probe("a", "yes"), probe("a", "no"), probe("b", "no"), probe("b", "yes"), probe("b", "no")]
    counts = count_outcomes(probes, ["Yes.", "a dog", "yes", "no", "no", ""], ["a", "b", "c"])
    assert counts.sum(axis=1).tolist() == [3, 3, 0]
    scores = score_outcomes(counts)
    assert (scores.count, scores.invalid) == (6, 2)
    assert scores.accuracy == pytest.approx(100 * 2 / 6)
    assert scores.precision == pytest.approx(50)
    assert scores.recall == pytest.approx(100 / 3)
    assert scores.f1 == pytest.approx(2 * 50 * (100 / 3) / (50 + 100 / 3))
    assert scores.yes_rate == pytest.approx(100 * 2 / 6)


def test_who_says_yes_to_everything() -> None:
    probes = make_probes(photos(), seed=0)
    counts = count_outcomes(probes, ["yes"] * len(probes), list(CAPTIONS))
    scores = score_outcomes(counts)
    assert (scores.accuracy, scores.recall, scores.yes_rate, scores.invalid) == (50, 100, 100, 0)
    assert scores.f1 == pytest.approx(200 / 3)
    nobody = np.zeros((2, 3, 6))
    assert accuracy_of(nobody).tolist() == f1_of(nobody).tolist() == [0, 0]


def test_where_it_is_known_what_is_in_a_photo_no_caption_decides() -> None:
    known = KnownObjects(load_object_lexicon(), {photos()[0].name: frozenset({"cat", "animal"})})
    asked = make_probes(photos()[:1], seed=0, known=known)
    assert {probe.object for probe in asked if probe.answer == "yes"} <= {"cat", "animal"}
    assert {probe.object for probe in asked if probe.answer == "no"}.isdisjoint({"cat", "animal"})
    assert asked
