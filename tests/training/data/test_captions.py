"""Datasets in every layout, their splits, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.errors import DataError
from training.data.captions import load_captions, seeded_choice
from training.data.data_check import check_dataset

NAMES = [f"photo_{number}.jpg" for number in range(10)]


def make_images(folder: Path, names: list[str]) -> None:
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (number * 20 % 256, 0, number % 256)).save(path)


def caption_rows(names: list[str]) -> str:
    return "image,caption\n" + "".join(f'{name},"A dog, number {n}, runs ."\n' for n, name in enumerate(names))


def test_captions_txt_with_quoted_commas(tmp_path: Path) -> None:
    make_images(tmp_path / "Images", NAMES[:2])
    (tmp_path / "captions.txt").write_text(caption_rows(NAMES[:2]) + f"{NAMES[0]},A second caption .\n")
    dataset = load_captions(tmp_path, dev_fraction=0)
    assert [image.name for image in dataset.images] == NAMES[:2]
    assert dataset.images[0].captions == ("A dog, number 0, runs .", "A second caption .")
    assert dataset.images[0].path == tmp_path / "Images" / NAMES[0]
    assert "captions.txt" in dataset.layout
    assert dataset.entities is None


def test_unquoted_commas_stay_in_the_caption(tmp_path: Path) -> None:
    make_images(tmp_path, NAMES[:1])
    (tmp_path / "captions.txt").write_text(f"image,caption\n{NAMES[0]},a dog, a cat and a cow\n")
    assert load_captions(tmp_path, dev_fraction=0).images[0].captions == ("a dog, a cat and a cow",)


def test_token_file_in_its_text_folder_with_official_lists(tmp_path: Path) -> None:
    make_images(tmp_path / "Flicker8k_Dataset", NAMES[:4])
    text = tmp_path / "Flickr8k_text"
    text.mkdir()
    (text / "Flickr8k.token.txt").write_text("".join(f"{n}#0\tA dog on {n} .\n{n}#1\tA brown dog on {n} .\n" for n in NAMES[:4]))
    for index, split in enumerate(("train", "dev", "test")):
        (text / f"Flickr_8k.{split}Images.txt").write_text(NAMES[index] + "\n")
    dataset = load_captions(tmp_path)
    assert [image.split for image in dataset.images] == ["train", "dev", "test", "train"]
    assert dataset.unlisted == (NAMES[3],)
    for image in dataset.images:
        assert image.captions == (f"A dog on {image.name} .", f"A brown dog on {image.name} .")
    assert [image.name for image in dataset.split("test")] == [NAMES[2]]


def test_karpathy_json_with_its_splits(tmp_path: Path) -> None:
    make_images(tmp_path / "Images", NAMES[:4])
    splits = ["train", "val", "test", "restval"]
    images = [
        {"filename": name, "split": split, "sentences": [{"raw": f"A cat on {name} ."}, {"raw": f"A pet on {name} ."}]}
        for name, split in zip(NAMES, splits, strict=False)
    ]
    (tmp_path / "dataset_flickr8k.json").write_text(json.dumps({"images": images, "dataset": "flickr8k"}))
    dataset = load_captions(tmp_path)
    assert [image.split for image in dataset.images] == ["train", "dev", "test", "train"]
    for image in dataset.images:
        assert image.captions == (f"A cat on {image.name} .", f"A pet on {image.name} .")


@pytest.mark.parametrize(
    ("file_name", "content"),
    [
        ("mine.csv", "filename;text\n{0};A cat .\n{1};A dog .\n"),
        ("results.csv", "image_name| comment_number| comment\n{0}| 0| A cat .\n{1}| 0| A dog .\n"),
        ("mine.tsv", "caption\tfile\nA cat .\t{0}\nA dog .\t{1}\n"),
        ("mine.jsonl", '{{"image": "{0}", "caption": "A cat ."}}\n{{"image": "{1}", "caption": "A dog ."}}\n'),
        ("mine.json", '[{{"img": "{0}", "captions": ["A cat ."]}}, {{"img": "{1}", "captions": ["A dog ."]}}]'),
        ("captions.txt", "{0},A cat .\n{1},A dog .\n"),
    ],
)
def test_any_table_with_image_and_caption_columns(tmp_path: Path, file_name: str, content: str) -> None:
    make_images(tmp_path / "pictures", NAMES[:2])
    (tmp_path / file_name).write_text(content.format(*NAMES))
    dataset = load_captions(tmp_path, dev_fraction=0)
    assert [image.captions for image in dataset.images] == [("A cat .",), ("A dog .",)]


def test_paths_inside_a_subfolder_are_found(tmp_path: Path) -> None:
    make_images(tmp_path, ["a/one.png", "b/two.png"])
    (tmp_path / "captions.csv").write_text("image,caption\na/one.png,A cat .\nb\\two.png,A dog .\n")
    assert [image.name for image in load_captions(tmp_path).images] == ["a/one.png", "b/two.png"]


def test_split_column_of_a_table(tmp_path: Path) -> None:
    make_images(tmp_path, NAMES[:2])
    rows = f"{NAMES[0]},A cat .,train\n{NAMES[1]},A dog .,validation\n"
    (tmp_path / "mine.csv").write_text("image,caption,split\n" + rows)
    assert [image.split for image in load_captions(tmp_path).images] == ["train", "dev"]


def test_seeded_split_is_by_image_and_repeatable(tmp_path: Path) -> None:
    make_images(tmp_path / "Images", NAMES)
    (tmp_path / "captions.txt").write_text(caption_rows(NAMES * 3))
    first, again, other = (load_captions(tmp_path, seed=seed, dev_fraction=0.3) for seed in (1, 1, 2))
    assert first == again
    assert [i.split for i in first.images] != [i.split for i in other.images]
    assert len(first.split("dev")) == 3
    assert all(len(image.captions) == 3 for image in first.images)


def test_row_order_does_not_change_the_split(tmp_path: Path) -> None:
    make_images(tmp_path / "Images", NAMES)
    (tmp_path / "captions.txt").write_text(caption_rows(NAMES))
    forwards = {image.name: image.split for image in load_captions(tmp_path).images}
    (tmp_path / "captions.txt").write_text(caption_rows(NAMES[::-1]))
    assert {image.name: image.split for image in load_captions(tmp_path).images} == forwards


@given(st.lists(st.text(min_size=1), unique=True, max_size=30), st.floats(0.01, 0.9), st.integers())
def test_seeded_choice_takes_some_but_never_all(names: list[str], fraction: float, seed: int) -> None:
    chosen = seeded_choice(names, fraction, seed=seed)
    assert set(chosen) <= set(names)
    assert len(names) < 2 or 1 <= len(chosen) < len(names)
    assert chosen == seeded_choice(names[::-1], fraction, seed=seed)


@pytest.mark.parametrize(
    "name", ["../secret.jpg", "/etc/secret.jpg", "a/../../secret.jpg", "C:\\secret.jpg", "\\\\host\\x.jpg"]
)
def test_paths_that_leave_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "data"
    make_images(folder, NAMES[:1])
    make_images(tmp_path, ["secret.jpg"])
    (folder / "captions.csv").write_text(f"image,caption\n{NAMES[0]},A cat .\n{name},A dog .\n")
    dataset = load_captions(folder)
    assert dataset.refused == (name.replace("\\", "/"),)
    assert [image.name for image in dataset.images] == NAMES[:1]


def test_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    make_images(folder, NAMES[:1])
    make_images(tmp_path, ["secret.jpg"])
    try:
        (folder / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    except OSError:
        pytest.skip("no links on this file system")
    (folder / "captions.csv").write_text(f"image,caption\n{NAMES[0]},A cat .\nlink.jpg,A dog .\n")
    assert load_captions(folder).refused == ("link.jpg",)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "has no captions file"),
        ({"captions.txt": ""}, "no captions could be read"),
        ({"captions.txt": "just one column\nmore\n"}, "no captions could be read"),
        ({"notes.json": "{broken"}, "no captions could be read"),
        ({"captions.txt": "image,caption\ngone.jpg,A cat .\n"}, "none of the photos"),
        ({"captions.txt": "image,caption\n../gone.jpg,A cat .\n"}, "lies outside"),
    ],
)
def test_useless_folders_are_named(tmp_path: Path, files: dict[str, str], message: str) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=message) as caught:
        load_captions(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is not a folder"):
        load_captions(tmp_path / "gone")


def test_a_photo_in_two_split_lists_is_an_error(tmp_path: Path) -> None:
    make_images(tmp_path, NAMES[:2])
    (tmp_path / "captions.txt").write_text(caption_rows(NAMES[:2]))
    (tmp_path / "Flickr_8k.trainImages.txt").write_text(NAMES[0])
    (tmp_path / "Flickr_8k.devImages.txt").write_text(NAMES[0])
    with pytest.raises(DataError, match=f"{NAMES[0]} is in the split list of train and in that of dev"):
        load_captions(tmp_path)


def test_the_check_finds_everything_wrong(tmp_path: Path) -> None:
    make_images(tmp_path / "Images", [*NAMES[:4], "uncaptioned.jpg"])
    images = tmp_path / "Images"
    (images / NAMES[1]).write_bytes((images / NAMES[0]).read_bytes())
    (images / NAMES[2]).write_bytes(b"not an image")
    rows = caption_rows([*NAMES[:4], "gone.jpg", "../out.jpg"])
    (tmp_path / "captions.txt").write_text(rows + f"{NAMES[0]},  \n")
    (tmp_path / "Flickr_8k.trainImages.txt").write_text("\n".join([NAMES[0], NAMES[2]]))
    (tmp_path / "Flickr_8k.devImages.txt").write_text(NAMES[1])
    calls: list[tuple[int, int]] = []
    report = check_dataset(load_captions(tmp_path), progress=lambda done, total: calls.append((done, total)))
    assert calls == [(number, 5) for number in range(1, 6)]
    assert (len(report.dataset.images), report.captions_per_split) == (5, {"train": 3, "dev": 1})
    assert report.images_per_split == {"train": 4, "dev": 1}
    assert report.dataset.missing == ("gone.jpg",)
    assert report.dataset.refused == ("../out.jpg",)
    assert report.without_captions == ["uncaptioned.jpg"]
    assert [image.name for image in report.broken] == [NAMES[2]]
    assert report.duplicates == report.duplicates_across_splits == ((NAMES[0], NAMES[1]),)
    assert report.dataset.unlisted == (NAMES[3],)
    assert report.usable
    text = "\n".join(report.lines())
    for word in ("gone.jpg", "../out.jpg", "uncaptioned.jpg", "broken", "identical", "skipped", NAMES[3]):
        assert word in text


def test_without_decoding_nothing_is_called_broken(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"not an image")
    (tmp_path / "captions.txt").write_text("image,caption\na.jpg,A cat .\n")
    report = check_dataset(load_captions(tmp_path), decode=False)
    assert report.broken == ()
    assert not report.decoded
    assert "the images were not opened" in report.lines()


@given(st.text(max_size=300))
def test_any_text_as_captions_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "captions.txt").write_text(text, encoding="utf-8")
    with pytest.raises(DataError):
        load_captions(folder)
