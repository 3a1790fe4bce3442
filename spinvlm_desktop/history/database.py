"""The database's file: opened, checked, moved aside where it is damaged; its errors as sentences."""

from __future__ import annotations

import logging
import os
import sqlite3
import unicodedata
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from core.errors import reason_of
from spinvlm_desktop.history.errors import HistoryError
from spinvlm_desktop.history.schema import migrate, refuse_newer

BUSY_S = 5.0
"""How long one program waits for another one's change."""
_CHECKED_BYTES = 64 * 2**20
"""Only files up to this size are checked page by page at each start, which takes up to 0.3 s."""
_SENTENCES = {
    sqlite3.SQLITE_FULL: "The disk is full; the history can't be written.",
    sqlite3.SQLITE_BUSY: "The history is in use by another program; try again.",
    sqlite3.SQLITE_LOCKED: "The history is in use by another program; try again.",
    sqlite3.SQLITE_READONLY: "The history can't be written; its folder is read-only.",
    sqlite3.SQLITE_CANTOPEN: "The history can't be opened; its folder can't be used.",
    sqlite3.SQLITE_CORRUPT: "The history is damaged; start the program again to have it set aside.",
    sqlite3.SQLITE_NOTADB: "The history is damaged; start the program again to have it set aside.",
}
log = logging.getLogger(__name__)


class _DamagedError(Exception):
    """The file isn't a database of this program's, or its content is damaged."""


def open_database(path: Path) -> tuple[sqlite3.Connection, str | None]:
    """An open database of the newest version, and a sentence for the user where something was wrong with it.

    A damaged file is moved aside and a new one begun. Raises HistoryError for a file of a newer program, and where the
    folder can't be used.
    """
    with as_history_errors():
        try:
            return _connect(path), None
        except _DamagedError:
            log.warning("the history is damaged", exc_info=True)
            kept = _move_aside(path)
            notice = f"The history was damaged and couldn't be read. It is kept as {kept.name}, and a new one was begun."
            return _connect(path), notice


@contextmanager
def transaction(connection: sqlite3.Connection) -> Generator[None]:
    """All changes of the block or, after an error, none. Raises HistoryError for what the database refuses."""
    with as_history_errors():
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


@contextmanager
def as_history_errors() -> Generator[None]:
    """Raises HistoryError for errors of the database and of files. Wrong use of the connection stays as it is."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise
    except sqlite3.IntegrityError as error:
        raise HistoryError("This conversation is no longer in the history.") from error
    except sqlite3.Error as error:
        raise HistoryError(_SENTENCES.get(_code(error), f"The history can't be used: {error}.")) from error
    except OSError as error:
        raise HistoryError(f"The history can't be written: {reason_of(error)}.") from error


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
    try:
        _prepare(connection, size=path.stat().st_size)
    except sqlite3.DatabaseError as error:
        connection.close()
        # SQLITE_ERROR: its tables aren't those that its version should have.
        if _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR):
            raise _DamagedError from error
        raise
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, *, size: int) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    refuse_newer(connection)
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    try:
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
    except sqlite3.OperationalError as error:
        if _code(error) != sqlite3.SQLITE_BUSY:  # Busy: another program has it open, in this mode already.
            raise
    connection.execute("PRAGMA synchronous = NORMAL")
    if size <= _CHECKED_BYTES and connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise _DamagedError
    migrate(connection)
    for query in ("title, image_hash, changed, deleted FROM conversations", "conversation_id, question, result FROM turns"):
        connection.execute(f"SELECT {query} LIMIT 1").fetchone()
    connection.create_function("contains", 2, _contains, deterministic=True)


def _move_aside(path: Path) -> Path:
    number = 1
    while (kept := path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")).exists():
        number += 1
    os.replace(path, kept)
    for ending in ("-wal", "-shm"):  # With these beside it, more of it can be rescued.
        with suppress(FileNotFoundError):
            os.replace(f"{path}{ending}", f"{kept}{ending}")
    return kept


def folded(text: str) -> str:
    """Text as it is compared: upper and lower case, and composed and decomposed letters, are the same."""
    return unicodedata.normalize("NFKC", text).casefold()


def storable(value: Any) -> Any:
    """Text without the halves of characters that file names and the clipboard may hold, and the database can't."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value


def _contains(text: str, folded_part: str) -> bool:
    return folded_part in folded(text)


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
