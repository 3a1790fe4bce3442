"""Generated scenes: what the truth says of a picture is what is drawn."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import ConfigError, DataError
from training.data.captions import load_captions
from training.data.data_check import check_dataset
from training.data.known_objects import read_known_objects
from training.evaluation.metrics.chair import ObjectJudge, human_floor
from training.language.object_lexicon import parse_lexicon
from training.questions.vqa_pairs import build_pairs
from training.scenes import collection
from training.scenes.collection import ScenesRecipe, lexicon_text, make_scenes, truth_of
from training.scenes.picture import GROUND_COLOURS, SHAPE_COLOURS, SIDE, box_of, draw_scene
from training.scenes.scene import Scene, scene_by_number
from training.scenes.scene_captions import CAPTIONS, scene_captions
from training.scenes.scene_questions import scene_questions

SCENES = [scene_by_number(number, seed=3) for number in range(200)]
COUNTS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "scenes"
    assert make_scenes(folder, ScenesRecipe(40, seed=3)) == 40
    return folder


def nearest_colour(pixel: np.ndarray, colours: dict[str, tuple[int, int, int]]) -> str:
    return min(colours, key=lambda name: float(np.abs(np.array(colours[name]) - pixel).sum()))


def test_shapes_have_the_colour_and_the_box_of_the_truth() -> None:
    for scene in SCENES[:25]:
        pixels = np.asarray(draw_scene(scene, seed=3)).astype(int)
        for shape in scene.shapes:
            left, top, right, bottom = (round(SIDE * value) for value in box_of(shape))
            middle = pixels[round(SIDE * shape.centre[1]), round(SIDE * shape.centre[0])]
            if shape.kind != "ring":  # in whose middle the ground is seen
                assert nearest_colour(middle, {**SHAPE_COLOURS, **GROUND_COLOURS}) == shape.colour
            wanted = np.abs(pixels - np.array(SHAPE_COLOURS[shape.colour])).sum(axis=2) < 90
            rows, columns = np.nonzero(wanted[top - 3 : bottom + 3, left - 3 : right + 3])
            assert abs(int(rows.min()) - 3) <= 3
            assert abs(int(columns.min()) - 3) <= 3
            assert abs(int(rows.max()) - 3 - (bottom - top)) <= 3
            assert abs(int(columns.max()) - 3 - (right - left)) <= 3


def test_shapes_never_touch_and_keep_from_the_edge() -> None:
    for scene in SCENES:
        boxes = [box_of(shape) for shape in scene.shapes]
        for number, (left, top, right, bottom) in enumerate(boxes):
            assert min(left, top) > 0.05
            assert max(right, bottom) < 0.95
            for other in boxes[:number]:
                assert right < other[0] or other[2] < left or bottom < other[1] or other[3] < top


@pytest.mark.parametrize("scene", SCENES[:60], ids=lambda scene: scene.name)
def test_captions_differ_and_name_only_what_is_there(scene: Scene) -> None:
    captions = scene_captions(scene, seed=3)
    assert len(set(captions)) == CAPTIONS
    lexicon = parse_lexicon(lexicon_text())
    for caption in captions:
        words = caption.lower().replace(",", " ").split()
        for mention in lexicon.mentions(words):
            name = mention.names[0]
            assert scene.counts[name], caption
            before = [word for word in words[max(0, mention.start - 2) : mention.start] if word not in ("small", "large")]
            if before and before[-1] in COUNTS:
                assert scene.counts[name] == COUNTS[before[-1]], caption
    everything = lexicon.named_in(captions[0].lower().replace(",", " ").split())
    assert everything == {name for name, count in scene.counts.items() if count}


def test_every_answer_is_true() -> None:
    by_name = {scene.name: scene for scene in SCENES}
    kinds = Counter[str]()
    lexicon = parse_lexicon(lexicon_text())
    for pair in scene_questions(SCENES, seed=3):
        scene, words = by_name[pair.image], pair.question.lower().rstrip("?").split()
        named = [mention.names[0] for mention in lexicon.mentions(words)]
        kinds[pair.kind] += 1
        if pair.kind == "presence":
            assert (scene.counts[named[0]] > 0) == (pair.answer == "yes"), pair
        elif pair.kind == "count":
            assert scene.counts[named[0]] == COUNTS[pair.answer], pair
        elif pair.kind == "where":
            assert [s.place for s in scene.shapes if named[0] in (s.name, s.kind)] == [pair.answer], pair
        elif pair.kind == "colour" and named:
            assert {s.colour for s in scene.shapes if s.kind == named[0]} == {pair.answer}, pair
        elif pair.kind == "colour":
            assert pair.answer == scene.background
        elif pair.kind == "relation":
            assert relation_holds(scene, named, words) == (pair.answer == "yes"), pair
    assert set(kinds) == {"presence", "count", "where", "colour", "relation", "what"}


def relation_holds(scene: Scene, named: list[str], words: list[str]) -> bool:
    one, other = (next(s for s in scene.shapes if s.name == name) for name in named)
    (x, y), (other_x, other_y) = one.centre, other.centre
    return {"left": x < other_x, "right": x > other_x, "above": y < other_y, "below": y > other_y}[
        next(word for word in words if word in ("left", "right", "above", "below"))
    ]


def test_a_question_alone_does_not_give_its_answer_away() -> None:
    lexicon = parse_lexicon(lexicon_text())
    answers: dict[str, Counter[str]] = {}
    for pair in scene_questions(SCENES, seed=3):
        if pair.kind == "presence":
            name = lexicon.mentions(pair.question.lower().rstrip("?").split())[0].names[0]
            answers.setdefault(name, Counter())[pair.answer] += 1
    assert len(answers) > 40
    # A question that is drawn twice for one scene is asked once.
    assert all(abs(counts["yes"] - counts["no"]) <= 1 for counts in answers.values())


def test_the_folder_is_a_data_set_like_any_other(made: Path) -> None:
    dataset = load_captions(made)
    report = check_dataset(dataset)
    assert report.problems() == {}
    assert report.images_per_split == {"train": 30, "dev": 6, "test": 4}
    assert report.questions > 300
    pairs = build_pairs(dataset, "dev")
    assert {pair.kind for pair in pairs} >= {"caption", "presence", "count", "colour"}
    ready = [json.loads(line) for line in (made / "questions.jsonl").read_text().splitlines()]
    dev = {image.name for image in dataset.split("dev")}
    assert sum(entry["image"] in dev for entry in ready) == sum(pair.kind != "caption" for pair in pairs)


def test_captions_never_invent_by_the_truth(made: Path) -> None:
    dataset, known = load_captions(made), read_known_objects(made)
    references = {image.name: list(image.captions) for image in dataset.images}
    judge = ObjectJudge(known.lexicon, references.values(), present=known.present)
    assert human_floor(judge, references).chair_s == 0
    name = dataset.images[0].name
    absent = next(n for n in known.lexicon.objects if " " in n and n not in known.present[name])
    found = judge.judge(f"a {absent}", [f"a {absent}"], photo=name)  # a caption that says so is no proof
    assert [entry for *_, entry in found.invented] == [absent]
    assert found.wanted == known.present[name]


def test_the_same_recipe_makes_the_same_files_and_another_seed_others(made: Path, tmp_path: Path) -> None:
    make_scenes(tmp_path / "again", ScenesRecipe(40, seed=3))
    files = [path.relative_to(made) for path in sorted(made.rglob("*")) if path.is_file()]
    assert len(files) == 48
    assert all((made / path).read_bytes() == (tmp_path / "again" / path).read_bytes() for path in files)
    assert truth_of(scene_by_number(0, seed=3)) != truth_of(scene_by_number(0, seed=4))


def test_making_that_was_cut_off_goes_on(made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "scenes"

    def stop(done: int, _total: int) -> None:
        if done == 12:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_scenes(folder, ScenesRecipe(40, seed=3), progress=stop)
    assert not (folder / "captions.txt").exists()
    assert make_scenes(folder, ScenesRecipe(40, seed=3)) == 28
    assert (folder / "captions.txt").read_bytes() == (made / "captions.txt").read_bytes()


def test_a_folder_that_holds_something_else_is_left_alone(made: Path, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "mine.txt").write_text("mine")
    with pytest.raises(DataError, match="is not empty: choose a new folder"):
        make_scenes(tmp_path / "photos", ScenesRecipe(10))
    assert [path.name for path in (tmp_path / "photos").iterdir()] == ["mine.txt"]
    with pytest.raises(DataError, match="another recipe"):
        make_scenes(made, ScenesRecipe(41, seed=3))
    with pytest.raises(DataError, match="is not empty"):
        make_scenes(tmp_path / "photos" / "mine.txt", ScenesRecipe(10))


@pytest.mark.parametrize("recipe", [{"photos": 9}, {"photos": 2_000_000}, {"photos": 20, "seed": -1}])
def test_a_recipe_that_cannot_be_is_refused(recipe: dict[str, int]) -> None:
    with pytest.raises(ConfigError):
        ScenesRecipe(**recipe)


def test_a_full_disk_is_reported_and_what_is_there_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = collection.atomic_write, iter(range(100))

    def full(path: Path):
        if next(calls) == 5:
            raise OSError(28, "No space left on device")
        return real(path)

    monkeypatch.setattr(collection, "atomic_write", full)
    with pytest.raises(DataError, match=r"can't be written to .*: no space left on device"):
        make_scenes(tmp_path / "scenes", ScenesRecipe(10))
    pictures = sorted((tmp_path / "scenes" / "Images").iterdir())
    assert len(pictures) == 5
    for path in pictures:
        with Image.open(path) as picture:
            assert picture.size == (SIDE, SIDE)
            picture.load()
    monkeypatch.undo()
    assert make_scenes(tmp_path / "scenes", ScenesRecipe(10)) == 5


def test_global_chance_is_left_alone(tmp_path: Path) -> None:
    state = random.getstate()
    make_scenes(tmp_path / "scenes", ScenesRecipe(10))
    assert random.getstate() == state
    shutil.rmtree(tmp_path / "scenes")
