"""Reads captions files and split lists: Flickr8k's layouts, Karpathy's JSON, CSV and JSON lines with known columns."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from core.errors import DataError
from training.data.image_folder import IMAGE_SUFFIXES

SplitName = Literal["train", "dev", "test"]
IMAGE_COLUMNS = (
    "image", "image_name", "filename", "file_name", "file", "image_path", "filepath", "path", "image_id", "img",
)
CAPTION_COLUMNS = ("caption", "captions", "text", "comment", "sentence", "sentences", "raw", "description")
SPLIT_VALUES: dict[str, SplitName] = {
    "train": "train", "training": "train", "restval": "train", "val": "dev", "valid": "dev", "validation": "dev",
    "dev": "dev", "test": "test", "testing": "test",
}
SPLIT_LISTS: dict[str, SplitName] = {
    "Flickr_8k.trainImages.txt": "train", "Flickr_8k.devImages.txt": "dev", "Flickr_8k.testImages.txt": "test",
}
TEXT_FOLDERS = ("", "Flickr8k_text", "flickr8k_text", "text", "annotations")
TOKEN_LINE = re.compile(r"(?P<name>[^\t]+?)#\d+\s*\t(?P<caption>.*)")
DELIMITERS = (",", "\t", "|", ";")
MAX_FIELD = 1_000_000


@dataclass(frozen=True)
class CaptionFile:
    """What one captions file says."""

    layout: str
    texts: dict[str, list[str]]
    """Captions of each image name, both in the file's order."""
    splits: dict[str, SplitName]
    """Split of the images for which the file names one."""
    rows_skipped: int
    """Rows without a name or a caption."""


Row = tuple[str, list[str], str | None]
"""Image name, captions, split value."""


def find_caption_file(folder: Path) -> CaptionFile:
    """Read the captions file of a dataset folder. Raises DataError where none is there or none can be read."""
    tried: list[Path] = []
    for path in _candidates(folder):
        rows = _read_rows(path)
        if rows is None:
            tried.append(path)
            continue
        layout, entries = rows
        captions = _collect(layout, entries)
        if captions.texts:
            return captions
        tried.append(path)
    if tried:
        names = ", ".join(path.name for path in tried[:3])
        raise DataError(
            f"no captions could be read in {folder} (tried {names}): a file with an image and a caption column "
            "is needed"
        )
    raise DataError(f"{folder} has no captions file, such as captions.txt, Flickr8k.token.txt or dataset_flickr8k.json")


def _candidates(folder: Path) -> list[Path]:
    """Files that may hold captions, the best-known names first."""
    first = ("captions.txt", "Flickr8k.token.txt", "dataset_flickr8k.json", "dataset.json", "captions.csv",
             "results.csv")
    paths = [path for sub in TEXT_FOLDERS for name in first if (path := folder / sub / name).is_file()]
    for sub in TEXT_FOLDERS:
        if (folder / sub).is_dir():
            paths += sorted(
                path for path in (folder / sub).iterdir()
                if path.is_file() and path.suffix.lower() in {".csv", ".tsv", ".jsonl", ".json"} and path not in paths
            )
            paths += sorted(path for path in (folder / sub).glob("*token*.txt") if path.is_file() and path not in paths)
    return paths


def _read_rows(path: Path) -> tuple[str, list[Row]] | None:
    """(layout, rows) of a captions file, or None for a file that is something else."""
    text = read_text(path)
    in_json = path.suffix.lower() in {".json", ".jsonl"}
    readers: dict[str, Callable[[str], list[Row] | None]] = (
        {"Karpathy JSON": _karpathy_rows, "JSON lines": _json_rows} if in_json
        else {"Flickr8k token file": _token_rows, "CSV": _table_rows}
    )
    for name, reader in readers.items():
        rows = reader(text)
        if rows is not None:
            return f"{name} ({path.name})", rows
    return None


def read_text(path: Path) -> str:
    """A text file in UTF-8 or, failing that, in Windows' western code page. Raises DataError where it can't be read."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} can't be read: {error.strerror or error}") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _collect(layout: str, rows: Iterable[Row]) -> CaptionFile:
    texts: dict[str, list[str]] = {}
    splits: dict[str, SplitName] = {}
    skipped = 0
    for name, captions, split in rows:
        name = name.strip().replace("\\", "/")
        kept = [" ".join(caption.split()) for caption in captions if caption.strip()]
        if not name or not kept:
            skipped += 1
            continue
        texts.setdefault(name, []).extend(kept)
        if split is not None and (value := SPLIT_VALUES.get(split.strip().lower())) is not None:
            splits[name] = value
    return CaptionFile(layout, texts, splits, skipped)


def _token_rows(text: str) -> list[Row] | None:
    """`name.jpg#0<TAB>caption` on each line."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or TOKEN_LINE.fullmatch(lines[0]) is None:
        return None
    matches = [TOKEN_LINE.fullmatch(line) for line in lines]
    return [("", [], None) if match is None else (match["name"], [match["caption"]], None) for match in matches]


def _table_rows(text: str) -> list[Row] | None:
    """A table with a header that names an image and a caption column, or `name.jpg,caption` without one."""
    head = text.lstrip("\r\n").split("\n", 1)[0]
    csv.field_size_limit(MAX_FIELD)
    for delimiter in sorted(DELIMITERS, key=lambda d: -head.count(d)):
        try:
            rows = list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter, skipinitialspace=True))
        except csv.Error:
            continue
        rows = [row for row in rows if any(cell.strip() for cell in row)]
        if not rows or len(rows[0]) < 2:
            continue
        header = [cell.strip().lower() for cell in rows[0]]
        image, caption = _first(header, IMAGE_COLUMNS), _first(header, CAPTION_COLUMNS)
        split = _first(header, ("split", "subset"))
        if image is not None and caption is not None:
            return [_table_row(row, image, caption, split) for row in rows[1:]]
        if Path(rows[0][0].strip()).suffix.lower() in IMAGE_SUFFIXES:
            return [_table_row([row[0], delimiter.join(row[1:])], 0, 1, None) for row in rows]
    return None


def _first(header: list[str], wanted: tuple[str, ...]) -> int | None:
    return next((header.index(name) for name in wanted if name in header), None)


def _table_row(row: list[str], image: int, caption: int, split: int | None) -> Row:
    if caption == len(row) - 2 and split is None and image == 0 and caption == 1:
        row = [row[0], ", ".join(row[1:])]  # an unquoted comma in a caption
    if max(image, caption) >= len(row):
        return "", [], None
    return row[image], [row[caption]], row[split] if split is not None and split < len(row) else None


def _karpathy_rows(text: str) -> list[Row] | None:
    """`{"images": [{"filename", "split", "sentences": [{"raw"}]}]}`."""
    try:
        data: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    images = cast(dict[str, Any], data).get("images")
    return _object_rows(cast(list[Any], images)) if isinstance(images, list) else None


def _json_rows(text: str) -> list[Row] | None:
    """One JSON object a line, or a list of objects."""
    try:
        data: Any = json.loads(text)
    except (ValueError, RecursionError):
        try:
            data = [json.loads(line) for line in text.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            return None
    if isinstance(data, dict):
        data = [data]
    return _object_rows(cast(list[Any], data)) if isinstance(data, list) else None


def _object_rows(entries: list[Any]) -> list[Row] | None:
    rows: list[Row] = []
    for entry in entries:
        if not isinstance(entry, dict):
            return None
        values = {str(key).lower(): value for key, value in cast(dict[Any, Any], entry).items()}
        name = next((values[key] for key in IMAGE_COLUMNS if isinstance(values.get(key), str)), "")
        if "filename" in values and isinstance(values.get("filepath"), str):  # COCO's: the folder stands apart
            name = f"{values['filepath']}/{values['filename']}"
        captions = next((_caption_texts(values[key]) for key in CAPTION_COLUMNS if key in values), list[str]())
        split = values.get("split")
        rows.append((name, captions, split if isinstance(split, str) else None))
    return rows if any(name for name, _, _ in rows) else None


def _caption_texts(value: Any) -> list[str]:
    """Captions from a string, a list of strings, or a list of objects with a "raw" or "caption" text."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for item in cast(list[Any], value) for text in _caption_texts(item)]
    if isinstance(value, dict):
        texts = cast(Mapping[str, Any], value)
        return next(([texts[key]] for key in CAPTION_COLUMNS if isinstance(texts.get(key), str)), list[str]())
    return []


def read_split_lists(folder: Path) -> dict[str, SplitName]:
    """Image name -> split from the official lists, where present. Raises DataError for a photo in two lists."""
    splits: dict[str, SplitName] = {}
    for file_name, split in SPLIT_LISTS.items():
        path = next((p for sub in TEXT_FOLDERS if (p := folder / sub / file_name).is_file()), None)
        for line in read_text(path).splitlines() if path is not None else ():
            if (name := line.strip()) and splits.setdefault(name, split) != split:
                raise DataError(f"{name} is in the split list of {splits[name]} and in that of {split}")
    return splits
