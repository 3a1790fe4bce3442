"""What comes next, what is undone, what others say meanwhile."""

from __future__ import annotations

from dataclasses import replace

from spinvlm_desktop.captioning.desk import Desk
from spinvlm_desktop.captioning.notes.photo_record import PhotoRecord, SeenFile
from spinvlm_desktop.captioning.order.trail import Trail
from training.data.entities import Box
from training.data.photo_notes.notes import MarkedObject, PhotoNotes
from training.data.qa_pair import QaPair

NAMES = [f"{number}.jpg" for number in range(8)]
SEEN = SeenFile(1, 2, "a")


def described(*captions: str) -> PhotoRecord:
    return PhotoRecord(PhotoNotes(captions))


def order_of(desk: Desk) -> list[str]:
    trail, found = Trail(desk.queue), []
    while (name := trail.go_on()) is not None:
        found.append(name)
        desk.accept(name, "Something", seen=None)
    return found


def test_the_least_certain_come_first_spread_over_kinds() -> None:
    desk = Desk(NAMES, {})
    for name, kind, certainty in (
        ("0.jpg", "dog", -0.1), ("1.jpg", "dog", -0.9), ("2.jpg", "dog", -0.8), ("3.jpg", "dog", -0.7), ("4.jpg", "boat", -0.5),
        ("5.jpg", "boat", -0.2),
    ):
        desk.queue.describe(name, kind=kind, certainty=certainty)
    order = order_of(desk)
    assert order[:2] == ["1.jpg", "4.jpg"], "of each kind the least certain"
    assert [name for name in order if name in ("0.jpg", "1.jpg", "2.jpg", "3.jpg")] == ["1.jpg", "2.jpg", "3.jpg", "0.jpg"]
    assert order[-2:] == ["6.jpg", "7.jpg"], "nothing is known of them"
    assert sorted(order) == NAMES


def test_the_next_photos_are_known_before_they_are_asked_for() -> None:
    desk = Desk(NAMES, {"0.jpg": described("Done"), "1.jpg": PhotoRecord(skipped=True), "5.jpg": PhotoRecord(draft="A man w")})
    trail = Trail(desk.queue)
    assert trail.go_on() == "5.jpg", "what was being typed comes first"
    ahead = trail.ahead()
    assert ahead == ["2.jpg", "3.jpg", "4.jpg"]
    desk.queue.describe("7.jpg", kind="dog", certainty=-5)
    assert trail.ahead() == ahead, "what is read already isn't thrown away"
    desk.accept("5.jpg", "A man", seen=SEEN, also=["2.jpg"])
    assert trail.go_on() == "3.jpg", "one that was described along doesn't come"
    assert trail.go_back() == "5.jpg"
    assert [trail.go_on(), trail.go_on()] == ["3.jpg", "4.jpg"]


def test_accepting_skipping_and_marking_are_undone_and_done_again() -> None:
    desk = Desk(NAMES, {})
    pair, box = QaPair("0.jpg", "Is it?", "yes", "presence"), MarkedObject("dog", Box(0, 0, 1, 1))
    desk.accept("0.jpg", "A dog\n\n  Two  dogs ", seen=SEEN, also=["3.jpg"])
    desk.set_questions("0.jpg", [pair], seen=SEEN)
    desk.set_objects("0.jpg", [box], seen=SEEN)
    desk.skip("1.jpg")
    after = dict(desk.records)
    assert after["0.jpg"] == PhotoRecord(PhotoNotes(("A dog", "Two dogs"), (pair,), (box,)), seen=SEEN)
    assert after["3.jpg"] == described("A dog", "Two dogs")
    assert (desk.done, desk.skipped, len(desk.queue)) == (2, 1, 5)
    assert [desk.undo() for _ in range(5)] == ["1.jpg", "0.jpg", "0.jpg", "0.jpg", None]
    assert all(desk.record(name) == PhotoRecord() for name in NAMES)
    assert (desk.done, desk.skipped, len(desk.queue)) == (0, 0, 8)
    assert [desk.redo() for _ in range(5)] == ["0.jpg", "0.jpg", "0.jpg", "1.jpg", None]
    assert (dict(desk.records), desk.done, desk.skipped, len(desk.queue)) == (after, 2, 1, 5)
    desk.undo()
    desk.skip("2.jpg")
    assert desk.redo() is None, "another step was taken since"


def test_a_draft_is_kept_but_is_no_description() -> None:
    desk = Desk(NAMES, {"0.jpg": described("A dog")})
    for text in ("A", "A m", "A man"):
        desk.type("1.jpg", text)
    desk.type("0.jpg", "A dog")
    assert desk.take_changes() == {"1.jpg": PhotoRecord(draft="A man")}
    assert desk.take_changes() == {}
    assert desk.done == 1
    desk.accept("1.jpg", "A man", seen=None)
    assert desk.record("1.jpg") == described("A man")


def test_what_others_say_is_heard_beside_what_was_changed_here() -> None:
    desk = Desk(NAMES, {"0.jpg": described("Old")})
    desk.accept("1.jpg", "Mine", seen=None)
    desk.hear({"0.jpg": described("Edited"), "1.jpg": described("Theirs"), "elsewhere.jpg": described("No photo")})
    assert desk.record("0.jpg") == described("Edited")
    assert desk.record("1.jpg") == described("Mine", "Theirs")
    assert desk.done == 2
    assert set(desk.take_changes()) == {"1.jpg"}


def test_photos_that_look_alike_wait_together() -> None:
    desk = Desk(NAMES, {"3.jpg": described("Done")})
    for name, look in (("0.jpg", 0b1111), ("2.jpg", 0b0111), ("3.jpg", 0b1110), ("4.jpg", (1 << 64) - 1), ("6.jpg", 0)):
        desk.alike.add(name, look)
    assert desk.waiting_like("0.jpg") == ["2.jpg", "6.jpg"]
    assert desk.waiting_like("4.jpg") == desk.waiting_like("5.jpg") == []
    trail = Trail(desk.queue)
    trail.go_on()
    trail.put_next(desk.waiting_like("0.jpg"))
    assert trail.ahead()[:2] == ["2.jpg", "6.jpg"]


def test_search_finds_names_descriptions_questions_and_marks() -> None:
    said = PhotoNotes(("A Red boat",), (QaPair("1.jpg", "Which flag?", "green", "other"),), (MarkedObject("buoy"),))
    desk = Desk(NAMES, {"1.jpg": PhotoRecord(said), "2.jpg": PhotoRecord(draft="a red dog")})
    for words, found in (
        ("red", ["1.jpg", "2.jpg"]), ("boat RED", ["1.jpg"]), ("green", ["1.jpg"]), ("buoy", ["1.jpg"]), ("7.j", ["7.jpg"]),
        ("", []), ("red horse", []),
    ):
        assert desk.find(words) == found


def test_a_replaced_photo_comes_first_and_is_known_as_another() -> None:
    desk = Desk(NAMES, {"4.jpg": replace(described("A dog"), seen=SEEN)}, replaced=["4.jpg"])
    assert Trail(desk.queue).go_on() == "4.jpg"
    assert desk.is_another("4.jpg", SeenFile(1, 3, "b"))
    assert not desk.is_another("4.jpg", SeenFile(9, 9, "a")), "only touched"
    desk.accept("4.jpg", "A cat", seen=SeenFile(1, 3, "b"))
    assert not desk.is_another("4.jpg", SeenFile(1, 3, "b"))


def test_skipped_ones_come_again_when_they_are_wanted() -> None:
    desk = Desk(NAMES[:2], {})
    desk.skip("0.jpg")
    desk.skip("1.jpg")
    assert desk.queue.next() is None
    desk.take_skipped_up()
    assert (desk.queue.next(), desk.skipped) == ("0.jpg", 0)
    assert desk.undo() is not None
    assert desk.skipped == 2
