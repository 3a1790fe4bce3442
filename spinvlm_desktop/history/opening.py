"""Opens the history that the settings ask for: a lasting one, or one for this start only."""

from __future__ import annotations

import logging
import shutil
import tempfile
from pathlib import Path

from spinvlm_desktop.history.errors import HistoryError
from spinvlm_desktop.history.store import HistoryStore

TEMPORARY_NAME = "passing history"
"""Of the folder; one that a program which crashed has left is removed, also one of an earlier version."""
log = logging.getLogger(__name__)


class TemporaryHistory(HistoryStore):
    """A history whose folder goes when it is closed."""

    lasting = False

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        super().__init__(folder)
        self._folder = folder

    def close(self) -> None:
        super().close()
        shutil.rmtree(self._folder, ignore_errors=True)


def open_history(folder: Path, *, keep: bool, retention_days: int | None) -> tuple[HistoryStore, str | None]:
    """The history in this folder, and a sentence for the user where something was wrong with it.

    keep: False for a history that is gone when it is closed; after a crash, when the program starts again. Where the
    folder can't be used, there is one of that kind elsewhere. retention_days: what is older is forgotten; None keeps all.
    """
    temporary = folder / TEMPORARY_NAME
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        store = HistoryStore(folder) if keep else TemporaryHistory(temporary)
    except HistoryError as error:
        log.warning("the history can't be opened: %s", error)
        return TemporaryHistory(Path(tempfile.mkdtemp(prefix="spinvlm-"))), f"{error} New conversations aren't kept."
    try:
        store.purge_deleted()
        store.apply_retention(retention_days)
    except HistoryError as error:
        log.warning("the history can't be tidied", exc_info=True)
        return store, str(error)
    return store, store.notice
