"""The file itself: a program that is killed, other versions, damage."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from spinvlm_desktop.history.errors import HistoryError
from spinvlm_desktop.history.opening import open_history
from spinvlm_desktop.history.store import DATABASE_NAME, HistoryStore
from tests.spinvlm_desktop.history.kept_answers import add, make_answer, start

WRITER = """
import hashlib, sys
from pathlib import Path
from core.config import GenerationConfig
from spinvlm_desktop.history.store import HistoryStore

photo = Path(sys.argv[2])
store = HistoryStore(Path(sys.argv[1]))
conversation = store.add_conversation(photo, photo.name, content_hash=hashlib.sha256(photo.read_bytes()).hexdigest(), title="t")
turn = store.add_question(conversation.id, "What is this?", spin=None, generation=GenerationConfig(), model="m")
text = ""
while True:
    text += " word"
    store.write_partial(turn, text)
    print(len(text.split()), flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL")
def test_killed_while_answering_loses_at_most_a_word(photo: Path, tmp_path: Path) -> None:
    folder = tmp_path / "history"
    with subprocess.Popen([sys.executable, "-c", WRITER, str(folder), str(photo)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        reported = 0
        while reported < 50:
            reported = int(writer.stdout.readline())
        os.kill(writer.pid, signal.SIGKILL)
        reported = max([reported, *(int(line) for line in writer.stdout if line.endswith("\n"))])
    store = HistoryStore(folder)
    (conversation,) = store.conversations()
    (turn,) = store.turns(conversation.id)
    store.close()
    assert store.notice is None
    assert turn.question == "What is this?"
    assert turn.answer is None
    assert len(turn.partial_text.split()) - reported in (0, 1), "one may be written and not reported"


FIRST_SCHEMA = """
CREATE TABLE conversations (
    id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, image_hash TEXT NOT NULL, image_name TEXT NOT NULL,
    created REAL NOT NULL, changed REAL NOT NULL
);
CREATE INDEX conversations_by_image ON conversations (image_hash);
CREATE TABLE turns (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    question TEXT NOT NULL, spin TEXT, generation TEXT NOT NULL, model TEXT NOT NULL, error TEXT,
    partial_text TEXT NOT NULL DEFAULT '', answer_text TEXT NOT NULL DEFAULT '', result BLOB
);
CREATE INDEX turns_by_conversation ON turns (conversation_id);
INSERT INTO conversations VALUES (3, 'Old', 'abc', 'old.jpg', 1e9, 1e9);
INSERT INTO turns (conversation_id, question, generation, model, partial_text) VALUES (3, 'What?', '{}', 'starter', 'a man');
PRAGMA user_version = 1;
"""
"""A history as the first version wrote it. Never to be changed."""


def test_a_history_of_the_first_version_is_taken_over(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / DATABASE_NAME) as database:
        database.executescript(FIRST_SCHEMA)
    database.close()
    store = HistoryStore(tmp_path)
    (conversation,) = store.conversations()
    (turn,) = store.turns(3)
    store.delete(3)
    store.undo_delete(3)
    store.close()
    assert (conversation.title, turn.question, turn.partial_text, turn.ablated) == ("Old", "What?", "a man", frozenset())


def test_a_history_of_a_newer_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    HistoryStore(tmp_path).close()
    with sqlite3.connect(tmp_path / DATABASE_NAME) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(HistoryError, match="newer version"):
        HistoryStore(tmp_path)
    store, notice = open_history(tmp_path, keep=True, retention_days=None)
    assert notice is not None
    assert "aren't kept" in notice
    assert store.conversations() == []
    store.close()
    assert (tmp_path / DATABASE_NAME).is_file()


@pytest.mark.parametrize("damage", [b"no database at all" * 100, b""])
def test_a_damaged_history_is_set_aside_and_a_new_one_begun(
    store: HistoryStore, photo: Path, tmp_path: Path, damage: bytes
) -> None:
    start(store, photo)
    store.close()
    path = tmp_path / "history" / DATABASE_NAME
    content = path.read_bytes()
    path.write_bytes(damage or content[:4096] + b"\xff" * (len(content) - 4096))
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    again = HistoryStore(tmp_path / "history")
    assert again.notice is not None
    assert "damaged" in again.notice
    assert again.conversations() == []
    assert start(again, photo).id
    again.close()
    assert len(list((tmp_path / "history").glob("*damaged*.db"))) == 1


def test_a_damaged_record_is_one_turn_with_an_error(store: HistoryStore, photo: Path, tmp_path: Path) -> None:
    conversation = start(store, photo)
    turn = add(store, conversation)
    store.finish_turn(turn, answer=make_answer())
    with sqlite3.connect(tmp_path / "history" / DATABASE_NAME) as database:
        database.execute("UPDATE turns SET result = substr(result, 1, 200)")
    database.close()
    (found,) = store.turns(conversation.id)
    assert (found.question, found.answer, found.error) == ("What is this?", None, "The record of this answer is damaged.")
