"""The history: conversations in SQLite, photos beside it. To be used in the thread that made it."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtGui import QImage

from core.answers import Answer, Comparison, HeadIndex
from core.config import GenerationConfig, SpinConfig, require
from spinvlm_desktop.history.database import as_history_errors, folded, open_database, storable, transaction
from spinvlm_desktop.history.errors import HistoryError
from spinvlm_desktop.history.image_files import ImageFiles
from spinvlm_desktop.history.records import Conversation, Turn
from spinvlm_desktop.history.turn_rows import TURN_COLUMNS, how_values, result_values, turn_of

DATABASE_NAME = "history.db"
_DAY_S = 24 * 60 * 60
_COLUMNS = """id, title, image_hash, image_name, created, changed,
    COALESCE((SELECT question FROM turns WHERE conversation_id = conversations.id ORDER BY id LIMIT 1), ''),
    COALESCE((SELECT answer_text FROM turns WHERE conversation_id = conversations.id AND answer_text != ''
              ORDER BY id LIMIT 1), '')"""


class HistoryStore:
    """Every method is done, and lasts through the program's end, when it returns; each raises HistoryError."""

    lasting = True
    """Whether it is still there at the next start."""

    def __init__(self, folder: Path) -> None:
        """Opens or makes the history in this folder. Raises HistoryError, also for a history of a newer program."""
        with as_history_errors():
            folder.mkdir(parents=True, exist_ok=True)
            self._files = ImageFiles(folder)
        self._connection, self.notice = open_database(folder / DATABASE_NAME)
        """`notice`: a sentence for the user where something was wrong, for instance that the history was damaged."""

    def close(self) -> None:
        """May be called twice."""
        self._connection.close()

    def add_conversation(
        self, image: Path | bytes, name: str, *, content_hash: str, title: str,
        created: float | None = None, turns: Sequence[Turn] = (), preview: QImage | None = None,
    ) -> Conversation:
        """A new conversation about this photo, which is copied; with its turns at once, or none of it.

        content_hash: SHA-256 of the photo's file. The turns' own numbers are replaced. preview: the photo in any size,
        where it is read already; its thumbnail needn't be made of the file then.
        """
        now = time.time()
        with transaction(self._connection):
            # Under the lock, so that no other program removes the photo's file before the conversation is there.
            self._files.keep(image, name, content_hash=content_hash, preview=preview)
            number = self._insert(
                "conversations", title=title, image_hash=content_hash, image_name=name,
                created=now if created is None else created, changed=now,
            )
            for turn in turns:
                self._insert(
                    "turns", conversation_id=number, error=turn.error, partial_text=turn.partial_text,
                    question=turn.question,
                    **how_values(spin=turn.spin, generation=turn.generation, model=turn.model, ablated=turn.ablated),
                    **result_values(turn.answer or turn.comparison),
                )
        return self.conversation(number)

    def add_question(
        self, conversation_id: int, question: str, *, spin: SpinConfig | None, generation: GenerationConfig, model: str,
        ablated: frozenset[HeadIndex] = frozenset(),
    ) -> int:
        """The new turn's number. To be called before generation starts, so that a crash doesn't lose the question."""
        with transaction(self._connection):
            number = self._insert(
                "turns", conversation_id=conversation_id, question=question,
                **how_values(spin=spin, generation=generation, model=model, ablated=ablated),
            )
            self._touch(number)
        return number

    def restart_turn(
        self, turn_id: int, *, spin: SpinConfig | None, generation: GenerationConfig, model: str,
        ablated: frozenset[HeadIndex] = frozenset(),
    ) -> None:
        """The same question is asked again: what came of it before is forgotten."""
        with transaction(self._connection):
            self._update_turn(
                turn_id, partial_text="", error=None, **result_values(None),
                **how_values(spin=spin, generation=generation, model=model, ablated=ablated),
            )
            self._touch(turn_id)

    def write_partial(self, turn_id: int, text: str) -> None:
        """The answer's text so far. A turn that was deleted meanwhile stays so; the same holds for the next two."""
        with transaction(self._connection):
            self._update_turn(turn_id, partial_text=text)

    def finish_turn(
        self, turn_id: int, *, answer: Answer | None = None, comparison: Comparison | None = None, model: str | None = None
    ) -> None:
        """The turn's result, exactly one of both. model: the one that answered, where it wasn't known when it was asked."""
        if (answer is None) == (comparison is None):
            raise ValueError("a turn ends with an answer or with a comparison")
        with transaction(self._connection):
            known = {} if model is None else {"model": model}
            self._update_turn(turn_id, partial_text="", error=None, **known, **result_values(answer or comparison))
            self._touch(turn_id)

    def fail_turn(self, turn_id: int, sentence: str) -> None:
        """Why there is no answer; text that was there already stays."""
        with transaction(self._connection):
            self._update_turn(turn_id, error=sentence)
            self._touch(turn_id)

    def delete_turns_from(self, turn_id: int) -> None:
        """Delete this turn and all that follow it in its conversation."""
        with transaction(self._connection):
            self._touch(turn_id)
            self._connection.execute(
                "DELETE FROM turns WHERE id >= ?1 AND conversation_id = (SELECT conversation_id FROM turns WHERE id = ?1)",
                (turn_id,),
            )

    def conversation(self, conversation_id: int) -> Conversation:
        """One conversation; a deleted one until it is purged."""
        with as_history_errors():
            row = self._connection.execute(f"SELECT {_COLUMNS} FROM conversations WHERE id = ?", (conversation_id,)).fetchone()
        if row is None:
            raise HistoryError("This conversation is no longer in the history.")
        return Conversation(*row)

    def conversations(self, search: str = "") -> list[Conversation]:
        """Those that contain each word of `search` in the title, the photo's name, a question or an answer.

        The last changed comes first.
        """
        words = folded(search).split()
        found = (
            " AND (contains(title || char(10) || image_name, ?)"
            " OR EXISTS (SELECT 1 FROM turns WHERE conversation_id = conversations.id"
            " AND contains(question || char(10) || answer_text || char(10) || partial_text, ?)))"
        )
        with as_history_errors():
            rows = self._connection.execute(
                f"SELECT {_COLUMNS} FROM conversations WHERE deleted IS NULL{found * len(words)} ORDER BY changed DESC, id DESC",
                [word for word in words for _ in range(2)],
            ).fetchall()
        return [Conversation(*row) for row in rows]

    def turns(self, conversation_id: int) -> list[Turn]:
        """All turns in order. A record that is damaged comes as a turn with an error."""
        with as_history_errors():
            rows = self._connection.execute(
                f"SELECT {TURN_COLUMNS} FROM turns WHERE conversation_id = ? ORDER BY id", (conversation_id,)
            ).fetchall()
        return [turn_of(*row) for row in rows]

    def rename(self, conversation_id: int, title: str) -> None:
        with transaction(self._connection):
            self._connection.execute("UPDATE conversations SET title = ? WHERE id = ?", (storable(title), conversation_id))

    def delete(self, conversation_id: int) -> None:
        """The conversation is no longer listed; `undo_delete` brings it back until `purge_deleted`."""
        with transaction(self._connection):
            self._connection.execute("UPDATE conversations SET deleted = ? WHERE id = ?", (time.time(), conversation_id))

    def undo_delete(self, conversation_id: int) -> None:
        with transaction(self._connection):
            changed = self._connection.execute("UPDATE conversations SET deleted = NULL WHERE id = ?", (conversation_id,))
            if not changed.rowcount:
                raise HistoryError("This conversation is no longer in the history.")

    def purge_deleted(self) -> None:
        """Remove deleted conversations for good, and photos that no other conversation is about."""
        self._remove_where("deleted IS NOT NULL", ())

    def apply_retention(self, days: int | None, *, spared: Collection[int] = ()) -> None:
        """Remove conversations that weren't changed for so many days, for good; None keeps all. Raises ConfigError.

        spared: those that stay in any case, as they are in use.
        """
        if days is None:
            return
        require(days >= 1, f"conversations must be kept for at least 1 day, got {days}")
        marks = ", ".join("?" * len(spared))
        self._remove_where(f"changed < ? AND id NOT IN ({marks})", (time.time() - days * _DAY_S, *spared))

    def image_path(self, image_hash: str) -> Path | None:
        """The photo's file, None where it is missing."""
        return self._files.path(image_hash)

    def thumbnail(self, image_hash: str) -> QImage | None:
        """A small square of the photo, None where the photo is missing or damaged. May be called in any thread."""
        return self._files.thumbnail(image_hash)

    def _remove_where(self, condition: str, values: tuple[float, ...]) -> None:
        with transaction(self._connection):
            hashes = self._connection.execute(f"SELECT image_hash FROM conversations WHERE {condition}", values).fetchall()
            self._connection.execute(f"DELETE FROM conversations WHERE {condition}", values)
        # Photos only after the deletion lasts; and only those of what was deleted: others may belong to a history that
        # was moved aside.
        with transaction(self._connection):
            for (image_hash,) in set(hashes):
                if not self._connection.execute("SELECT 1 FROM conversations WHERE image_hash = ?", (image_hash,)).fetchone():
                    self._files.remove(image_hash)
        if hashes:
            with as_history_errors():
                self._connection.execute("PRAGMA incremental_vacuum").fetchall()

    def _insert(self, table: str, **values: Any) -> int:
        marks = ", ".join("?" * len(values))
        done = self._connection.execute(
            f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", [storable(value) for value in values.values()]
        )
        assert done.lastrowid is not None
        return done.lastrowid

    def _update_turn(self, turn_id: int, **values: Any) -> None:
        changes = ", ".join(f"{name} = ?" for name in values)
        self._connection.execute(f"UPDATE turns SET {changes} WHERE id = ?", [*map(storable, values.values()), turn_id])

    def _touch(self, turn_id: int) -> None:
        self._connection.execute(
            "UPDATE conversations SET changed = ? WHERE id = (SELECT conversation_id FROM turns WHERE id = ?)",
            (time.time(), turn_id),
        )
