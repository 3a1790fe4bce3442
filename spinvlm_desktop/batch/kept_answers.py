"""Answers about a folder of photos, kept as they come in the program's own folder, so that what was done is taken up again."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from core.model.spin_text import option_text
from spinvlm_desktop.batch.batch_request import BatchRequest
from spinvlm_desktop.batch.photo_result import PhotoResult
from spinvlm_desktop.system.polled_files import changed_ns

_DAY_S = 24 * 60 * 60
log = logging.getLogger(__name__)


class KeptAnswers:
    """One file for each folder, question, model and setting: a line an answer, of which the last one about a photo counts."""

    def __init__(self, folder: Callable[[], Path | None]) -> None:
        """folder: of the files, as it is at the time; where there is none, answers last as long as this object."""
        self._folder = folder
        self._path: Path | None = None
        self._known: dict[str, dict[Path, PhotoResult]] = {}
        self._key = ""

    def open(self, photos: Path, request: BatchRequest) -> dict[Path, PhotoResult]:
        """What is kept of these photos; of one that was changed since, nothing. From now on `keep` adds to it.

        photos: the folder that was chosen.
        """
        self._key, folder = _key(photos, request), self._folder()
        self._path = None if folder is None else folder / f"{self._key}.jsonl"
        read = {} if self._path is None else _read(self._path, frozenset(request.images))
        known = {photo: result for photo, result in self._known.get(self._key, {}).items() if photo in request.images}
        return {**read, **known}

    def keep(self, image: Path, result: PhotoResult) -> None:
        """Raises OSError where it can't be written."""
        self._known.setdefault(self._key, {})[image] = result
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        line = {**result.to_kept(), "photo": str(image), "changed_ns": changed_ns(image)}
        with self._path.open("a", encoding="utf-8", errors="replace") as file:
            file.write(json.dumps(line) + "\n")


def forget_older(folder: Path, days: int) -> None:
    """Remove what wasn't added to for so many days."""
    for path in folder.glob("*.jsonl"):
        try:
            if time.time() - path.stat().st_mtime > days * _DAY_S:
                path.unlink()
        except OSError:
            log.warning("%s can't be removed", path, exc_info=True)


def _key(photos: Path, request: BatchRequest) -> str:
    settings = request.settings
    parts = [str(photos.absolute()), request.question, settings.model, option_text(settings.spin), settings.generation.to_dict()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _read(path: Path, images: Collection[Path]) -> dict[Path, PhotoResult]:
    """A line that is damaged, as the last one of a program that was killed, is passed over."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    found: dict[Path, PhotoResult] = {}
    for line in lines:
        try:
            kept: dict[str, Any] = json.loads(line)
            image = Path(kept["photo"])
            if image in images and kept["changed_ns"] == changed_ns(image):
                found[image] = PhotoResult.from_kept(kept)
        except (ValueError, KeyError, TypeError):
            log.warning("a line of %s is damaged", path)
    return found
