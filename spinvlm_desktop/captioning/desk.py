"""The photos of a folder while they are captioned: what was said, what comes next, what can be undone. No step looks at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from spinvlm_desktop.captioning.notes.change_history import Change, ChangeHistory
from spinvlm_desktop.captioning.notes.photo_record import PhotoRecord, SeenFile
from spinvlm_desktop.captioning.order.likeness import LookAlikes
from spinvlm_desktop.captioning.order.photo_queue import PhotoQueue
from training.data.photo_notes.notes import MarkedObject, PhotoNotes
from training.data.qa_pair import QaPair

NOTHING = PhotoRecord()


class Desk:
    """Changes are collected until `take_changes`, so that whoever writes them takes only what is new."""

    def __init__(self, names: Sequence[str], records: Mapping[str, PhotoRecord], *, replaced: Iterable[str] = ()) -> None:
        """names: of the photos that are there; records: what was said of them before; replaced: of which the file is another
        one now."""
        self.names = tuple(names)
        self.records = dict(records)
        self.replaced = set(replaced)
        self.queue = PhotoQueue(self.names)
        self.alike = LookAlikes()
        self.history = ChangeHistory()
        self._there = frozenset(self.names)
        self._changed: dict[str, None] = {}
        """In the order in which it was said."""
        self._done = self._skipped = 0
        for name in self.names:
            record = self.record(name)
            self._count(record, 1)
            if record.is_done or record.skipped:
                self.queue.leave(name)
            if record.draft or name in self.replaced:
                self.queue.put_first(name)

    def done_before(self) -> list[str]:
        """Photos that something was said of and that needn't come again, in the order in which it was said."""
        done = (name for name, record in self.records.items() if record.is_done)
        return [name for name in done if name in self._there and name not in self.queue]

    def record(self, name: str) -> PhotoRecord:
        return self.records.get(name, NOTHING)

    @property
    def done(self) -> int:
        """Photos that something was said of."""
        return self._done

    @property
    def skipped(self) -> int:
        return self._skipped

    def is_another(self, name: str, now: SeenFile | None) -> bool:
        """Whether the photo that is there now isn't the one that something was said of."""
        seen, notes = self.record(name).seen, self.record(name).notes
        return now is not None and seen is not None and not notes.is_empty and now.content_hash != seen.content_hash

    def waiting_like(self, name: str) -> list[str]:
        """Photos that look like this one and have no description yet."""
        return [other for other in self.alike.like(name) if other in self.queue and not self.record(other).is_done]

    # -- what the user does

    def accept(self, name: str, text: str, *, seen: SeenFile | None, also: Sequence[str] = ()) -> None:
        """Take the descriptions of a text, one a line, for a photo and for others that look like it."""
        changes = {name: self.record(name).described(text, seen)}
        changes.update({other: self.record(other).described(text, None) for other in also})
        self._step(name, changes)
        self.replaced.discard(name)
        for photo in changes:
            self.queue.leave(photo)

    def skip(self, name: str) -> None:
        """Leave it without a description."""
        self._step(name, {name: replace(self.record(name), skipped=True, draft="")})
        self.queue.leave(name)

    def take_skipped_up(self) -> None:
        """The photos that were skipped wait again. One step to be undone."""
        skipped = {name: replace(self.record(name), skipped=False) for name in self.names if self.record(name).skipped}
        if skipped:
            self._step(next(iter(skipped)), skipped)
        for name in skipped:
            self.queue.put_back(name)

    def type(self, name: str, text: str) -> None:
        """A description is being typed; it is kept, but isn't one yet. Not a step to be undone: the field does that itself."""
        record = self.record(name)
        draft = "" if text == "\n".join(record.notes.captions) else text
        if draft != record.draft:
            self._set(name, replace(record, draft=draft))

    def set_questions(self, name: str, questions: Sequence[QaPair], *, seen: SeenFile | None) -> None:
        self._change_notes(name, seen, questions=tuple(questions))

    def set_objects(self, name: str, objects: Sequence[MarkedObject], *, seen: SeenFile | None) -> None:
        self._change_notes(name, seen, objects=tuple(objects))

    def take_over(self, notes: Mapping[str, PhotoNotes], *, shown: str) -> int:
        """Notes from another program's files, beside what was said here. One step to be undone. Returns how many photos."""
        changes: dict[str, PhotoRecord] = {}
        for name in notes.keys() & self._there:
            record = self.record(name)
            if (merged := _joined(record.notes, notes[name])) != record.notes:
                changes[name] = replace(record, notes=merged, skipped=False)
        if changes:
            self._step(shown, changes)
        for name, record in changes.items():
            if record.is_done:
                self.queue.leave(name)
        return len(changes)

    def undo(self) -> str | None:
        """Take the last step back; returns the photo that it was about."""
        change = self.history.undo()
        return None if change is None else self._go_to(change, change.before)

    def redo(self) -> str | None:
        """Take it again; returns the photo."""
        change = self.history.redo()
        return None if change is None else self._go_to(change, change.after)

    # -- what others did

    def take_changes(self) -> dict[str, PhotoRecord]:
        """What has changed since the last time."""
        changes = {name: self.record(name) for name in self._changed}
        self._changed.clear()
        return changes

    def give_back(self, changes: Iterable[str]) -> None:
        """They weren't written, and are to be taken again."""
        self._changed = {**dict.fromkeys(changes), **self._changed}

    def hear(self, records: Mapping[str, PhotoRecord]) -> None:
        """Another program has said something of these photos. What was changed here meanwhile holds too."""
        for name, theirs in records.items():
            ours = self.record(name)
            if name in self._changed:
                self._set(name, replace(ours, notes=_joined(ours.notes, theirs.notes)))
            else:
                self._put(name, theirs)
            if name in self._there and self.record(name).is_done:
                self.queue.leave(name)

    def find(self, words: str) -> list[str]:
        """Photos whose name or descriptions hold these words, or that were asked about or marked with them."""
        wanted = words.casefold().split()
        return [name for name in self.names if all(word in self._all_of(name) for word in wanted)] if wanted else []

    def _all_of(self, name: str) -> str:
        record = self.record(name)
        questions = [f"{pair.question} {pair.answer}" for pair in record.notes.questions]
        return "\n".join([name, record.text, *questions, *(thing.name for thing in record.notes.objects)]).casefold()

    # -- inside

    def _change_notes(
        self, name: str, seen: SeenFile | None, *, questions: tuple[QaPair, ...] | None = None,
        objects: tuple[MarkedObject, ...] | None = None,
    ) -> None:
        record = self.record(name)
        notes = record.notes if questions is None else replace(record.notes, questions=questions)
        notes = notes if objects is None else replace(notes, objects=objects)
        if notes != record.notes:
            self._step(name, {name: replace(record, notes=notes, seen=seen or record.seen)})

    def _step(self, photo: str, changes: Mapping[str, PhotoRecord]) -> None:
        self.history.add(Change(photo, {name: self.record(name) for name in changes}, changes))
        for name, record in changes.items():
            self._set(name, record)

    def _go_to(self, change: Change, records: Mapping[str, PhotoRecord]) -> str:
        for name, record in records.items():
            self._set(name, record)
            if record.is_done or record.skipped:
                self.queue.leave(name)
            else:
                self.queue.put_back(name)
        return change.photo

    def _set(self, name: str, record: PhotoRecord) -> None:
        self._put(name, record)
        self._changed[name] = None

    def _put(self, name: str, record: PhotoRecord) -> None:
        if name in self._there:
            self._count(self.record(name), -1)
            self._count(record, 1)
        self.records[name] = record

    def _count(self, record: PhotoRecord, by: int) -> None:
        self._done += by * record.is_done
        self._skipped += by * record.skipped


def _joined(ours: PhotoNotes, theirs: PhotoNotes) -> PhotoNotes:
    return PhotoNotes(
        tuple(dict.fromkeys((*ours.captions, *theirs.captions))), tuple(dict.fromkeys((*ours.questions, *theirs.questions))),
        tuple(dict.fromkeys((*ours.objects, *theirs.objects))),
    )
