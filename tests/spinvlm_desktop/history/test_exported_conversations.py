"""A conversation written as JSON and Markdown, and read again from JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spinvlm_desktop.history.errors import HistoryError
from spinvlm_desktop.history.export import import_json, save_text, to_json, to_markdown
from spinvlm_desktop.history.store import HistoryStore
from tests.spinvlm_desktop.history.kept_answers import GENERATION, SPIN, add, assert_same, make_answer, make_comparison, start


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
