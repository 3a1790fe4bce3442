"""What is known of one photo that is being captioned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from core.errors import SpinVlmError
from training.data.photo_notes.notes import PhotoNotes, clean_text


class CaptioningError(SpinVlmError):
    """Captions can't be kept, read or handed on."""


@dataclass(frozen=True)
class SeenFile:
    """The photo's file as it was when somebody looked at it, so that another one in its place is noticed."""

    size: int
    changed_ns: int
    content_hash: str

    @classmethod
    def from_dict(cls, values: Any) -> Self | None:
        """None for anything else than `to_dict` makes."""
        try:
            return cls(int(values["size"]), int(values["changed_ns"]), str(values["sha256"]))
        except (KeyError, TypeError, ValueError):
            return None

    def to_dict(self) -> dict[str, Any]:
        return {"size": self.size, "changed_ns": self.changed_ns, "sha256": self.content_hash}


@dataclass(frozen=True)
class PhotoRecord:
    """Empty at first."""

    notes: PhotoNotes = field(default_factory=PhotoNotes)
    draft: str = ""
    """A description that is being typed; a line each."""
    skipped: bool = False
    seen: SeenFile | None = None

    @property
    def is_done(self) -> bool:
        """Whether the user has said what is on the photo."""
        return bool(self.notes.captions or self.notes.questions) and not self.skipped

    @property
    def text(self) -> str:
        """What stands in the field: what is being typed, else the descriptions that were accepted."""
        return self.draft or "\n".join(self.notes.captions)

    def described(self, text: str, seen: SeenFile | None) -> Self:
        """With the descriptions of a text, one a line, as accepted ones."""
        captions = tuple(dict.fromkeys(line for raw in text.split("\n") if (line := clean_text(raw))))
        return replace(self, notes=replace(self.notes, captions=captions), draft="", skipped=False, seen=seen or self.seen)


def first_line(captions: Sequence[str]) -> str:
    return captions[0] if captions else ""
