"""Turns over the photos like pages: has them read and described ahead, and shows each with what was said of it."""

from __future__ import annotations

from PySide6.QtCore import QObject

from spinvlm_desktop.captioning.captioning_layout import CaptioningLayout
from spinvlm_desktop.captioning.describer import Describer, Description
from spinvlm_desktop.captioning.desk import Desk
from spinvlm_desktop.captioning.look_scan import LookScan
from spinvlm_desktop.captioning.notes.notes_store import Saved
from spinvlm_desktop.captioning.notes.photo_record import SeenFile
from spinvlm_desktop.captioning.order.trail import Trail
from spinvlm_desktop.captioning.photo_loader import LoadedPhoto, PhotoLoader
from spinvlm_desktop.widgets.labels import show_or_hide

ALL_DONE = "That was the last photo. Teach them or train on them, or go back to what you said with Page Up."
READING = "Reading the photo…"
ANOTHER = "This is another photo than the one that you described under this name. Say what is on it now."


class PhotoPages(QObject):
    """Changes nothing that was said."""

    def __init__(self, layout: CaptioningLayout, desk: Desk, loader: PhotoLoader, describer: Describer) -> None:
        super().__init__(layout)
        self._layout, self._desk = layout, desk
        self.loader, self.describer = loader, describer
        self.scan = LookScan(loader.folder, desk.names, self)
        self.trail = Trail(desk.queue, before=desk.done_before())
        self.loader.loaded.connect(self._on_loaded)
        self.scan.found.connect(self._on_look)
        describer.described.connect(self._on_described)
        describer.undescribed.connect(self._on_undescribed)

    def begin(self) -> None:
        """Show the first photo that waits."""
        self.describer.begin()
        self.scan.begin()
        self.go_on()

    def close(self) -> None:
        """End what is under way."""
        self.scan.close()
        self.loader.close()
        self.describer.close()

    @property
    def photo(self) -> str | None:
        """Name of the one on show; None where all are done."""
        return self.trail.current

    def loaded(self) -> LoadedPhoto | None:
        """The one on show, once it is read."""
        return None if self.photo is None else self.loader.get(self.photo)

    def seen(self) -> SeenFile | None:
        """Its file, as the user sees it."""
        loaded = self.loaded()
        return None if loaded is None else loaded.seen

    def go_on(self) -> None:
        """To the next photo."""
        self.trail.go_on()
        self._show()

    def go_back(self) -> None:
        """To the photo before."""
        self.trail.go_back()
        self._show()

    def go_to(self, name: str) -> None:
        """To this photo."""
        self.trail.go_to(name)
        self._show()

    def show_state(self) -> None:
        """How far it is, and what can be done."""
        layout, history = self._layout, self._desk.history
        layout.progress.show_progress()
        layout.undo_button.setEnabled(history.can_undo)
        layout.redo_button.setEnabled(history.can_redo)
        layout.caption.back.setEnabled(self.trail.can_go_back)
        for button in (layout.teach_button, layout.train_button):
            button.setEnabled(self._desk.done > 0)

    def show_notes(self) -> None:
        """What was said of the photo on show."""
        name = self.photo
        if name is None:
            return
        layout, record, description = self._layout, self._desk.record(name), self.describer.get(name)
        text = None if description is None else description.text
        layout.caption.show_text(record.text, text, waiting=self.describer.is_coming(name))
        layout.caption.show_alike(self._desk.waiting_like(name))
        layout.questions.show_questions(name, record.notes.questions)
        layout.objects.show_objects(record.notes.objects)

    def show_saved(self, saved: Saved) -> None:
        """After a writing, which may have brought what another program wrote."""
        if self.photo is not None and self.photo in saved.changed:
            self.show_notes()
        self.show_state()

    def _show(self) -> None:
        layout, name = self._layout, self.photo
        show_or_hide(layout.problem, "")
        ahead = self.trail.ahead()
        layout.objects.forget_name()
        layout.set_has_photo(name is not None)
        self.show_state()
        if name is None:
            self.loader.want(self.trail.before)
            layout.view.show_photo(None, ALL_DONE)
            layout.photo_name.setText("")
            layout.caption.show_text("", None, waiting=False)
            layout.caption.show_alike(())
            layout.questions.show_questions("", ())
            layout.objects.show_objects(())
            layout.teach_button.setFocus()
            return
        layout.photo_name.setText(name)
        self.show_notes()
        self.loader.want([name, *ahead, *self.trail.before])
        self.describer.want([name, *ahead])
        loaded = self.loader.get(name)
        if loaded is None:
            layout.view.show_photo(None, READING)
        else:
            self._show_photo(loaded)
        layout.caption.field.setFocus()

    def _show_photo(self, photo: LoadedPhoto) -> None:
        layout = self._layout
        layout.view.show_photo(photo.opened, photo.wrong)
        layout.objects.show_objects(self._desk.record(photo.name).notes.objects)
        layout.caption.accept.setEnabled(photo.opened is not None)
        show_or_hide(layout.problem, photo.wrong or (ANOTHER if self._desk.is_another(photo.name, photo.seen) else ""))

    def _on_loaded(self, photo: LoadedPhoto) -> None:
        if photo.name == self.photo:
            self._show_photo(photo)

    def _on_described(self, name: str, description: Description) -> None:
        self._desk.queue.describe(name, kind=description.kind, certainty=description.certainty)
        if name == self.photo:
            self._layout.caption.offer_description(description.text)

    def _on_undescribed(self, name: str, _sentence: str) -> None:
        if name == self.photo:
            self._layout.caption.no_description()

    def _on_look(self, name: str, look: int) -> None:
        self._desk.alike.add(name, look)
        if self.photo is not None and name in self._desk.alike.like(self.photo):
            self._layout.caption.show_alike(self._desk.waiting_like(self.photo))
