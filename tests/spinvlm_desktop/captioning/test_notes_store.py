"""What was said of photos is on the disk, whoever else writes there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from spinvlm_desktop.captioning.notes.notes_store import NotesStore
from spinvlm_desktop.captioning.notes.photo_record import CaptioningError, PhotoRecord, SeenFile
from training.data.captions import load_captions
from training.data.entities import Box
from training.data.photo_notes.notes import MarkedObject, PhotoNotes
from training.data.qa_pair import QaPair

SEEN = SeenFile(12, 34, "ab")
FULL = PhotoRecord(
    PhotoNotes(
        ("A dog, running", "A brown dog"), (QaPair("2.jpg", "Which flag is up?", "red", "other"),),
        (MarkedObject("dog", Box(0.1, 0.2, 0.3, 0.4)),),
    ),
    draft="A dog that", seen=SEEN,
)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


def store_of(tmp_path: Path, photos: Path) -> NotesStore:
    return NotesStore(tmp_path / "kept", photos)


def described(*captions: str) -> PhotoRecord:
    return PhotoRecord(PhotoNotes(captions))


def reopened(store: NotesStore, tmp_path: Path) -> dict[str, PhotoRecord]:
    store.close()
    again = store_of(tmp_path, store.photos)
    records, told = again.open()
    again.close()
    assert told == []
    return records


def test_all_that_was_said_is_there_when_the_folder_is_opened_again(tmp_path: Path, photos: Path) -> None:
    store = store_of(tmp_path, photos)
    assert store.open() == ({}, [])
    skipped = PhotoRecord(skipped=True)
    store.save({"1.jpg": described("A man"), "2.jpg": FULL, "3.jpg": skipped, "4.jpg": PhotoRecord()})
    store.save({"1.jpg": described("A woman")})
    assert reopened(store, tmp_path) == {"1.jpg": described("A woman"), "2.jpg": FULL, "3.jpg": skipped}
    assert list(photos.iterdir()) == [], "nothing is written into the photos' folder"
    assert json.loads((store.folder / "collection.json").read_text())["photos"] == str(photos)


def test_what_is_kept_is_a_collection_of_trainings_readers(tmp_path: Path, photos: Path) -> None:
    store = store_of(tmp_path, photos)
    store.open()
    store.save({"1.jpg": described("A man", "A \"tall\" man, standing")})
    (store.folder / "1.jpg").touch()
    assert load_captions(store.folder).images[0].captions == ("A man", 'A "tall" man, standing')


def test_a_second_window_is_refused_and_has_it_afterwards(tmp_path: Path, photos: Path) -> None:
    first, second = store_of(tmp_path, photos), store_of(tmp_path, photos)
    first.open()
    with pytest.raises(CaptioningError, match="another window"):
        second.open()
    first.save({"1.jpg": described("A man")})
    first.close()
    assert second.open()[0] == {"1.jpg": described("A man")}
    second.close()


def test_a_file_that_was_edited_meanwhile_is_merged(tmp_path: Path, photos: Path) -> None:
    store = store_of(tmp_path, photos)
    store.open()
    store.save({name: described(f"Photo {name}") for name in ("1.jpg", "2.jpg", "3.jpg")})
    path = store.folder / "captions.txt"
    path.write_text("image,caption\n1.jpg,Photo 1.jpg\n2.jpg,Edited\n4.jpg,New\n", encoding="utf-8")
    saved = store.save({"1.jpg": described("Mine"), "2.jpg": described("Mine too")})
    assert any("captions.txt" in sentence for sentence in saved.told)
    assert dict(saved.changed) == {"2.jpg": described("Mine too", "Edited"), "3.jpg": PhotoRecord(), "4.jpg": described("New")}
    assert reopened(store, tmp_path) == {
        "1.jpg": described("Mine"), "2.jpg": described("Mine too", "Edited"), "4.jpg": described("New"),
    }


def test_a_file_that_can_not_be_read_is_set_aside_and_nothing_is_lost(tmp_path: Path, photos: Path) -> None:
    store = store_of(tmp_path, photos)
    store.open()
    store.save({"2.jpg": FULL})
    for name, content in (("captions.txt", "image,caption\n1.jpg,A dog\nrubbish\n"), ("objects.jsonl", "{{{")):
        (store.folder / name).write_text(content, encoding="utf-8")
        saved = store.save({"b/1.jpg": described(name)})
        assert len(saved.told) == 1
        aside = store.folder / f"{Path(name).stem} (unreadable 1){Path(name).suffix}"
        assert aside.name in saved.told[0]
        assert aside.read_text(encoding="utf-8") == content
    assert reopened(store, tmp_path) == {"2.jpg": FULL, "b/1.jpg": described("objects.jsonl")}


def test_a_file_that_was_deleted_is_written_again(tmp_path: Path, photos: Path) -> None:
    store = store_of(tmp_path, photos)
    store.open()
    store.save({"1.jpg": described("A man")})
    (store.folder / "captions.txt").unlink()
    saved = store.save({"2.jpg": replace(FULL, notes=PhotoNotes(("A dog",)))})
    assert "written again" in saved.told[0]
    assert set(reopened(store, tmp_path)) == {"1.jpg", "2.jpg"}


def test_what_can_not_be_written_can_be_saved_later(tmp_path: Path, photos: Path) -> None:
    store = store_of(tmp_path, photos)
    store.open()
    store.save({"1.jpg": described("A man")})
    kept = store.folder.rename(store.folder.with_name("unplugged"))  # root may write into read-only folders
    with pytest.raises(CaptioningError, match="kept in this window"):
        store.save({"1.jpg": described("A woman"), "2.jpg": FULL})
    kept.rename(store.folder)
    store.save({"1.jpg": described("A woman"), "2.jpg": FULL})
    assert reopened(store, tmp_path) == {"1.jpg": described("A woman"), "2.jpg": FULL}


def test_a_place_that_can_not_be_written_is_one_sentence(tmp_path: Path, photos: Path) -> None:
    (tmp_path / "kept").write_text("a file where the folder should be")
    with pytest.raises(CaptioningError, match="can't be kept"):
        store_of(tmp_path, photos).open()


KEEPER = """
import sys
from pathlib import Path
from spinvlm_desktop.captioning.notes.notes_store import NotesStore
from spinvlm_desktop.captioning.notes.photo_record import PhotoRecord
from training.data.photo_notes.notes import PhotoNotes

store = NotesStore(Path(sys.argv[1]), Path(sys.argv[2]))
store.open()
for number in range(1, 1_000_000):
    store.save({f"{number}.jpg": PhotoRecord(PhotoNotes((f"Photo {number}",)))})
    print(number, flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL")
def test_what_was_saved_is_there_after_a_kill_and_the_lock_is_not(tmp_path: Path, photos: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KEEPER, str(tmp_path / "kept"), str(photos)], stdout=subprocess.PIPE, text=True
    ) as keeper:
        assert keeper.stdout is not None
        reported = 0
        while reported < 12:
            reported = int(keeper.stdout.readline())
        with pytest.raises(CaptioningError, match="another window"):
            store_of(tmp_path, photos).open()
        os.kill(keeper.pid, signal.SIGKILL)
        reported = max([reported, *(int(line) for line in keeper.stdout if line.endswith("\n"))])
    store = store_of(tmp_path, photos)
    records, _ = store.open()
    store.close()
    assert list(records) == [f"{number}.jpg" for number in range(1, len(records) + 1)]
    assert len(records) - reported in (0, 1), "one may be written and not reported"
