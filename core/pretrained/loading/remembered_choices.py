"""How models compute fastest on this computer, remembered in a JSON file, so that it is measured once only."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from core.files.atomic_file import write_text
from core.pretrained.loading.model_folder import ModelFolder
from core.pretrained.loading.speed_trial import ComputeChoice, machine_name

log = logging.getLogger(__name__)
MOST = 200
"""Choices in a file; the oldest make room."""


class RememberedChoices:
    """The choices of this user's models. A file that is missing, damaged or can't be written costs a trial, no more."""

    def __init__(self, path: Path) -> None:
        self._path, self._machine = path, machine_name()

    def find(self, folder: ModelFolder) -> ComputeChoice | None:
        """The choice for this revision of the model on this computer."""
        try:
            choice = ComputeChoice.from_dict(self._read()[self._key(folder)])
            is_sound = (
                choice.device == "cpu" and choice.precision in ("float32", "bfloat16") and int(choice.threads) >= 1
                and all(each is None or float(each) > 0 for each in (choice.seconds_a_token, choice.seconds_to_read))
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            return None
        return choice if is_sound else None

    def keep(self, folder: ModelFolder, choice: ComputeChoice) -> None:
        choices, key = self._read(), self._key(folder)
        choices.pop(key, None)
        choices[key] = choice.to_dict()
        kept = dict(list(choices.items())[-MOST:])
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_text(self._path, json.dumps(kept, ensure_ascii=False, indent=1))
        except OSError as error:
            log.warning("How %s computes fastest can't be remembered: %s", folder.name, error)

    def _key(self, folder: ModelFolder) -> str:
        """A folder without a revision is known by its place and size."""
        version = folder.revision or f"{folder.path.absolute()}, {folder.weight_bytes} bytes"
        return f"{folder.name} | {version} | {self._machine}"

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}
