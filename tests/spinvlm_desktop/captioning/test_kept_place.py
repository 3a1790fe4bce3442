"""What was said of photos is kept where the user wants it, and is whole in one place whatever goes wrong on the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from spinvlm_desktop.captioning.notes import kept_place
from spinvlm_desktop.captioning.notes.kept_place import PlaceGoneError, place_in
from spinvlm_desktop.captioning.notes.notes_store import NotesStore
from spinvlm_desktop.captioning.notes.photo_record import CaptioningError, PhotoRecord
from training.data.captions import load_captions
from training.data.photo_notes.notes import PhotoNotes
from training.data.qa_pair import QaPair

SAID = {"1.jpg": PhotoRecord(PhotoNotes(("A man",))), "b/2.jpg": PhotoRecord(PhotoNotes(("A boat",)), draft="A boat and")}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "holiday"
    (folder / "b").mkdir(parents=True)
    for name in SAID:
        (folder / name).touch()
    return folder


@pytest.fixture
def open_store(tmp_path: Path, photos: Path) -> Callable[[], NotesStore]:
    """A store that is open, with what was kept before; the first one has something to keep."""

    def make() -> NotesStore:
        store = NotesStore(tmp_path / "kept", photos)
        store.open()
        return store

    first = make()
    first.save(SAID)
    first.close()
    return make


def kept(store: NotesStore, tmp_path: Path) -> dict[str, PhotoRecord]:
    """As the next window finds it."""
    store.close()
    again = NotesStore(tmp_path / "kept", store.photos)
    records, told = again.open()
    assert (again.folder, told) == (store.folder, [])
    again.close()
    return records


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_file()}


def test_it_moves_goes_on_there_and_comes_back(open_store: Callable[[], NotesStore], tmp_path: Path) -> None:
    store, place = open_store(), tmp_path / "documents"
    store.move_to(place)
    assert files(place) == {"captions.txt", "photos.jsonl", "collection.json"}
    assert files(store.home) == {"collection.json", "captioning.lock"}, "nothing is kept in two places"
    more = PhotoRecord(PhotoNotes(("A dog",), (QaPair("3.jpg", "Which dog?", "mine", "other"),)))
    assert store.save({"3.jpg": more}).told == [], "the files are the same, elsewhere"
    assert kept(store, tmp_path) == {**SAID, "3.jpg": more}
    store = open_store()
    store.move_to(store.home)
    assert not place.exists()
    assert kept(store, tmp_path) == {**SAID, "3.jpg": more}


def test_beside_the_photos_it_is_their_collection_and_goes_with_them(
    open_store: Callable[[], NotesStore], tmp_path: Path, photos: Path
) -> None:
    store = open_store()
    store.move_to(photos)
    assert {image.name: image.captions for image in load_captions(photos).images} == {"1.jpg": ("A man",), "b/2.jpg": ("A boat",)}
    store.close()
    elsewhere = photos.rename(tmp_path / "other drive")
    again = NotesStore(tmp_path / "another computer", elsewhere)
    assert (again.open()[0], again.folder) == (SAID, elsewhere)
    again.close()


def test_files_that_are_there_are_never_replaced(open_store: Callable[[], NotesStore], tmp_path: Path, photos: Path) -> None:
    store = open_store()
    for name in ("captions.txt", "photos.jsonl", "collection.json"):
        (photos / name).write_text("the user's own")
        with pytest.raises(CaptioningError, match=f"a file {name} in"):
            store.move_to(photos)
        assert (photos / name).read_text() == "the user's own"
        (photos / name).unlink()
    assert store.folder == store.home
    assert kept(store, tmp_path) == SAID


def test_a_file_of_the_same_name_as_ours_is_not_taken_for_ours(
    open_store: Callable[[], NotesStore], tmp_path: Path, photos: Path
) -> None:
    (photos / "collection.json").write_text('{"photos": []}')
    again = NotesStore(tmp_path / "another computer", photos)
    again.open()
    assert again.folder == again.home
    again.close()


def test_a_move_that_fails_leaves_it_where_it_was(
    open_store: Callable[[], NotesStore], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, place = open_store(), tmp_path / "full"
    written: list[str] = []

    def disk_that_fills_up(path: Path, content: bytes) -> None:
        written.append(path.name)
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        path.write_bytes(content)

    monkeypatch.setattr(kept_place, "write_bytes", disk_that_fills_up)
    with pytest.raises(CaptioningError, match=r"no space left on device\. It stays in"):
        store.move_to(place)
    assert not place.exists()
    (tmp_path / "a file").touch()
    with pytest.raises(CaptioningError, match="can't be moved to"):
        store.move_to(tmp_path / "a file" / "in it")
    assert kept(store, tmp_path) == SAID


def test_a_move_that_was_cut_off_after_the_switch_does_no_harm(open_store: Callable[[], NotesStore], tmp_path: Path) -> None:
    store, place = open_store(), tmp_path / "documents"
    old = {name: (store.home / name).read_bytes() for name in ("captions.txt", "photos.jsonl")}
    store.move_to(place)
    for name, content in old.items():
        (store.home / name).write_bytes(content)
    later = PhotoRecord(PhotoNotes(("A woman",)))
    store.save({"1.jpg": later})
    store.move_to(store.home)
    assert kept(store, tmp_path) == {**SAID, "1.jpg": later}


def test_a_place_that_is_gone_is_one_sentence_and_one_can_begin_without_it(
    open_store: Callable[[], NotesStore], tmp_path: Path
) -> None:
    store, place = open_store(), tmp_path / "drive" / "captions"
    place.parent.mkdir()
    store.move_to(place)
    store.close()
    away = place.rename(tmp_path / "unplugged")
    place.mkdir()  # a mount point stays when its drive has gone
    with pytest.raises(PlaceGoneError, match="isn't there now"):
        open_store()
    place.rmdir()
    away.rename(place)
    assert kept(store, tmp_path) == SAID
    place.rename(away)
    gone = NotesStore(tmp_path / "kept", store.photos)
    with pytest.raises(PlaceGoneError):
        gone.open()
    assert gone.place_is_gone
    gone.forget_place()
    records, _ = gone.open()
    assert (records, gone.folder) == ({}, gone.home)
    gone.close()
    assert "captions.txt" in files(away), "what lies there is left alone"


def test_what_is_gone_is_not_moved(open_store: Callable[[], NotesStore], tmp_path: Path) -> None:
    store, place = open_store(), tmp_path / "drive"
    store.move_to(place)
    away = place.rename(tmp_path / "unplugged")
    with pytest.raises(CaptioningError, match="isn't there"):
        store.move_to(tmp_path / "elsewhere")
    away.rename(place)
    assert kept(store, tmp_path) == SAID


def test_a_folder_with_other_files_gets_a_folder_for_it(tmp_path: Path, photos: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert place_in(tmp_path / "empty", photos) == tmp_path / "empty"
    assert place_in(photos, photos) == photos
    assert place_in(tmp_path, photos) == tmp_path / "captions of holiday"
    with pytest.raises(CaptioningError, match="can't be read"):
        place_in(tmp_path / "gone", photos)
