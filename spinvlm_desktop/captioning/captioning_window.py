"""One photo after the other, to be described, asked about and marked; all by keyboard."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from core.errors import SpinVlmError
from spinvlm_desktop.captioning.captioning_layout import TRAIN, CaptioningLayout
from spinvlm_desktop.captioning.collection_job import CollectionJob
from spinvlm_desktop.captioning.describer import Describer, Description
from spinvlm_desktop.captioning.desk import Desk
from spinvlm_desktop.captioning.exchange_button import ExchangeButton, in_words
from spinvlm_desktop.captioning.look_scan import LookScan
from spinvlm_desktop.captioning.notes.collection_export import Collection
from spinvlm_desktop.captioning.notes.notes_store import NotesStore, Saved
from spinvlm_desktop.captioning.notes.photo_record import SeenFile
from spinvlm_desktop.captioning.order.trail import Trail
from spinvlm_desktop.captioning.photo_loader import LoadedPhoto, PhotoLoader
from spinvlm_desktop.captioning.saver import Saver
from spinvlm_desktop.system import paths
from spinvlm_desktop.widgets.controls import question_box
from spinvlm_desktop.widgets.labels import show_or_hide
from training.data.photo_notes.foreign_files import Foreign
from training.data.photo_notes.notes import MarkedObject
from training.data.qa_pair import QaPair

ALL_DONE = "That was the last photo. Train on them, or go back to what you said with Page Up."
READING = "Reading the photo…"
ANOTHER = "This is another photo than the one that you described under this name. Say what is on it now."
SAY_SOMETHING = "Say what is on the photo first, or skip it."


class CaptioningWindow(CaptioningLayout):
    """Belongs to one folder of photos."""

    training_wanted = Signal(object)
    """Folder of a collection that was made of what was said"""
    ended = Signal()
    """The window is closed, and all is written."""

    def __init__(self, desk: Desk, store: NotesStore, describer: Describer, parent: QWidget | None = None) -> None:
        super().__init__(desk, store.photos.name, parent)
        self.desk, self.store, self._describer = desk, store, describer
        describer.setParent(self)
        self.trail = Trail(desk.queue)
        self.loader = PhotoLoader(store.photos, self)
        self.scan = LookScan(store.photos, desk.names, self)
        self.saver = Saver(store, desk, self)
        self.collection = CollectionJob(self)
        self.exchange = ExchangeButton(desk, store.photos)
        self.buttons.insertWidget(2, self.exchange)
        self._is_open = True
        self._connect()

    def _connect(self) -> None:
        caption = self.caption
        caption.accept_wanted.connect(self.accept_description)
        caption.skip_wanted.connect(self.skip)
        caption.turn_wanted.connect(lambda pages: self.skip() if pages > 0 else self._show(self.trail.go_back()))
        caption.undo_wanted.connect(self.undo)
        caption.redo_wanted.connect(self.redo)
        caption.typed.connect(self._on_typed)
        self.questions.changed.connect(self._on_questions)
        self.objects.changed.connect(self._on_objects)
        self.objects.left.connect(caption.field.setFocus)
        self.progress.photo_wanted.connect(self.go_to)
        self.progress.skipped_wanted.connect(self._on_skipped_wanted)
        self.loader.loaded.connect(self._on_loaded)
        self.scan.found.connect(self._on_look)
        self.saver.saved.connect(self._on_saved)
        self.saver.failed.connect(lambda sentence: show_or_hide(self.unsaved, sentence))
        self.exchange.read.connect(self._on_imported)
        self.exchange.told.connect(lambda sentence: self.tell([sentence]))
        self.exchange.failed.connect(lambda sentence: show_or_hide(self.problem, sentence))
        self.collection.progressed.connect(lambda done, total: self.tell([f"Collecting the photos: {done:,} of {total:,}"]))
        self.collection.made.connect(self._on_collection)
        self.collection.failed.connect(lambda sentence: self._on_collection(None, sentence))
        self._describer.described.connect(self._on_described)
        self._describer.undescribed.connect(self._on_undescribed)

    def begin(self) -> None:
        """Show the first photo."""
        self._describer.begin()
        self.scan.begin()
        self._show(self.trail.go_on())
        self.caption.field.setFocus()

    @property
    def photo(self) -> str | None:
        """Name of the one on show."""
        return self.trail.current

    def tell(self, sentences: Sequence[str]) -> None:
        """What the user should know."""
        show_or_hide(self.notice, " ".join(sentences))

    # -- what the user does

    def accept_description(self) -> None:
        """Take what stands in the field, and go on."""
        name = self.photo
        loaded = None if name is None else self.loader.get(name)
        if name is None or loaded is None or loaded.opened is None:
            return
        text = self.caption.text()
        if not text.strip() and not self.desk.record(name).notes.questions:
            show_or_hide(self.problem, SAY_SOMETHING)
            return
        alike = self.desk.waiting_like(name)
        together = self.caption.together.isChecked()
        self.desk.accept(name, text, seen=loaded.seen, also=alike if together else ())
        if not together:
            self.trail.put_next(alike)
        self._on_changed()
        self._show(self.trail.go_on())

    def skip(self) -> None:
        """Go on without a description."""
        name = self.photo
        if name is not None:
            if not self.desk.record(name).is_done:
                self.desk.skip(name)
                self._on_changed()
            self._show(self.trail.go_on())

    def undo(self) -> None:
        """Take the last step back, on the photo that it was about."""
        self._show_changed(self.desk.undo())

    def redo(self) -> None:
        """Take it again."""
        self._show_changed(self.desk.redo())

    def go_to(self, name: str) -> None:
        """Show this photo."""
        self._show(self.trail.go_to(name))

    def train(self) -> None:
        """Make a collection of all that was said; pressed again meanwhile, it is stopped."""
        if self.collection.running:
            self.collection.stop()
        else:
            self.train_button.setText("&Stop")
            self.collection.start(self.store.photos, dict(self.desk.records), paths.collections_folder())

    def _on_collection(self, made: Collection | None, sentence: str = "") -> None:
        self.train_button.setText(TRAIN)
        show_or_hide(self.problem, sentence)
        self.tell(())
        if made is not None:
            if made.missing:
                self.tell([f"{made.missing:,} of your photos are gone or were replaced, and are left out."])
            self.training_wanted.emit(made.folder)

    def _show_changed(self, name: str | None) -> None:
        if name is not None:
            self._on_changed()
            self.go_to(name)

    def _on_skipped_wanted(self) -> None:
        self.desk.take_skipped_up()
        self._on_changed()
        if self.photo is None:
            self._show(self.trail.go_on())

    def _on_typed(self, text: str) -> None:
        if self.photo is not None:
            show_or_hide(self.problem, "")
            self.desk.type(self.photo, text)
            self.saver.note_change()

    def _on_questions(self, pairs: tuple[QaPair, ...]) -> None:
        if self.photo is not None:
            self.desk.set_questions(self.photo, pairs, seen=self._seen())
            self._on_changed()
            self.questions.show_questions(self.photo, self.desk.record(self.photo).notes.questions)

    def _on_objects(self, objects: tuple[MarkedObject, ...]) -> None:
        if self.photo is not None:
            self.desk.set_objects(self.photo, objects, seen=self._seen())
            self._on_changed()
            self.objects.show_objects(self.desk.record(self.photo).notes.objects)

    def _seen(self) -> SeenFile | None:
        loaded = None if self.photo is None else self.loader.get(self.photo)
        return None if loaded is None else loaded.seen

    def _on_changed(self) -> None:
        self.saver.note_change()
        self._show_state()

    # -- what comes from beside the window

    def _on_loaded(self, photo: LoadedPhoto) -> None:
        if photo.name == self.photo:
            self._show_photo(photo)

    def _on_described(self, name: str, description: Description) -> None:
        self.desk.queue.describe(name, kind=description.kind, certainty=description.certainty)
        if name == self.photo:
            self.caption.offer_description(description.text)

    def _on_imported(self, found: Foreign) -> None:
        taken = self.desk.take_over(found.notes, shown=self.photo or self.desk.names[0])
        self.tell([in_words(found, taken)])
        self._on_changed()
        if self.photo is not None:
            self._show_notes(self.photo)

    def _on_undescribed(self, name: str, _sentence: str) -> None:
        if name == self.photo:
            self.caption.no_description()

    def _on_look(self, name: str, look: int) -> None:
        self.desk.alike.add(name, look)
        if self.photo is not None and name in self.desk.alike.like(self.photo):
            self.caption.show_alike(self.desk.waiting_like(self.photo))

    def _on_saved(self, saved: Saved) -> None:
        show_or_hide(self.unsaved, "")
        if saved.told:
            self.tell(saved.told)
        if self.photo is not None and self.photo in saved.changed:
            self._show_notes(self.photo)
        self._show_state()

    # -- what is shown

    def _show(self, name: str | None) -> None:
        """A photo with what was said of it; None where all are done."""
        show_or_hide(self.problem, "")
        ahead = self.trail.ahead()
        self.objects.forget_name()
        for panel in (self.caption, self.questions, self.objects):
            panel.setEnabled(name is not None)
        self._show_state()
        if name is None:
            self.loader.want(())
            self.view.show_photo(None, ALL_DONE)
            self.photo_name.setText("")
            self.caption.show_text("", None, waiting=False)
            return
        self.photo_name.setText(name)
        self._show_notes(name)
        self.loader.want([name, *ahead, *self.trail.before])
        self._describer.want([name, *ahead])
        loaded = self.loader.get(name)
        if loaded is None:
            self.view.show_photo(None, READING)
        else:
            self._show_photo(loaded)
        self.caption.field.setFocus()

    def _show_notes(self, name: str) -> None:
        record, description = self.desk.record(name), self._describer.get(name)
        text = None if description is None else description.text
        self.caption.show_text(record.text, text, waiting=self._describer.is_coming(name))
        self.caption.show_alike(self.desk.waiting_like(name))
        self.questions.show_questions(name, record.notes.questions)
        self.objects.show_objects(record.notes.objects)

    def _show_photo(self, photo: LoadedPhoto) -> None:
        self.view.show_photo(photo.opened, photo.wrong)
        self.objects.show_objects(self.desk.record(photo.name).notes.objects)
        self.caption.accept.setEnabled(photo.opened is not None)
        show_or_hide(self.problem, photo.wrong or (ANOTHER if self.desk.is_another(photo.name, photo.seen) else ""))

    def _show_state(self) -> None:
        self.progress.show_progress()
        self.undo_button.setEnabled(self.desk.history.can_undo)
        self.redo_button.setEnabled(self.desk.history.can_redo)
        self.caption.back.setEnabled(self.trail.can_go_back)
        self.train_button.setEnabled(self.desk.done > 0)

    # -- the end

    def finish(self) -> None:
        """Write what is left and give the collection back. Raises CaptioningError."""
        if self._is_open:
            self.saver.finish()
            self._is_open = False
            self.collection.stop()
            self.exchange.close_exchange()
            self.scan.close()
            self.loader.close()
            self._describer.close()
            self.ended.emit()

    def reject(self) -> None:
        """Esc, *Close* and the window's own button."""
        try:
            self.finish()
        except SpinVlmError as error:
            self._ask_to_lose(str(error))
        else:
            super().reject()

    def _ask_to_lose(self, sentence: str) -> None:
        """What can't be written is lost with the window only where the user says so."""
        box = question_box(self, "Not everything is kept", sentence, "Close anyway, and lose what wasn't written?")
        lose = box.addButton("Close and lose it", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton("Stay", QMessageBox.ButtonRole.RejectRole))
        lose.clicked.connect(self._lose)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    def _lose(self) -> None:
        self.desk.take_changes()
        self.finish()
        super().reject()
