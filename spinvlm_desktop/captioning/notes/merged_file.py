"""A file of lines that belong to photos, which other programs may change meanwhile: what they wrote is merged, never lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

from core.errors import DataError
from core.files.atomic_file import write_text

Value = TypeVar("Value")
Signature = tuple[int, int, int] | None


class MergedFile(Generic[Value]):
    """Holds what the file said when it was read or written last, by photo, and its lines, so that a change costs one photo."""

    def __init__(
        self, path: Path, *, empty: Value, read: Callable[[Path], dict[str, Value]], lines: Callable[[str, Value], str],
        both: Callable[[Value, Value], Value], head: str = "",
    ) -> None:
        """lines: a photo's; both: ours and another program's together; head: the file's first line. read: raises DataError."""
        self.path = path
        self._empty, self._read, self._to_lines, self._both, self._head = empty, read, lines, both, head
        self._lines: dict[str, str] = {}
        self._signature: Signature = None
        self.known: dict[str, Value] = {}

    def value(self, name: str) -> Value:
        return self.known.get(name, self._empty)

    def look(self) -> tuple[dict[str, Value], str]:
        """What another program has changed since, by photo, and what to tell where its file couldn't be read.

        A file that can't be read is set aside under another name. Raises OSError.
        """
        signature = self._look_at_file()
        if signature == self._signature:
            return {}, ""
        if signature is None:
            self._signature = None  # gone: written again, whole, with the next change
            return {}, f"{self.path.name} was gone; what it said is kept and written again."
        try:
            theirs = self._read(self.path)
        except DataError as error:
            aside = self._set_aside()
            self._signature = None
            reason = str(error).rstrip(".")
            return {}, f"{self.path.name} was changed elsewhere and can't be read ({reason}); it is kept as {aside.name}."
        self._signature = signature
        changed = {
            name: theirs.get(name, self._empty) for name in (*self.known, *(n for n in theirs if n not in self.known))
            if theirs.get(name, self._empty) != self.value(name)
        }
        return changed, ""

    def save(self, ours: Mapping[str, Value], told: list[str]) -> set[str]:
        """Write our changes, beside those of another program; where both changed a photo, both hold.

        told: takes a sentence where something is to be said. Returns the photos of which the other has said something.
        Raises OSError; the same changes can be saved again then.
        """
        theirs, sentence = self.look()
        wanted = {name: value for name, value in ours.items() if value != self.value(name)}
        both = {name: self._both(wanted[name], theirs[name]) for name in wanted.keys() & theirs.keys()}
        self.take(theirs)
        if theirs:
            sentence = f"{self.path.name} was changed by another program; what it says was taken over."
        if sentence:
            told.append(sentence)
        self._write({**wanted, **both})
        return set(theirs)

    def _write(self, changes: Mapping[str, Value]) -> None:
        """Replace the file, where it isn't as it should be."""
        if not changes and (self._signature is not None or not self.known):
            return
        lines = dict(self._lines)
        lines.update({name: self._to_lines(name, value) for name, value in changes.items()})
        write_text(self.path, self._head + "".join(lines.values()))
        self._lines = lines
        self.known.update(changes)
        self._signature = self._look_at_file()

    def take(self, values: Mapping[str, Value]) -> None:
        """The file says so."""
        self.known.update(values)
        for name, value in values.items():
            self._lines[name] = self._to_lines(name, value)

    def _look_at_file(self) -> Signature:
        try:
            state = self.path.stat()
        except FileNotFoundError:
            return None
        return state.st_mtime_ns, state.st_size, state.st_ino

    def _set_aside(self) -> Path:
        number = 1
        while (aside := self.path.with_name(f"{self.path.stem} (unreadable {number}){self.path.suffix}")).exists():
            number += 1
        with suppress(FileNotFoundError):
            self.path.rename(aside)
        return aside
