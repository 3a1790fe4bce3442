"""A class question as its user is making it: the question, and which photos belong to which class. Imports no torch.

Each lies in a folder of its own below one for all, with what was learnt of it beside. It names the photos where they are and
neither copies nor changes them.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self, cast

from core.classes.class_question import ClassSummary
from core.classes.class_summary import SUFFIX, read_summary
from core.classes.class_wording import wording_of
from core.errors import DataError, ModelFileError, reason_of
from core.files.atomic_file import write_text

PROJECT, LEARNT = "classes.json", f"learnt{SUFFIX}"
VERSION = 1
_NOT_IN_NAMES = re.compile(r"[^\w]+")
_LONGEST = 40
"""Letters of the question in its folder's name."""


@dataclass(frozen=True)
class PhotoClass:
    """One class and its photos."""

    name: str
    photos: tuple[Path, ...] = ()


@dataclass(frozen=True)
class ClassProject:
    """What the user has sorted so far; it may not be complete yet."""

    question: str = ""
    classes: tuple[PhotoClass, ...] = ()

    @classmethod
    def of(cls, question: str, classes: Mapping[str, Sequence[Path]]) -> Self:
        """From names and their photos."""
        return cls(question, tuple(PhotoClass(name, tuple(photos)) for name, photos in classes.items()))

    @property
    def photos(self) -> dict[str, list[Path]]:
        """By class."""
        return {each.name: list(each.photos) for each in self.classes}

    @property
    def counts(self) -> dict[str, int]:
        """Photos of each class."""
        return {each.name: len(each.photos) for each in self.classes}

    def doubles(self) -> list[str]:
        """A sentence about each photo, by its path, that is in two classes."""
        classes: dict[Path, list[str]] = {}
        for each in self.classes:
            for path in each.photos:
                classes.setdefault(path, []).append(each.name)
        return [
            f"{path.name} is in " + " and ".join(f"“{name}”" for name in names) + "."
            for path, names in classes.items() if len(names) > 1
        ]

    def with_photos(self, name: str, photos: Sequence[Path]) -> ClassProject:
        """With more photos in a class, each once; those that are in it already are passed over."""
        return replace(self, classes=tuple(
            replace(each, photos=tuple(dict.fromkeys((*each.photos, *photos)))) if each.name == name else each
            for each in self.classes
        ))

    def without_photos(self, name: str, photos: Sequence[Path]) -> ClassProject:
        """With these photos of a class left out."""
        gone = set(photos)
        return replace(self, classes=tuple(
            replace(each, photos=tuple(path for path in each.photos if path not in gone)) if each.name == name else each
            for each in self.classes
        ))

    def with_class(self, name: str, photos: Sequence[Path] = ()) -> ClassProject:
        """With another class at the end; where there is one of that name, the photos go there."""
        known = next((each.name for each in self.classes if each.name.casefold() == name.casefold()), None)
        if known is not None:
            return self.with_photos(known, photos)
        return replace(self, classes=(*self.classes, PhotoClass(name, tuple(dict.fromkeys(photos)))))

    def without_class(self, name: str) -> ClassProject:
        """The class and which photos it had are forgotten."""
        return replace(self, classes=tuple(each for each in self.classes if each.name != name))

    def renamed(self, old: str, new: str) -> ClassProject:
        """With another name for a class. Where another class has it, both become one."""
        if any(each.name.casefold() == new.casefold() and each.name != old for each in self.classes):
            into = next(each.name for each in self.classes if each.name.casefold() == new.casefold())
            return self.with_photos(into, self.photos[old]).without_class(old)
        return replace(self, classes=tuple(replace(each, name=new) if each.name == old else each for each in self.classes))

    def is_as_learnt(self, learnt: ClassSummary) -> bool:
        """Whether nothing was changed since: the photos that couldn't be used may be more."""
        if (self.question, tuple(each.name for each in self.classes)) != (learnt.question, learnt.classes):
            return False
        sorted_now = {(str(path), index) for index, each in enumerate(self.classes) for path in each.photos}
        return {(photo.path, photo.true) for photo in learnt.photos} <= sorted_now and len(sorted_now) <= learnt.given

    def to_json(self) -> str:
        classes = [{"name": each.name, "photos": [str(path) for path in each.photos]} for each in self.classes]
        return json.dumps({"version": VERSION, "question": self.question, "classes": classes}, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Raises ValueError, KeyError or TypeError for anything that isn't one."""
        values = cast("dict[str, Any]", json.loads(text))
        if int(values["version"]) > VERSION:
            raise ValueError("a newer version")
        return cls(str(values["question"]), tuple(
            PhotoClass(str(each["name"]), tuple(Path(str(path)) for path in each["photos"])) for each in values["classes"]
        ))


@dataclass(frozen=True)
class ProjectFolder:
    """Where one is kept."""

    path: Path

    @property
    def learnt(self) -> Path:
        """The file of what was learnt, which the model answers by."""
        return self.path / LEARNT

    def read(self) -> ClassProject:
        """Raises DataError with one sentence."""
        file = self.path / PROJECT
        try:
            return ClassProject.from_json(file.read_text("utf-8"))
        except OSError as error:
            raise DataError(f"{file} can't be read: {reason_of(error)}.") from error
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise DataError(f"{file} is damaged or of a newer version.") from error

    def write(self, project: ClassProject) -> None:
        """Atomically. Raises DataError with one sentence."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            write_text(self.path / PROJECT, project.to_json())
        except OSError as error:
            raise DataError(f"The classes couldn't be kept in {self.path}: {reason_of(error)}.") from error

    def summary(self) -> ClassSummary | None:
        """Of what was learnt last; None where nothing was, or it can't be read."""
        try:
            return read_summary(self.learnt)
        except ModelFileError:
            return None

    def remove(self) -> None:
        """Forget the question and what was learnt; the photos stay. Raises DataError with one sentence."""
        try:
            shutil.rmtree(self.path)
        except OSError as error:
            raise DataError(f"{self.path} couldn't be removed: {reason_of(error)}.") from error


def find_projects(folder: Path) -> list[ProjectFolder]:
    """All in a folder, by name."""
    try:
        return [ProjectFolder(path) for path in sorted(folder.iterdir()) if (path / PROJECT).is_file()]
    except OSError:
        return []


def project_for(folder: Path, question: str) -> ProjectFolder:
    """Where a question is kept: the one that asks the same, however it was typed, or a new one."""
    asked = wording_of(question)
    for found in find_projects(folder):
        try:
            if wording_of(found.read().question).means(asked):
                return found
        except DataError:
            continue
    return new_project(folder, question)


def new_project(folder: Path, question: str = "") -> ProjectFolder:
    """A folder that isn't there yet, named for the question."""
    name = _NOT_IN_NAMES.sub("-", question).strip("-")[:_LONGEST].lower() or "classes"
    return ProjectFolder(folder / (f"{name}-{secrets.token_hex(3)}" if (folder / name).exists() else name))
