"""Captions in a table: CSV, TSV and their kin, as Excel, LibreOffice, pandas and people write them.

Unlike the csv module this reader never loses text. A quotation mark counts only where it encloses a whole cell; an unquoted
separator in a caption stays in the caption; a quote that isn't closed doesn't swallow the rows below.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple, cast

from core.images.image_input import IMAGE_SUFFIXES
from training.data.text_file import LINE_END

IMAGE_COLUMNS = (
    "image", "image_name", "filename", "file_name", "file", "image_path", "filepath", "path", "image_id", "img",
)
CAPTION_COLUMNS = ("caption", "captions", "text", "comment", "sentence", "sentences", "raw", "description")
SPLIT_COLUMNS = ("split", "subset")
SEPARATORS = (",", "\t", "|", ";")
SEPARATOR_LINE = re.compile(r"sep=(.)(?=[\r\n])")
"""A first line that names the separator for Excel."""
SUFFIX = "|".join(sorted(suffix.removeprefix(".") for suffix in IMAGE_SUFFIXES))
IMAGE_NAME = re.compile(rf"(?P<name>[^\r\n]*\.(?:{SUFFIX}))(?:#\d+)?", re.IGNORECASE)
"""A photo's name, which may be followed by its caption's number, as in `1.jpg#0`."""


class CaptionRow(NamedTuple):
    """What one row, line or entry of a captions file says."""

    place: str
    """Where it stands, as in `line 3`."""
    name: str
    captions: list[str]
    split: str | None = None
    stray_quote: bool = False
    """Whether a cell begins with a quotation mark that isn't closed; it is read as part of the text."""
    fault: str = ""
    """Why the row can't be used, where neither name nor captions show it."""


@dataclass(frozen=True)
class Record:
    """One row of a table."""

    line: int
    """Number of its first line in the file."""
    cells: list[str]
    stray_quote: bool


@dataclass(frozen=True)
class Columns:
    """Where a table's cells are."""

    image: int
    captions: tuple[int, ...]
    split: int | None
    count: int
    separator: str

    def row(self, record: Record) -> CaptionRow:
        """What a record says. Cells too many are those of a caption with unquoted separators."""
        place, cells = f"line {record.line}", list(record.cells)
        while len(cells) > self.count and not cells[-1].strip():
            cells.pop()
        first, *others = self.captions
        more = max(0, len(cells) - self.count)
        if more and others:
            return CaptionRow(place, "", [], fault=f"{place} has {len(cells)} cells where the header has {self.count}")
        cells[first : first + more + 1] = [self.separator.join(cells[first : first + more + 1])]
        name = cells[self.image].strip() if self.image < len(cells) else ""
        numbered = IMAGE_NAME.fullmatch(name)
        captions = [text for index in self.captions if index < len(cells) for text in _texts_of(cells[index])]
        split = cells[self.split] if self.split is not None and self.split < len(cells) else None
        return CaptionRow(place, numbered["name"] if numbered else name, captions, split, record.stray_quote)


def table_rows(text: str) -> list[CaptionRow] | None:
    """Rows below a header that names an image and a caption column, or of `name.jpg,caption` without one; else None."""
    hint = SEPARATOR_LINE.match(text)
    body = text[hint.end() :] if hint else text  # begins with the line end, so that lines keep their numbers
    head = LINE_END.split(body.lstrip("\r\n"), maxsplit=1)[0]
    for separator in hint[1] if hint else sorted(SEPARATORS, key=lambda mark: -head.count(mark)):
        records = (record for record in read_records(body, separator) if any(cell.strip() for cell in record.cells))
        first = next(records, None)
        if first is None or len(first.cells) < 2:
            continue
        if (columns := _header_columns(first.cells, separator)) is not None:
            return [columns.row(record) for record in records]
        if IMAGE_NAME.fullmatch(first.cells[0].strip()):
            columns = Columns(image=0, captions=(1,), split=None, count=2, separator=separator)
            return [columns.row(record) for record in chain([first], records)]
    return None


def read_records(text: str, separator: str) -> Iterator[Record]:
    """The rows of a table; a line without anything is a row with one empty cell."""
    cell_at = _cell_reader(separator)
    at, line = 0, 1
    while at < len(text):
        cells: list[str] = []
        start, stray, begins = line, False, at
        while True:
            cell, at = cell_at(text, at)
            cells.append(cell.content)
            stray |= cell.stray_quote
            if not text.startswith(separator, at):
                break
            at += 1
        yield Record(start, cells, stray)
        line += len(LINE_END.findall(text, begins, at)) + 1
        at = ends.end() if (ends := LINE_END.match(text, at)) else at


class Cell(NamedTuple):
    """Content without enclosing quotation marks."""

    content: str
    stray_quote: bool


def _cell_reader(separator: str) -> Callable[[str, int], tuple[Cell, int]]:
    """Reads the cell that begins at a place of a text; gives the place behind it too."""
    mark = re.escape(separator)
    end = rf" *(?={mark}|[\r\n]|\Z)"
    plain = re.compile(rf"[^{mark}\r\n]*")
    doubled = re.compile(rf' *"(?P<content>[^"]*+(?:""[^"]*+)*+)"{end}')
    escaped = re.compile(rf' *"(?P<content>[^"\\]*+(?:\\.[^"\\]*+)*+)"{end}', re.DOTALL)
    photo = rf'[^{mark}\r\n"]*\.(?:{SUFFIX})(?:#\d+)?'
    row = re.compile(rf'(?:^|[\r\n]|{mark}) *"?(?:{photo}|(?<=[\r\n])\d{{5,}})"?{end}', re.IGNORECASE)

    def enclosed(pattern: re.Pattern[str], text: str, at: int) -> re.Match[str] | None:
        """A quoted cell; none where its quote isn't closed, so that other rows lie before the next one."""
        match = pattern.match(text, at)
        return None if match and LINE_END.search(match["content"]) and row.search(match["content"]) else match

    def read(text: str, at: int) -> tuple[Cell, int]:
        if match := enclosed(doubled, text, at):
            return Cell(match["content"].replace('""', '"'), False), match.end()
        if match := enclosed(escaped, text, at):
            return Cell(re.sub(r"\\(.)", r"\1", match["content"], flags=re.DOTALL), False), match.end()
        match = plain.match(text, at)
        assert match is not None  # it matches nothing too
        return Cell(match[0], match[0].lstrip().startswith('"') and match[0].count('"') % 2 == 1), match.end()

    return read


def _header_columns(cells: list[str], separator: str) -> Columns | None:
    names = [re.sub(r"[\s-]+", "_", cell.strip().lower()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    image, split = _first(names, IMAGE_COLUMNS), _first(names, SPLIT_COLUMNS)
    bases = [re.sub(r"_?\d+$", "", name) for name in names]  # caption_1, caption_2 ...
    caption = _first(bases, CAPTION_COLUMNS)
    captions = () if caption is None else tuple(index for index, base in enumerate(bases) if base == bases[caption])
    if image is None or not captions:
        return None
    return Columns(image, captions, split, len(names), separator)


def _first(header: list[str], wanted: tuple[str, ...]) -> int | None:
    return next((header.index(name) for name in wanted if name in header), None)


def _texts_of(cell: str) -> list[str]:
    """The captions in a cell: mostly one, but some tables have a list, as JSON or as pandas writes it."""
    if cell.lstrip().startswith("["):
        for parse in (json.loads, ast.literal_eval):
            try:
                values: Any = parse(cell.strip())
            except (ValueError, SyntaxError, RecursionError, MemoryError):
                continue
            texts = cast(list[Any], values) if isinstance(values, list) else []
            if texts and all(isinstance(text, str) and text.strip() for text in texts):
                return texts
    return [cell]
