"""Text files as other programs write them, in whatever encoding and with whatever line ends."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from core.errors import DataError, reason_of

BYTE_ORDER_MARKS = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LINE_END = re.compile(r"\r\n|\n|\r")
SAMPLE = 4096
"""Bytes by which UTF-16 without a mark is recognised."""


def read_text(path: Path) -> str:
    """A text file's content, with its own line ends.

    Read are UTF-8, UTF-16 and UTF-32, and Windows' western code page in those lines that aren't UTF-8: programs append to each
    other's files. Raises DataError, with the line, for what is none of these.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} can't be read: {reason_of(error)}") from error
    encoding = _wide_encoding(raw)
    if encoding is not None:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError as error:
            raise _no_text(path, raw[: error.start].decode(encoding, "ignore").count("\n") + 1) from error
    lines: list[str] = []
    for number, line in enumerate(raw.removeprefix(codecs.BOM_UTF8).split(b"\n"), start=1):
        try:
            lines.append(_narrow_line(line))
        except UnicodeDecodeError as error:
            raise _no_text(path, number) from error
        if "\0" in lines[-1]:
            raise _no_text(path, number)
    return "\n".join(lines)


def text_lines(text: str) -> list[str]:
    """Lines as editors count them. str.splitlines would also end one at U+2028, U+0085 and other characters in a text."""
    return LINE_END.split(text)


def _narrow_line(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252")


def _wide_encoding(raw: bytes) -> str | None:
    """The encoding with two or four bytes a character that a file begins in, if it does."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            return encoding
    low, high = raw[:SAMPLE:2], raw[1:SAMPLE:2]
    # Without a mark, the upper byte of most characters of a western text is zero, and the lower one never.
    for encoding, upper, lower in (("utf-16-le", high, low), ("utf-16-be", low, high)):
        if upper.count(0) > len(upper) / 2 and lower.count(0) == 0:
            return encoding
    return None


def _no_text(path: Path, line: int) -> DataError:
    return DataError(
        f"line {line} of {path.name} is in an unknown encoding; save the file as UTF-8 (in Excel: CSV UTF-8)"
    )
