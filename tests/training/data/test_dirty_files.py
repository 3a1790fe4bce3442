"""Captions files as other programs and people really leave them: nothing that they say is lost."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.errors import DataError
from training.data.captions import CaptionDataset, load_captions
from training.data.data_check import check_dataset
from training.data.entities import read_entities, sentence_file
from training.data.known_objects import read_known_objects
from training.data.ready_pairs import read_ready_pairs

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252")
"""utf-16 and utf-32 with a mark at the start, as Windows Notepad and Excel write them."""


class Semicolon(csv.excel):
    """Excel's and LibreOffice's where the comma is the decimal sign."""

    delimiter = ";"


class Pipe(csv.unix_dialect):
    delimiter = "|"


class Escaping(csv.excel):
    """A database's export."""

    doublequote = False
    escapechar = "\\"
    quoting = csv.QUOTE_ALL


DIALECTS = {"excel": csv.excel, "excel-tab": csv.excel_tab, "unix": csv.unix_dialect, "semicolon": Semicolon, "pipe": Pipe,
            "escaping": Escaping}
NAMES = [f"{number}.jpg" for number in range(4)]
WORDS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=30)


def squeezed(text: str) -> str:
    return " ".join(text.split())


def write_photos(folder: Path, names: list[str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(name.encode())
    return folder


def load(folder: Path, content: str | bytes, *, name: str = "captions.txt", photos: int = 4) -> CaptionDataset:
    write_photos(folder, NAMES[:photos])
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return load_captions(folder, dev_fraction=0)


def captions(dataset: CaptionDataset) -> dict[str, tuple[str, ...]]:
    return {image.name: image.captions for image in dataset.images if image.captions}


@pytest.mark.parametrize("dialect", DIALECTS)
@given(texts=st.lists(WORDS.filter(squeezed), min_size=1, max_size=4), encoding=st.sampled_from(ENCODINGS))
def test_a_table_that_a_program_wrote_is_read_back_whatever_it_holds(
    tmp_path_factory: pytest.TempPathFactory, dialect: str, texts: list[str], encoding: str
) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, DIALECTS[dialect])
    writer.writerow(("image", "caption"))
    assume(not any(text.lstrip().startswith("[") for text in texts))  # may be a list of captions
    # Some versions of csv.writer leave a carriage return unquoted.
    writer.writerows((name, f"{text.replace(chr(13), ' ')} ") for name, text in zip(NAMES, texts, strict=False))
    content = buffer.getvalue()
    try:
        encoded = content.encode(encoding)
    except UnicodeEncodeError:
        assume(False)
        raise
    assume(encoding not in ("utf-16-le", "utf-16-be") or content.isascii())  # else nothing tells the encoding
    assume(encoding != "cp1252" or content.isascii() or not _is_utf8(encoded))
    assume(dialect != "escaping" or "\\" not in content.replace('\\"', ""))  # csv.writer doesn't escape its own sign
    dataset = load(tmp_path_factory.mktemp("any"), encoded)
    assert captions(dataset) == {name: (squeezed(text),) for name, text in zip(NAMES, texts, strict=False)}
    assert dataset.rows_skipped == ()


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
@given(parts=st.lists(st.text("ab \"'", min_size=1).filter(squeezed), min_size=1, max_size=5))
def test_unquoted_separators_stay_in_the_caption(
    tmp_path_factory: pytest.TempPathFactory, separator: str, parts: list[str]
) -> None:
    caption = separator.join(parts)
    assume(letters(caption))
    said = load(tmp_path_factory.mktemp("any"), f"image{separator}caption\n0.jpg{separator}{caption}\n1.jpg{separator}a cow\n")
    assert {name: letters(*texts) for name, texts in captions(said).items()} == {"0.jpg": letters(caption), "1.jpg": "acow"}


def letters(*texts: str) -> str:
    return "".join(character for text in texts for character in text if character.isalpha())


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("image,caption\n0.jpg,a man, a dog, a cat\n1.jpg,a cow\n", {"0.jpg": ["a man, a dog, a cat"], "1.jpg": ["a cow"]}),
        ("0.jpg,a man, a dog, a cat\n1.jpg,a cow\n", {"0.jpg": ["a man, a dog, a cat"], "1.jpg": ["a cow"]}),
        ("image,caption,split\n0.jpg,a man, a dog, a cat,train\n", {"0.jpg": ["a man, a dog, a cat"]}),
        ("caption,image\na man, a dog, a cat,0.jpg\na cow,1.jpg\n", {"0.jpg": ["a man, a dog, a cat"], "1.jpg": ["a cow"]}),
        ("image,caption,,\n0.jpg,a man, a dog,,\n1.jpg,a cow,,\n", {"0.jpg": ["a man, a dog"], "1.jpg": ["a cow"]}),
        (",image,caption\n0,0.jpg,a man\n1,1.jpg,a cow\n", {"0.jpg": ["a man"], "1.jpg": ["a cow"]}),
        ("sep=;\r\nimage;caption\r\n0.jpg;a man, a dog\r\n", {"0.jpg": ["a man, a dog"]}),
        ("image,caption\n0.jpg,a 12\" pizza, a dog\n1.jpg,a cow\n", {"0.jpg": ['a 12" pizza, a dog'], "1.jpg": ["a cow"]}),
        ('image,caption\n0.jpg,"Stop" says a sign\n1.jpg,a cow\n', {"0.jpg": ['"Stop" says a sign'], "1.jpg": ["a cow"]}),
        ('image,caption\n0.jpg,"a man\n\nand a dog"\n1.jpg,a cow\n', {"0.jpg": ["a man and a dog"], "1.jpg": ["a cow"]}),
        ("image,caption\r0.jpg,a man\r1.jpg,a cow\r", {"0.jpg": ["a man"], "1.jpg": ["a cow"]}),
        ("image,caption_1,caption_2\n0.jpg,a man,a boy\n1.jpg,a cow,\n", {"0.jpg": ["a man", "a boy"], "1.jpg": ["a cow"]}),
        ('raw,split,filename\n"[""a man, old"", ""a \\u0041""]",train,0.jpg\n"[\'a cow\', ""it\'s""]",train,1.jpg\n',
         {"0.jpg": ["a man, old", "a A"], "1.jpg": ["a cow", "it's"]}),
        ('image,caption\n0.jpg,[]\n1.jpg,"[""""]"\n2.jpg,[a cow]\n', {"0.jpg": ["[]"], "1.jpg": ['[""]'], "2.jpg": ["[a cow]"]}),
        ("Image Name,Comment Number,Comment\n0.jpg,0,a man\n0.jpg,1,a boy, too\n", {"0.jpg": ["a man", "a boy, too"]}),
        ("0.jpg#0,a man\n0.jpg#1,a boy\n1.jpg#0,a cow\n", {"0.jpg": ["a man", "a boy"], "1.jpg": ["a cow"]}),
        ("0.jpg#0\ta man\x85old\n1.jpg#0\ta\u2028cow\n", {"0.jpg": ["a man old"], "1.jpg": ["a cow"]}),
    ],
)
def test_what_people_write_is_read_as_they_meant_it(tmp_path: Path, table: str, expected: dict[str, list[str]]) -> None:
    dataset = load(tmp_path, table)
    assert captions(dataset) == {name: tuple(texts) for name, texts in expected.items()}
    assert dataset.rows_skipped == ()


def test_the_split_of_a_row_with_unquoted_commas_is_its_own(tmp_path: Path) -> None:
    dataset = load(tmp_path, "image,caption,split\n0.jpg,a man, a dog, a cat,val\n1.jpg,a cow,train\n2.jpg,a, b,test\n")
    assert {image.name: image.split for image in dataset.images if image.captions} == {
        "0.jpg": "dev", "1.jpg": "train", "2.jpg": "test",
    }


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e"])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("captions.csv", "image,caption\n0.jpg,a man{0}old\n1.jpg,a cow\n"),
        ("captions.tsv", "image\tcaption\n0.jpg\ta man{0}old\n1.jpg\ta cow\n"),
        ("captions.jsonl", '{{"image": "0.jpg", "caption": "a man{0}old"}}\n{{"image": "1.jpg", "caption": "a cow"}}\n'),
        ("Flickr8k.token.txt", "0.jpg#0\ta man{0}old\n1.jpg#0\ta cow\n"),
    ],
)
def test_only_a_line_end_ends_a_line(tmp_path: Path, name: str, content: str, character: str) -> None:
    if name.endswith("jsonl") and character < " ":
        character = json.dumps(character)[1:-1]  # JSON takes it as an escape only
    dataset = load(tmp_path, content.format(character), name=name)
    assert captions(dataset) == {"0.jpg": ("a man old",), "1.jpg": ("a cow",)}
    assert dataset.rows_skipped == ()


@pytest.mark.parametrize(
    "table",
    [
        'image,caption\n0.jpg,"a man, old\n1.jpg,a cow\n2.jpg,"a cat, a dog"\n',
        'image,caption\n0.jpg,"a man, old\n1.jpg,a cow\n2.jpg,"a cat, a dog"',
        'caption,image\n"a man, old,0.jpg\na cow,1.jpg\n"a cat, a dog",2.jpg\n',
        '"0.jpg","a man, old\n"1.jpg","a cow"\n"2.jpg","a cat, a dog"\n',
        'image,caption\r\n0.jpg,"a man, old\r\n1.jpg,a cow\r\n2.jpg,a cat, a dog\r\n',
    ],
)
def test_a_quote_that_is_not_closed_swallows_no_other_row(tmp_path: Path, table: str) -> None:
    dataset = load(tmp_path, table)
    assert captions(dataset) == {"0.jpg": ('"a man, old',), "1.jpg": ("a cow",), "2.jpg": ("a cat, a dog",)}
    line = 1 if table.startswith('"0.jpg') else 2
    assert check_dataset(dataset, decode=False).problems()["rows with a quotation mark that isn't closed"] == [f"line {line}"]


def test_photos_known_by_number_are_not_swallowed_either(tmp_path: Path) -> None:
    write_photos(tmp_path, ["10001", "10002", "10003"])
    dataset = load(tmp_path, 'image_id,caption\n10001,"a man\n10002,a tape of 12"\n10003,a cat\n', photos=0)
    assert captions(dataset) == {"10001": ('"a man',), "10002": ('a tape of 12"',), "10003": ("a cat",)}


def test_every_row_that_is_left_out_is_named_with_its_line(tmp_path: Path) -> None:
    dataset = load(tmp_path, 'image,caption\n0.jpg,"a man\nand a dog"\n,a cow\n\n2.jpg\n3.jpg,  \n1.jpg,a cat\n')
    skipped = ["line 4 has no photo", "line 6 has no caption", "line 7 has no caption"]
    assert check_dataset(dataset, decode=False).problems()["rows without an image or a caption, skipped"] == skipped
    assert captions(dataset) == {"0.jpg": ("a man and a dog",), "1.jpg": ("a cat",)}


@pytest.mark.parametrize(
    ("name", "content", "skipped"),
    [
        ("captions.jsonl", '{"image": "0.jpg", "caption": "a man"}\n\n{torn\n{"image": "1.jpg"}\n',
         ["line 3 is no JSON object", "line 4 has no caption"]),
        ("captions.json", '[{"image": "0.jpg", "caption": "a man"}, 3, {"caption": "a cow"}]',
         ["entry 2 is no JSON object", "entry 3 has no photo"]),
        ("Flickr8k.token.txt", "0.jpg#0\ta man\n\n1.jpg a cow\n2.jpg#0\t \n",
         ["line 3 isn't NAME#NUMBER, a tab, and a caption", "line 4 has no caption"]),
        ("captions.csv", "image,caption1,caption2\n0.jpg,a man,a boy\n1.jpg,a, b,c\n",
         ["line 3 has 4 cells where the header has 3"]),
    ],
)
def test_a_faulty_line_of_any_layout_is_named_and_the_others_are_used(
    tmp_path: Path, name: str, content: str, skipped: list[str]
) -> None:
    dataset = load(tmp_path, content, name=name)
    assert captions(dataset)["0.jpg"][0] == "a man"
    assert list(dataset.rows_skipped) == skipped


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("captions.txt", "image\tcaption\r\n0.jpg\ta café\r\n1.jpg\ta cow\r\n"),
        ("Flickr8k.token.txt", "0.jpg#0\ta café\n1.jpg#0\ta cow\n"),
        ("captions.json", '[{"image": "0.jpg", "caption": "a café"}, {"image": "1.jpg", "caption": "a cow"}]'),
    ],
)
def test_each_encoding_that_programs_write_is_read(tmp_path: Path, encoding: str, name: str, content: str) -> None:
    assert captions(load(tmp_path, content.encode(encoding), name=name)) == {"0.jpg": ("a café",), "1.jpg": ("a cow",)}


def test_lines_that_were_appended_in_another_encoding_are_read(tmp_path: Path) -> None:
    content = "image,caption\n0.jpg,a café\n".encode() + "1.jpg,a Käfer\n".encode("cp1252")
    assert captions(load(tmp_path, content)) == {"0.jpg": ("a café",), "1.jpg": ("a Käfer",)}


@pytest.mark.parametrize(
    "content",
    [b"image,caption\n0.jpg,a \x81 dog\n", b"image,caption\n0.jpg,a \0 dog\n",
     "image,caption\n0.jpg,dog".encode("utf-16") + b"\0"],
)
def test_an_encoding_that_is_not_known_is_named_with_its_line(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DataError, match=r"^line 2 of captions.txt is in an unknown encoding; save the file as UTF-8"):
        load(tmp_path, content)


def test_a_file_in_an_unknown_encoding_does_not_hide_the_captions(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\x81\x8d")
    assert captions(load(tmp_path, "image,caption\n0.jpg,a man\n", name="b.csv")) == {"0.jpg": ("a man",)}


def test_coco_captions_are_read(tmp_path: Path) -> None:
    content = {
        "images": [{"id": 7, "file_name": "0.jpg"}, {"id": 3, "file_name": "1.jpg"}],
        "annotations": [{"image_id": 3, "caption": "a cow"}, {"image_id": 7, "caption": "a man"},
                        {"image_id": 7, "caption": "a boy"}, {"image_id": 99, "caption": "nobody"}],
    }
    dataset = load(tmp_path, json.dumps(content), name="captions_val2017.json")
    assert captions(dataset) == {"0.jpg": ("a man", "a boy"), "1.jpg": ("a cow",)}
    assert dataset.rows_skipped == ("entry 4 has no photo",)
    assert dataset.layout == "COCO JSON (captions_val2017.json)"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_questions_and_objects_are_read_in_each_encoding_and_end_lines_at_line_ends_only(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "questions.jsonl").write_bytes(
        '{"image": "a.jpg", "question": "Who\u2028is it?", "answer": "a\x85man"}\r\n'
        '{"image": "b.jpg", "question": "Why?", "answer": "so"}\r\n'.encode(encoding)
    )
    (tmp_path / "objects.jsonl").write_bytes(
        '{"image": "a.jpg", "objects": ["man"], "by": "me\u2028"}\n{"image": "b.jpg", "objects": ["dog"]}\n'.encode(encoding)
    )
    pairs = read_ready_pairs(tmp_path / "questions.jsonl")
    assert [(p.image, p.question, p.answer) for found in pairs.values() for p in found] == [
        ("a.jpg", "Who is it?", "a man"), ("b.jpg", "Why?", "so"),
    ]
    assert set(read_known_objects(tmp_path).present) == {"a.jpg", "b.jpg"}


def test_a_marked_caption_ends_at_its_line_end_only(tmp_path: Path) -> None:
    path = sentence_file(tmp_path, "12_a.jpg")
    path.parent.mkdir()
    path.write_text("[/EN#1/people A man]\u2028runs .\n[/EN#2/animals A dog] sits .\n", encoding="utf-8")
    assert [parsed.tokens[-2] for parsed in read_entities(tmp_path, "12_a.jpg")] == ["runs", "sits"]
