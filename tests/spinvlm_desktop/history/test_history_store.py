"""Conversations that are kept, found again, changed and forgotten."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from core.config import GenerationConfig
from spinvlm_desktop.history.errors import HistoryError
from spinvlm_desktop.history.opening import open_history
from spinvlm_desktop.history.store import HistoryStore
from tests.spinvlm_desktop.history.kept_answers import GENERATION, SPIN, add, assert_same, make_answer, make_comparison, start


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
