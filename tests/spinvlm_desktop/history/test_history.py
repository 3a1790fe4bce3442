from __future__ import annotations

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.answers import Answer, Comparison, Divergence, PatchToken
from core.config import GenerationConfig, SpinConfig
from spinvlm_desktop.history.errors import HistoryError
from spinvlm_desktop.history.export import import_json, save_text, to_json, to_markdown
from spinvlm_desktop.history.opening import open_history
from spinvlm_desktop.history.records import Conversation
from spinvlm_desktop.history.store import DATABASE_NAME, HistoryStore

SPIN = SpinConfig(keep=0.5, alpha=0.25)
GENERATION = GenerationConfig(method="sampling", seed=7)


def make_answer(text: str = "a dog on the beach", *, question: str = "What is this?", seed: int = 0) -> Answer:
    """An answer of one token a word; 2 layers, 3 heads, 4 x 4 patches."""
    random = np.random.default_rng(seed)
    tokens = tuple(
        PatchToken(
            index=index, token_id=10 + index, text=(" " if index else "") + word, probability=float(random.random()),
            image_mass=random.random((2, 3), dtype=np.float32), head_gate=random.integers(0, 2, (2, 3)).astype(np.float32),
            class_attention=random.random((2, 3), dtype=np.float32),
            patch_attention=random.random((2, 3, 4, 4), dtype=np.float32),
        )
        for index, word in enumerate(text.split())
    )
    return Answer(question=question, text=text, tokens=tokens, finish="end", log_probability=-1.5, seconds=0.25)


def make_comparison() -> Comparison:
    return Comparison(make_answer("a dog runs"), make_answer("a cat runs", seed=1), Divergence(1, " dog", 0.5, " cat", 0.25))


def assert_same(found: Answer | None, expected: Answer) -> None:
    """As far as it is kept: patches have 11 significant bits, numbers of exported files 6 digits after the point."""
    assert found is not None
    assert replace(found, tokens=()) == replace(expected, tokens=())
    assert [token.text for token in found.tokens] == [token.text for token in expected.tokens]
    for token, other in zip(found.tokens, expected.tokens, strict=True):
        assert (token.index, token.token_id) == (other.index, other.token_id)
        np.testing.assert_allclose(token.probability, other.probability, rtol=1e-5)
        for name in ("image_mass", "head_gate", "class_attention"):
            np.testing.assert_allclose(getattr(token, name), getattr(other, name), rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(token.patch_attention, other.patch_attention, rtol=1e-3)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[HistoryStore]:
    store = HistoryStore(tmp_path / "history")
    yield store
    store.close()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "beach.png"
    Image.linear_gradient("L").convert("RGB").save(path)
    return path


def start(store: HistoryStore, photo: Path, title: str = "What is this?") -> Conversation:
    content_hash = hashlib.sha256(photo.read_bytes()).hexdigest()
    return store.add_conversation(photo, photo.name, content_hash=content_hash, title=title)


def add(store: HistoryStore, conversation: Conversation, question: str = "What is this?") -> int:
    return store.add_question(
        conversation.id, question, spin=SPIN, generation=GENERATION, model="starter", ablated=frozenset({(1, 2)})
    )


# -- the store


def test_what_was_kept_is_there_after_a_restart(store: HistoryStore, photo: Path, tmp_path: Path) -> None:
    conversation = start(store, photo)
    answered, compared, failed = (add(store, conversation, f"question {number}") for number in range(3))
    store.finish_turn(answered, answer=make_answer())
    store.finish_turn(compared, comparison=make_comparison())
    store.write_partial(failed, "a dog")
    store.fail_turn(failed, "Memory ran out.")
    store.close()
    photo.unlink()

    again = HistoryStore(tmp_path / "history")
    first, second, third = again.turns(conversation.id)
    assert_same(first.answer, make_answer())
    assert (first.question, first.spin, first.generation, first.model, first.ablated) == (
        "question 0", SPIN, GENERATION, "starter", {(1, 2)}
    )
    assert second.answer is None
    assert second.comparison is not None
    assert_same(second.comparison.spin, make_comparison().spin)
    assert second.comparison.divergence == make_comparison().divergence
    assert (third.error, third.partial_text, third.answer) == ("Memory ran out.", "a dog", None)
    kept = again.image_path(conversation.image_hash)
    assert kept is not None
    assert kept.suffix == ".png"
    assert again.thumbnail(conversation.image_hash) is not None
    again.close()


def test_search_finds_words_of_titles_questions_and_answers_in_any_case(store: HistoryStore, photo: Path) -> None:
    beach, other = start(store, photo, "Straße am Meer"), start(store, photo, "Other")
    store.finish_turn(add(store, beach, "Is it 100% sunny?"), answer=make_answer("two dogs"))
    store.finish_turn(add(store, other), comparison=make_comparison())

    def found(search: str) -> list[int]:
        return [conversation.id for conversation in store.conversations(search)]

    assert found("") == [other.id, beach.id]
    assert found("STRASSE") == found("DOGS") == found("dogs meer") == found("100%") == [beach.id]
    assert found("cat") == [other.id]
    assert found("%") == [beach.id], "a percent sign is a character, not a pattern"
    assert found("dogs other") == []


def test_a_deletion_can_be_undone_until_it_is_purged(store: HistoryStore, photo: Path) -> None:
    conversation = start(store, photo)
    turn = add(store, conversation)
    store.delete(conversation.id)
    assert store.conversations() == []
    store.undo_delete(conversation.id)
    assert [turn.id for turn in store.turns(conversation.id)] == [turn]

    store.delete(conversation.id)
    store.purge_deleted()
    assert store.image_path(conversation.image_hash) is None
    with pytest.raises(HistoryError, match="no longer in the history"):
        store.undo_delete(conversation.id)
    store.finish_turn(turn, answer=make_answer())  # a late answer
    assert store.turns(conversation.id) == []
    assert start(store, photo).id != conversation.id, "numbers aren't given again"


def test_a_photo_stays_as_long_as_a_conversation_is_about_it(store: HistoryStore, photo: Path) -> None:
    first, second = start(store, photo), start(store, photo)
    store.delete(first.id)
    store.purge_deleted()
    assert store.image_path(second.image_hash) is not None


def test_retention_forgets_what_was_not_changed_for_so_long(
    store: HistoryStore, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, recent = start(store, photo), start(store, photo)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 8 * 86400)
    add(store, recent)
    store.apply_retention(None)
    assert len(store.conversations()) == 2
    store.apply_retention(7)
    assert [conversation.id for conversation in store.conversations()] == [recent.id]
    assert store.turns(old.id) == []


def test_an_edited_question_takes_the_later_ones_away(store: HistoryStore, photo: Path) -> None:
    conversation, other = start(store, photo), start(store, photo)
    first, second, elsewhere, third = (add(store, c) for c in (conversation, conversation, other, conversation))
    store.delete_turns_from(second)
    assert [turn.id for turn in store.turns(conversation.id)] == [first]
    assert [turn.id for turn in store.turns(other.id)] == [elsewhere]
    assert third not in [turn.id for turn in store.turns(conversation.id)]


def test_asking_again_forgets_the_answer_before(store: HistoryStore, photo: Path) -> None:
    conversation = start(store, photo)
    turn = add(store, conversation)
    store.finish_turn(turn, answer=make_answer("a dog at the lake"))
    assert [found.answer for found in store.conversations("lake")] == ["a dog at the lake"]
    store.restart_turn(turn, spin=None, generation=GenerationConfig(), model="other")
    (found,) = store.turns(conversation.id)
    assert (found.answer, found.spin, found.model, found.ablated) == (None, None, "other", frozenset())
    assert store.conversations("lake") == []
    assert len(store.conversations("beach.png")) == 1, "the photo's name is searched too"


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


def test_a_photo_that_changed_after_it_was_opened_is_refused(store: HistoryStore, photo: Path) -> None:
    with pytest.raises(HistoryError, match="changed on the disk"):
        store.add_conversation(photo, photo.name, content_hash="0" * 64, title="t")
    assert store.conversations() == []


def test_a_passing_history_leaves_nothing(photo: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    store, notice = open_history(folder, keep=False, retention_days=None)
    add(store, start(store, photo))
    assert notice is None
    store.close()
    assert [path for path in folder.rglob("*") if path.is_file()] == []


# -- files


def test_json_comes_back_as_it_was(store: HistoryStore, photo: Path, tmp_path: Path) -> None:
    conversation = start(store, photo, "Ein Hund & <b>")
    store.finish_turn(add(store, conversation), answer=make_answer())
    store.finish_turn(add(store, conversation), comparison=make_comparison())
    add(store, conversation, "unfinished")
    save_text(tmp_path / "c.json", to_json(conversation, store.turns(conversation.id), photo.read_bytes()))

    other = HistoryStore(tmp_path / "other")
    imported = import_json(other, tmp_path / "c.json")
    assert (imported.title, imported.image_hash, imported.created) == (
        conversation.title, conversation.image_hash, conversation.created
    )
    first, second, third = other.turns(imported.id)
    assert_same(first.answer, make_answer())
    assert second.comparison is not None
    assert_same(second.comparison.spin, make_comparison().spin)
    assert (first.spin, first.generation, first.model, first.ablated) == (SPIN, GENERATION, "starter", {(1, 2)})
    assert (third.question, third.answer, third.error) == ("unfinished", None, None)
    kept = other.image_path(imported.image_hash)
    assert kept is not None
    assert kept.read_bytes() == photo.read_bytes()
    other.close()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "isn't a conversation"),
        ("[1, 2]", "isn't a conversation"),
        ('{"format": "spinvlm-conversation", "version": 1, "tit', "incomplete or damaged"),
        ('{"format": "spinvlm-conversation", "version": 99}', "newer version"),
        ('{"format": "spinvlm-conversation", "version": 1, "turns": []}', "damaged or incomplete"),
    ],
)
def test_other_files_are_refused_in_a_sentence(store: HistoryStore, tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "c.json").write_text(content)
    with pytest.raises(HistoryError, match=words):
        import_json(store, tmp_path / "c.json")
    assert store.conversations() == []


def test_an_exported_file_that_was_changed_is_refused(store: HistoryStore, photo: Path, tmp_path: Path) -> None:
    conversation = start(store, photo)
    store.finish_turn(add(store, conversation), answer=make_answer())
    content = json.loads(to_json(conversation, store.turns(conversation.id), photo.read_bytes()))
    content["turns"][0]["answer"]["tokens"][0]["patch_attention"] = [[1.0]]
    (tmp_path / "c.json").write_text(json.dumps(content))
    with pytest.raises(HistoryError, match=r"c\.json is damaged"):
        import_json(store, tmp_path / "c.json")
    assert len(store.conversations()) == 1


def test_markdown_shows_what_was_written_as_it_was(store: HistoryStore, photo: Path) -> None:
    conversation = start(store, photo, "# *Title*")
    store.finish_turn(add(store, conversation, "1. <b>What</b>?"), answer=make_answer("- a_dog [x](y)"))
    text = to_markdown(conversation, store.turns(conversation.id))
    assert "# \\# \\*Title\\*" in text
    assert "1\\. \\<b\\>What\\</b\\>?" in text
    assert "\\- a\\_dog \\[x\\](y)" in text
    assert "layer 2 head 3 off by hand" in text
