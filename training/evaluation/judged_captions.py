"""Every caption of a measurement with what it invents, and the photos they are of, as files beside the report. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from training.evaluation.report_schema import as_config_error

JUDGED_NAME, PHOTOS_NAME = "judged.json", "photos.json"


@dataclass(frozen=True)
class Invented:
    """Words of a caption that name an object which nobody saw."""

    start: int
    end: int
    word: str
    object: str


@dataclass(frozen=True)
class JudgedCaption:
    """What a model said of a photo, and what of it is invented."""

    photo: str
    caption: str
    invented: tuple[Invented, ...]
    found: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Raises ConfigError."""
        with as_config_error():
            caption = str(values["caption"])
            parts = [(int(part["start"]), int(part["end"]), str(part["object"])) for part in values["invented"]]
            return cls(
                str(values["photo"]), caption,
                tuple(Invented(start, end, caption[start:end], what) for start, end, what in parts),
                tuple(map(str, values.get("found", ()))), tuple(map(str, values.get("missed", ()))),
            )


@dataclass(frozen=True)
class ListedPhoto:
    """A measured photo: where it lies and what people said of it."""

    name: str
    path: Path
    captions: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"name": self.name, "path": str(self.path), "captions": list(self.captions)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Raises ConfigError."""
        with as_config_error():
            return cls(str(values["name"]), Path(values["path"]), tuple(map(str, values["captions"])))
