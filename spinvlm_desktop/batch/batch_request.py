"""What is asked of many photos, and the words around it. Qt only for the user's folders."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QStandardPaths

from core.config import GenerationConfig, SpinConfig
from spinvlm_desktop.answers.spin_words import suppression


@dataclass(frozen=True)
class BatchSettings:
    """How the photos are to be answered."""

    model: str = ""
    """Its name; empty while none is loaded."""
    spin: SpinConfig | None = None
    generation: GenerationConfig = field(default_factory=GenerationConfig)

    def in_words(self) -> str:
        """One line for people."""
        return " · ".join(part for part in (self.model, suppression(self.spin), self.generation.method) if part)


@dataclass(frozen=True)
class BatchRequest:
    """One question about many photos."""

    images: tuple[Path, ...]
    question: str
    settings: BatchSettings = field(default_factory=BatchSettings)


def default_output(folder: Path) -> Path:
    """Where answers about a folder's photos go unless the user says otherwise: in Documents, or else in the folder."""
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    place = Path(documents) if documents and Path(documents).is_dir() and os.access(documents, os.W_OK) else folder
    return place / f"{folder.resolve().name or 'photos'} answers.csv"


def with_suffix(path: Path) -> Path:
    """The path, as a CSV file where it has no ending."""
    return path if path.suffix else path.with_name(path.name + ".csv")


def printable(path: Path) -> str:
    """The path without the surrogates that stand for undecodable bytes in file names."""
    return str(path).encode("utf-8", "replace").decode("utf-8")


def photos_in_words(count: int) -> str:
    return "1 photo" if count == 1 else f"{count:,} photos"
