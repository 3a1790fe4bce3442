"""The database's tables, and the steps from each older version to the newest."""

from __future__ import annotations

import sqlite3

from spinvlm_desktop.history.errors import HistoryError

MIGRATIONS = [
    # 1: conversations and their turns. Numbers of deleted conversations are never given again, so that an undo or a
    # late token can't reach another one.
    """
    CREATE TABLE conversations (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        title TEXT NOT NULL,
        image_hash TEXT NOT NULL,
        image_name TEXT NOT NULL,
        created REAL NOT NULL,
        changed REAL NOT NULL
    );
    CREATE INDEX conversations_by_image ON conversations (image_hash);
    CREATE TABLE turns (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        question TEXT NOT NULL,
        spin TEXT,
        generation TEXT NOT NULL,
        model TEXT NOT NULL,
        error TEXT,
        partial_text TEXT NOT NULL DEFAULT '',
        answer_text TEXT NOT NULL DEFAULT '',
        result BLOB
    );
    CREATE INDEX turns_by_conversation ON turns (conversation_id)
    """,
    # 2: a deleted conversation can be brought back until it is purged; heads that were off by hand.
    """
    ALTER TABLE conversations ADD COLUMN deleted REAL;
    ALTER TABLE turns ADD COLUMN ablated TEXT NOT NULL DEFAULT '[]';
    CREATE INDEX conversations_by_change ON conversations (deleted, changed)
    """,
]
"""Script n - 1 makes version n of version n - 1. A script that was once released never changes."""
NEWEST = len(MIGRATIONS)


def version_of(connection: sqlite3.Connection) -> int:
    """The database's version; 0 for a new file."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return version


def refuse_newer(connection: sqlite3.Connection) -> None:
    """Raises HistoryError for a database of a newer program, which is left as it is."""
    version = version_of(connection)
    if version > NEWEST:
        raise HistoryError(
            f"The history was written by a newer version of this program (history version {version}, "
            f"this program knows {NEWEST}); it is left as it is."
        )


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the database to the newest version, or leave it as it was. Raises sqlite3.Error, or HistoryError if newer.

    The version is read under the lock: another program may have migrated it meanwhile.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        refuse_newer(connection)
        for number, script in enumerate(MIGRATIONS[version_of(connection):], start=version_of(connection) + 1):
            for statement in script.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
