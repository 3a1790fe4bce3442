"""What is known about one photo of a folder: the model's answer, or why there is none, and the user's correction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from core.answers import Answer
from core.config import SpinConfig
from spinvlm_desktop.answers.answer_files import COLUMNS, answer_row
from spinvlm_desktop.worker.answer_worker import PhotoAnswer


@dataclass(frozen=True)
class PhotoResult:
    """One photo's."""

    row: dict[str, Any]
    """What is written to files, by column."""
    shown: str
    """The answer as it is shown, or why there is none."""
    is_sentence: bool = False
    """Whether the answer is a description."""
    correction: str | None = None
    """What the user wrote in its place."""

    @classmethod
    def of(cls, answered: PhotoAnswer, question: str, *, spin: SpinConfig | None) -> Self:
        result, image = answered.result, answered.image
        row = answer_row(Path(printable(image)), question, result, model=answered.model, spin=spin)
        if isinstance(result, Answer):
            return cls(row, result.shown_text or "(no answer)", result.is_sentence)
        return cls(row, str(result).replace(str(image), image.name))

    @classmethod
    def from_kept(cls, kept: dict[str, Any]) -> Self:
        """As `to_kept` wrote it. Raises KeyError or TypeError for anything else."""
        certainty, correction = kept.get("certainty"), kept.get("correction")
        if not isinstance(kept["shown"], str) or not isinstance(certainty, int | float | None):
            raise TypeError
        row = {name: kept.get(name) for name in COLUMNS}
        return cls(row, kept["shown"], bool(kept.get("is_sentence")), correction if isinstance(correction, str) else None)

    def to_kept(self) -> dict[str, Any]:
        return {**self.row, "shown": self.shown, "is_sentence": self.is_sentence, "correction": self.correction}

    def corrected(self, text: str) -> Self:
        """With the user's answer in place of the model's; the model's own, or nothing, takes it away again."""
        text = " ".join(text.split())
        return replace(self, correction=None if text in ("", self.shown) else text)

    @property
    def failed(self) -> bool:
        """Whether there is no answer."""
        return bool(self.row["error"])

    @property
    def text(self) -> str:
        """What counts: the correction where there is one."""
        return self.shown if self.correction is None else self.correction

    @property
    def certainty(self) -> float | None:
        """How likely the model's answer is right, where that was measured; a correction needs none."""
        return self.row["certainty"] if self.correction is None else None


def printable(path: Path) -> str:
    """The path without the surrogates that stand for undecodable bytes in file names."""
    return str(path).encode("utf-8", "replace").decode("utf-8")
