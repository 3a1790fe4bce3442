"""Collections of questions without captions: read, looked over, split, and learnt from."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from core.errors import DataError
from core.files.checkpoint import load_model
from tests.training.conftest import COLOURS, draw_scene
from tests.training.run_history import read_events
from tests.training.small_runs import small_config
from training.commands.terminal import terminal
from training.data.captions import CaptionDataset, load_captions
from training.data.data_check import check_dataset
from training.data.qa_pair import QaPair
from training.data.ready_pairs import read_ready_pairs
from training.evaluation.measurement import Plan, measure_model
from training.loop.probe import measure_pace
from training.loop.training_run import run_training
from training.questions.data_preview import preview_data
from training.questions.pair_sample import print_sample
from training.questions.vqa_pairs import build_pairs

LINES = [
    {"image": "a.jpg", "question": "What is the giraffe behind?", "answers": {"log": 3, "tree": 5, "fallen tree": 2},
     "kind": "what is the", "source": "vqa-v2"},
    {"image": "a.jpg", "question": "Is it raining?", "answer": "no", "answers": {"yes": 1, "no": 9}},
    {"image": "b.jpg", "question": "What color is the car?", "answer": "red"},
    {"image": "gone.jpg", "question": "Who is it?", "answer": "a girl"},
]


def write_photos(folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(name.encode())


def asked(dataset: CaptionDataset) -> dict[str, list[tuple[str, str]]]:
    return {image.name: [(pair.question, pair.answer) for pair in image.questions] for image in dataset.images}


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """Three photos, of which two are asked about."""
    write_photos(tmp_path / "Images", ["a.jpg", "b.jpg", "silent.jpg"])
    (tmp_path / "questions.jsonl").write_text("\n".join(map(json.dumps, LINES)), encoding="utf-8")
    return tmp_path


def test_questions_without_captions_are_a_collection(collection: Path) -> None:
    dataset = load_captions(collection, dev_fraction=0)
    assert dataset.layout == "questions (questions.jsonl)"
    assert asked(dataset) == {
        "a.jpg": [("What is the giraffe behind?", "tree"), ("Is it raining?", "no")],
        "b.jpg": [("What color is the car?", "red")], "silent.jpg": [],
    }
    assert [(p.image, p.question, p.kind) for p in build_pairs(dataset, "train")] == [
        ("a.jpg", "Is it raining?", "presence"), ("a.jpg", "What is the giraffe behind?", "what is the"),
        ("b.jpg", "What color is the car?", "colour"),
    ]


def test_what_several_people_answered_is_kept_with_their_number(collection: Path) -> None:
    giraffe, rain = read_ready_pairs(collection / "questions.jsonl")["a.jpg"]
    assert giraffe.answers == (("log", 3), ("tree", 5), ("fallen tree", 2))
    assert (giraffe.answer, giraffe.agreement) == ("tree", "5 of 10"), "the answer that most people gave"
    assert (rain.answer, rain.agreement) == ("no", "9 of 10")


def test_the_check_counts_questions_and_says_what_is_useless(collection: Path) -> None:
    report = check_dataset(load_captions(collection, dev_fraction=0), decode=False)
    assert report.usable
    assert (len(report.dataset.images), report.captions_per_split, report.questions) == (3, {"train": 0}, 3)
    assert report.problems() == {
        "images without captions or questions": ["silent.jpg"],
        "images with ready-made questions but without a file": ["gone.jpg"],
    }
    assert report.lines()[0].endswith("0 captions, 3 ready-made questions")


def test_preview_and_sample_show_questions_with_the_share_of_people(collection: Path) -> None:
    dataset = load_captions(collection, dev_fraction=0)
    preview = preview_data(dataset)
    assert {Path(photo.path).name: {answer for _, answer in photo.pairs} for photo in preview.photos} == {
        "a.jpg": {"tree", "no"}, "b.jpg": {"red"},
    }
    assert preview.words == len("what is the giraffe behind tree it raining no color car red".split())
    console = terminal(width=200)
    with console.capture() as shown:
        print_sample(dataset, console, count=3)
    assert "[what is the] What is the giraffe behind? -> tree (5 of 10 people)\n" in shown.get()
    assert "[colour] What color is the car? -> red\n" in shown.get()


def test_they_are_split_by_photo(tmp_path: Path) -> None:
    names = [f"{number}.jpg" for number in range(20)]
    write_photos(tmp_path, names)
    lines = [{"image": name, "question": f"Number {k}?", "answer": f"{name} {k}"} for k in range(3) for name in names]
    (tmp_path / "questions.jsonl").write_text("\n".join(map(json.dumps, lines)))
    dataset = load_captions(tmp_path, seed=3, dev_fraction=0.25)
    assert [len(dataset.split(name)) for name in ("train", "dev")] == [15, 5]
    for split in ("train", "dev"):
        pairs = build_pairs(dataset, split)
        assert {pair.image for pair in pairs} == {image.name for image in dataset.split(split)}
        assert len(pairs) == 3 * len(dataset.split(split))


def test_beside_captions_a_photo_with_questions_alone_is_learnt_from_too(collection: Path) -> None:
    (collection / "captions.txt").write_text("image,caption\nb.jpg,A man in a red shirt rides a horse .\n")
    dataset = load_captions(collection, dev_fraction=0)
    assert {pair.image for pair in build_pairs(dataset, "train")} == {"a.jpg", "b.jpg"}
    assert dataset.layout == "CSV (captions.txt)"


@pytest.mark.parametrize("content", [b"just one column\n", b"image,caption\na.jpg,\x81\n"])
def test_a_captions_file_that_is_damaged_is_not_passed_over(collection: Path, content: bytes) -> None:
    (collection / "captions.txt").write_bytes(content)
    with pytest.raises(DataError, match=r"captions\.txt"):
        load_captions(collection)


def vqa_files(folder: Path, subset: str, images: list[int], *, answer: str) -> None:
    questions = [{"image_id": image, "question": f"What is {image}?", "question_id": 10 * image} for image in images]
    annotations = [
        {"question_id": 10 * image, "image_id": image, "question_type": "what is", "multiple_choice_answer": f"{answer} {image}",
         "answers": [{"answer": f"{answer} {image}", "answer_id": 1}, {"answer": "none", "answer_id": 2},
                     {"answer": f"{answer} {image}", "answer_id": 3}]}
        for image in reversed(images)
    ]
    folder.mkdir(exist_ok=True)
    (folder / f"v2_OpenEnded_mscoco_{subset}_questions.json").write_text(
        json.dumps({"data_subtype": subset, "questions": questions})
    )
    (folder / f"v2_mscoco_{subset}_annotations.json").write_text(json.dumps({"annotations": annotations}))


@pytest.mark.parametrize("name", ["COCO_val2014_{:012}.jpg", "{:012}.jpg"])
def test_vqa_s_own_files_are_read(tmp_path: Path, name: str) -> None:
    write_photos(tmp_path / "val2014", [name.format(number) for number in (7, 42)])
    vqa_files(tmp_path, "val2014", [42, 7, 99], answer="thing")
    dataset = load_captions(tmp_path, dev_fraction=0)
    assert dataset.layout == "VQA v2"
    assert asked(dataset) == {name.format(7): [("What is 7?", "thing 7")], name.format(42): [("What is 42?", "thing 42")]}
    assert dataset.images[1].questions[0].answers == (("thing 42", 2), ("none", 1))
    assert dataset.questions_astray == (name.format(99),)


def test_vqa_s_train_and_validation_files_keep_their_splits(tmp_path: Path) -> None:
    write_photos(tmp_path / "Images", [f"{number:012}.jpg" for number in (1, 2, 3)])
    vqa_files(tmp_path / "annotations", "train2014", [1, 3], answer="a")
    vqa_files(tmp_path / "annotations", "val2014", [2], answer="b")
    dataset = load_captions(tmp_path)
    assert [(image.questions[0].answer, image.split) for image in dataset.images] == [
        ("a 1", "train"), ("b 2", "dev"), ("a 3", "train"),
    ]


@pytest.fixture(scope="module")
def coloured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn things that are asked for their colour."""
    folder, draw = tmp_path_factory.mktemp("any") / "coloured", random.Random(1)
    (folder / "Images").mkdir(parents=True)
    lines: list[dict[str, object]] = []
    for number in range(12):
        colour = draw.choice(list(COLOURS))
        draw_scene(folder / "Images" / f"{number}.png", colour=colour, thing="ball", corner=(5 * number, 3 * number))
        lines.append({"image": f"{number}.png", "question": "What color is the ball?", "answers": {"a": 1, colour: 9}})
        lines.append({"image": f"{number}.png", "question": "Is there a cat?", "answer": "no"})
    (folder / "questions.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return folder


def test_a_model_learns_from_questions_alone_and_is_measured_on_them(coloured: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert run_training(small_config(coloured, compare_with_starter=True), run).finished
    report = json.loads((run / "report.json").read_text())
    assert report["captions"] == {}
    assert set(report["answers"]["SPIN off"]) == {"colour", "presence"}
    assert "starter model" in report["answers"]
    assert "Captions of" not in (run / "card.md").read_text()
    shown = [event["answers"] for event in read_events(run / "events.jsonl") if event["event"] == "samples"][-1]
    expected = {image.path.name: image.questions[0].answer for image in load_captions(coloured).images}
    assert shown
    for entry in shown:
        assert (entry["question"], entry["reference"]) == ("What color is the ball?", expected[Path(entry["image"]).name])
    with pytest.raises(DataError, match="holds no photo with a caption in its dev split"):
        measure_model(load_model(run / "best.safetensors"), Plan(load_captions(coloured), {"SPIN off": None}, ("captions",)),
                      tmp_path, on_progress=lambda _: None)


def test_the_pace_is_measured_on_questions_alone(coloured: Path, tmp_path: Path) -> None:
    assert measure_pace(small_config(coloured), tmp_path, seconds=0.1).fine_tune > 0
    copied = [pair for pairs in read_ready_pairs(tmp_path / "photos" / "questions.jsonl").values() for pair in pairs]
    original = [pair for pairs in read_ready_pairs(coloured / "questions.jsonl").values() for pair in pairs]
    assert sorted(map(_without_photo, copied)) == sorted(map(_without_photo, original))


def _without_photo(pair: QaPair) -> tuple[object, ...]:
    return pair.question, pair.answer, pair.kind, pair.answers
