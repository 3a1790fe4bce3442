"""The pretrained models that are on this computer: downloaded ones, and those in the cache that other programs share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import reason_of
from core.pretrained.errors import PretrainedModelError
from core.pretrained.hub.download import UNFINISHED, folder_of
from core.pretrained.hub.hub_plan import read_plan
from core.pretrained.loading.model_folder import ModelFolder, inspect_folder


@dataclass(frozen=True)
class StoredModel:
    """A model on this computer that can be loaded."""

    name: str
    """organisation/model"""
    folder: ModelFolder
    size: int
    """Bytes on the disk."""
    is_shared: bool
    """Whether it lies in the hub's cache, where other programs use it too."""


@dataclass(frozen=True)
class UnfinishedDownload:
    """A download that can be gone on with."""

    name: str
    path: Path
    done: int
    total: int
    """Bytes."""


def hub_cache() -> Path:
    """Where the hub's own client keeps models, for all programs of this user."""
    explicit = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    if explicit:
        return Path(explicit).expanduser()
    home = os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface"
    return Path(home).expanduser() / "hub"


def find_models(models: Path, *, cache: Path | None = None) -> list[StoredModel]:
    """Every model that can be loaded: those downloaded into `models`, then those in the hub's cache. Looks, copies nothing."""
    found = [*_downloaded(models), *_cached(hub_cache() if cache is None else cache)]
    return sorted(found, key=lambda model: (model.is_shared, model.name.lower()))


def find_unfinished(models: Path) -> list[UnfinishedDownload]:
    """Downloads that were interrupted."""
    found: list[UnfinishedDownload] = []
    for path in _folders(models):
        plan = read_plan(path) if path.name.endswith(UNFINISHED) else None
        if plan is not None:
            found.append(UnfinishedDownload(plan.repository, path, folder_size(path), plan.size))
    return found


def find_model(name: str, models: Path, *, cache: Path | None = None) -> Path:
    """The folder of a model by its name, organisation/model. Raises PretrainedModelError where it isn't here."""
    for stored in find_models(models, cache=cache):
        if stored.name == name:
            return stored.folder.path
    for unfinished in find_unfinished(models):
        if unfinished.name == name:
            percent = unfinished.done / max(unfinished.total, 1)
            raise PretrainedModelError(f"Only {percent:.0%} of {name} is here: `models get {name}` gets the rest.")
    raise PretrainedModelError(
        f"The model {name} isn't on this computer: get it with `models get {name}`, or name a folder."
    )


def remove_model(name: str, models: Path) -> int:
    """Removes a downloaded model, or what there is of it; returns how many bytes that gave back.

    One in the hub's cache is left alone, since other programs may use it. Raises PretrainedModelError where there is none,
    or it can't be removed.
    """
    there = downloaded_parts(name, models)
    if not there:
        raise PretrainedModelError(f"There is no downloaded model {name}.")
    size = 0
    for path in there:
        size += folder_size(path)
        try:
            shutil.rmtree(path)
        except OSError as error:
            raise PretrainedModelError(f"The model {name} can't be removed: {reason_of(error)}.") from error
    return size


def downloaded_parts(name: str, models: Path) -> list[Path]:
    """The folders of a downloaded model and of an unfinished download of it, as far as there are any."""
    folder = folder_of(name, models)
    return [path for path in (folder, folder.with_name(folder.name + UNFINISHED)) if path.is_dir()]


def folder_size(path: Path) -> int:
    """Bytes of all files in a folder; a file that several links lead to counts once."""
    sizes = {(stat.st_dev, stat.st_ino): stat.st_size for stat in (file.stat() for file in path.rglob("*") if file.is_file())}
    return sum(sizes.values())


def _downloaded(models: Path) -> Iterator[StoredModel]:
    for path in _folders(models):
        plan = None if path.name.endswith(UNFINISHED) else read_plan(path)
        folder = _usable(path)
        if folder is not None and not path.name.endswith(UNFINISHED):
            yield StoredModel(plan.repository if plan else path.name, folder, folder_size(path), is_shared=False)


def _cached(cache: Path) -> Iterator[StoredModel]:
    for repository in _folders(cache):
        if not repository.name.startswith("models--"):
            continue
        for snapshot in sorted(_folders(repository / "snapshots"), key=lambda path: path.stat().st_mtime, reverse=True):
            folder = _usable(snapshot)
            if folder is not None:
                yield StoredModel(folder.name, folder, folder_size(snapshot), is_shared=True)
                break


def _usable(path: Path) -> ModelFolder | None:
    try:
        return inspect_folder(path)
    except PretrainedModelError:
        return None


def _folders(path: Path) -> list[Path]:
    try:
        return sorted(each for each in path.iterdir() if each.is_dir())
    except OSError:
        return []
