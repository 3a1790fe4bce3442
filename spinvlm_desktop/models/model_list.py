"""Model files that the user has trained or put into the models folder. Looks at names only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.files.bundled_models import REHEARSAL_ENDING, bundled_models
from spinvlm_desktop.system.polled_files import is_file

RUN_MODEL = "best.safetensors"
RUN_CARD = "card.md"
"""Written last: a run that has it is finished."""
KEPT_MARK = "kept"
"""In a taught model's folder, once it has answered in the chat."""
MODEL_SUFFIXES = (".safetensors", ".pth")
MODEL_FILES = "Model files (*.safetensors *.pth)"
"""The same, as file dialogs have it."""


@dataclass(frozen=True)
class FoundModel:
    """A model to choose."""

    name: str
    """Of the run's folder or of the file; with its ending where it would be called as another one."""
    path: Path


def other_bundled_models() -> list[FoundModel]:
    """Models that come with the program, besides the starter model."""
    return [FoundModel(model.name, model.path) for model in bundled_models()[1:]]


def find_models(runs: Path, models: Path) -> list[FoundModel]:
    """Best models of finished runs, then files of the models folder, each sorted by name.

    A folder that is missing or can't be read holds none.
    """
    found = [
        FoundModel(run.name, run / RUN_MODEL)
        for run in _entries(runs)
        if is_file(run / RUN_MODEL) and is_file(run / RUN_CARD)
    ]
    files = [path for path in _entries(models) if _may_be_model(path) and is_file(path)]
    stems = [path.stem for path in files] + [run.name for run in found]
    return found + [FoundModel(path.stem if stems.count(path.stem) == 1 else path.name, path) for path in files]


def find_taught(taught: Path) -> list[FoundModel]:
    """Models that were taught and taken into use, the latest first."""
    kept = [run for run in _entries(taught) if is_file(run / KEPT_MARK) and is_file(run / RUN_MODEL)]
    return [FoundModel(run.name, run / RUN_MODEL) for run in reversed(kept)]


def _may_be_model(path: Path) -> bool:
    return path.suffix.lower() in MODEL_SUFFIXES and not path.name.endswith(REHEARSAL_ENDING)


def can_use_pretrained() -> bool:
    """Whether the library of pretrained models is installed. Doesn't import it."""
    from core.pretrained.library import is_installed  # not needed to show the window

    return is_installed()


def find_pretrained(models: Path) -> list[FoundModel]:
    """Pretrained models on this computer: downloaded ones, and those in the cache that other programs share."""
    from core.pretrained.hub import model_store  # not needed to show the window

    found = model_store.find_models(models) if can_use_pretrained() else []
    return [FoundModel(stored.name, stored.folder.path) for stored in found]


def card_file(model: Path) -> Path | None:
    """The Markdown card beside a model file, or in a pretrained model's folder."""
    if model.is_dir():
        card = model / "README.md"
        return card if is_file(card) else None
    names = [f"{model.stem}.md", *([RUN_CARD] if model.name == RUN_MODEL else [])]
    return next((card for name in names if is_file(card := model.with_name(name))), None)


def _entries(folder: Path) -> list[Path]:
    try:
        found = [path for path in folder.iterdir() if not path.name.startswith(".")]
    except OSError:
        return []
    return sorted(found, key=lambda path: (path.name.casefold(), path.name))
