"""Reads captions files and split lists: Flickr8k's layouts, Karpathy's and COCO's JSON, tables and JSON lines."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

from core.errors import DataError
from training.data.caption_table import CAPTION_COLUMNS, IMAGE_COLUMNS, SPLIT_COLUMNS, CaptionRow, table_rows
from training.data.text_file import read_text, text_lines

SplitName = Literal["train", "dev", "test"]
SPLIT_NAMES: tuple[SplitName, ...] = get_args(SplitName)
SPLIT_VALUES: dict[str, SplitName] = {
    "train": "train", "training": "train", "restval": "train", "val": "dev", "valid": "dev", "validation": "dev",
    "dev": "dev", "test": "test", "testing": "test",
}
SPLIT_LISTS: dict[str, SplitName] = {
    "Flickr_8k.trainImages.txt": "train", "Flickr_8k.devImages.txt": "dev", "Flickr_8k.testImages.txt": "test",
}
TEXT_FOLDERS = ("", "Flickr8k_text", "flickr8k_text", "text", "annotations")
CAPTION_FILES = (
    "captions.txt", "Flickr8k.token.txt", "dataset_flickr8k.json", "dataset.json", "captions.csv", "results.csv",
)
"""The best-known names, the likeliest first."""
NO_CAPTIONS_FILE = "has no captions file, such as captions.txt, Flickr8k.token.txt or dataset_flickr8k.json"
TOKEN_LINE = re.compile(r"(?P<name>[^\t]+?)#\d+\s*\t(?P<caption>.*)")


@dataclass(frozen=True)
class CaptionFile:
    """What one captions file says."""

    layout: str
    texts: dict[str, list[str]]
    """Captions of each image name, both in the file's order."""
    splits: dict[str, SplitName]
    """Split of the images for which the file names one."""
    rows_skipped: tuple[str, ...]
    """Rows without a name or a caption, and why."""
    stray_quotes: tuple[str, ...]
    """Rows with a quotation mark that isn't closed; they are used, with the mark."""


def find_caption_file(folder: Path, *, needed: bool = True) -> CaptionFile | None:
    """Read the captions file of a dataset folder. Raises DataError where none is there or none can be read.

    needed: where it isn't, there may be none; but a file that is called after captions must hold some all the same.
    """
    tried: list[Path] = []
    unreadable: list[DataError] = []
    for path in _candidates(folder):
        tried.append(path)
        try:
            captions = read_caption_file(path)
        except DataError as error:
            unreadable.append(error)
            continue
        if captions is not None and captions.texts:
            return captions
    if unreadable:
        raise unreadable[0]
    if not needed and not any(path.name in CAPTION_FILES for path in tried):
        return None
    if tried:
        names = ", ".join(path.name for path in tried[:3])
        raise DataError(
            f"no captions could be read in {folder} (tried {names}): a file with an image and a caption column "
            "is needed"
        )
    raise DataError(f"{folder} {NO_CAPTIONS_FILE}")


def read_caption_file(path: Path) -> CaptionFile | None:
    """What one file says; None for a file that is something else. Raises DataError where it can't be read."""
    found = _read_rows(path)
    return None if found is None else _collect(*found)


def _candidates(folder: Path) -> list[Path]:
    """Files that may hold captions, the best-known names first."""
    paths = [path for sub in TEXT_FOLDERS for name in CAPTION_FILES if (path := folder / sub / name).is_file()]
    for sub in TEXT_FOLDERS:
        if (folder / sub).is_dir():
            paths += sorted(
                path for path in (folder / sub).iterdir()
                if path.is_file() and path.suffix.lower() in {".csv", ".tsv", ".jsonl", ".json"} and path not in paths
            )
            paths += sorted(path for path in (folder / sub).glob("*token*.txt") if path.is_file() and path not in paths)
    return paths


def _read_rows(path: Path) -> tuple[str, list[CaptionRow]] | None:
    """(layout, rows) of a captions file, or None for a file that is something else."""
    text = read_text(path)
    in_json = path.suffix.lower() in {".json", ".jsonl"}
    data = _parsed(text) if in_json else None
    images = cast(dict[str, Any], data).get("images") if isinstance(data, dict) else None
    readers: dict[str, Callable[[], list[CaptionRow] | None]] = (
        {"COCO JSON": lambda: _coco_rows(images, cast(dict[str, Any], data).get("annotations")),
         "Karpathy JSON": lambda: _object_rows(_entries(images))} if isinstance(images, list)
        else {"JSON lines": lambda: _json_rows(data, text)} if in_json
        else {"Flickr8k token file": lambda: _token_rows(text), "CSV": lambda: table_rows(text)}
    )
    for name, reader in readers.items():
        rows = reader()
        if rows is not None:
            return f"{name} ({path.name})", rows
    return None


def _collect(layout: str, rows: Iterable[CaptionRow]) -> CaptionFile:
    texts: dict[str, list[str]] = {}
    splits: dict[str, SplitName] = {}
    skipped: list[str] = []
    stray: list[str] = []
    for row in rows:
        name = row.name.strip().replace("\\", "/")
        kept = [" ".join(caption.split()) for caption in row.captions if caption.strip()]
        if not name or not kept:
            skipped.append(row.fault or f"{row.place} has no {'caption' if name else 'photo'}")
            continue
        if row.stray_quote:
            stray.append(row.place)
        texts.setdefault(name, []).extend(kept)
        if row.split is not None and (value := SPLIT_VALUES.get(row.split.strip().lower())) is not None:
            splits[name] = value
    return CaptionFile(layout, texts, splits, tuple(skipped), tuple(stray))


def _token_rows(text: str) -> list[CaptionRow] | None:
    """`name.jpg#0<TAB>caption` on each line."""
    lines = [(number, line) for number, line in enumerate(text_lines(text), start=1) if line.strip()]
    if not lines or TOKEN_LINE.fullmatch(lines[0][1]) is None:
        return None
    rows: list[CaptionRow] = []
    for number, line in lines:
        place, match = f"line {number}", TOKEN_LINE.fullmatch(line)
        fault = f"{place} isn't NAME#NUMBER, a tab, and a caption"
        rows.append(
            CaptionRow(place, "", [], fault=fault) if match is None else CaptionRow(place, match["name"], [match["caption"]])
        )
    return rows


def _coco_rows(images: list[Any], annotations: Any) -> list[CaptionRow] | None:
    """`{"images": [{"id", "file_name"}], "annotations": [{"image_id", "caption"}]}`."""
    if not isinstance(annotations, list):
        return None
    names = {image.get("id"): image.get("file_name") for image in images if isinstance(image, dict)}
    entries = [
        (place, {"image": names.get(entry.get("image_id")), "caption": entry.get("caption")} if isinstance(entry, dict) else None)
        for place, entry in _entries(cast(list[Any], annotations))
    ]
    return _object_rows(entries)


def _json_rows(data: Any, text: str) -> list[CaptionRow] | None:
    """One JSON object a line, or a list of objects. data: the text as JSON, None where it is none."""
    if data is None:
        entries = [(f"line {number}", _parsed(line)) for number, line in enumerate(text_lines(text), start=1) if line.strip()]
        return _object_rows(entries) if entries and isinstance(entries[0][1], dict) else None
    return _object_rows(_entries(cast(list[Any], data) if isinstance(data, list) else [data]))


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _entries(values: list[Any]) -> list[tuple[str, Any]]:
    return [(f"entry {number}", value) for number, value in enumerate(values, start=1)]


def _object_rows(entries: list[tuple[str, Any]]) -> list[CaptionRow] | None:
    """Entries that name an image and its captions, as Karpathy's `{"filename", "split", "sentences": [{"raw"}]}` do."""
    rows: list[CaptionRow] = []
    for place, entry in entries:
        if not isinstance(entry, dict):
            rows.append(CaptionRow(place, "", [], fault=f"{place} is no JSON object"))
            continue
        values = {str(key).lower(): value for key, value in cast(dict[Any, Any], entry).items()}
        name = next((values[key] for key in IMAGE_COLUMNS if isinstance(values.get(key), str)), "")
        if "filename" in values and isinstance(values.get("filepath"), str):  # COCO's: the folder stands apart
            name = f"{values['filepath']}/{values['filename']}"
        captions = next((_caption_texts(values[key]) for key in CAPTION_COLUMNS if key in values), list[str]())
        split = next((values[key] for key in SPLIT_COLUMNS if isinstance(values.get(key), str)), None)
        rows.append(CaptionRow(place, name, captions, split))
    return rows if any(row.name for row in rows) else None


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
        for line in text_lines(read_text(path)) if path is not None else ():
            if (name := line.strip()) and splits.setdefault(name, split) != split:
                raise DataError(f"{name} is in the split list of {splits[name]} and in that of {split}")
    return splits
