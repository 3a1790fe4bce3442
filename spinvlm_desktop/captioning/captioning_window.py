"""One photo after the other, to be described, asked about and marked; all by keyboard."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from core.errors import SpinVlmError
from spinvlm_desktop.captioning.captioning_layout import CaptioningLayout
from spinvlm_desktop.captioning.collection_job import CollectionJob
from spinvlm_desktop.captioning.describer import Describer
from spinvlm_desktop.captioning.desk import Desk
from spinvlm_desktop.captioning.files_button import FilesButton, in_words
from spinvlm_desktop.captioning.notes.notes_store import NotesStore, Saved
from spinvlm_desktop.captioning.photo_loader import PhotoLoader
from spinvlm_desktop.captioning.photo_pages import PhotoPages
from spinvlm_desktop.captioning.saver import Saver
from spinvlm_desktop.system import paths
from spinvlm_desktop.widgets.controls import question_box
from spinvlm_desktop.widgets.labels import show_or_hide
from training.data.photo_notes.foreign_files import Foreign
from training.data.photo_notes.notes import MarkedObject
from training.data.qa_pair import QaPair

SAY_SOMETHING = "Say what is on the photo first, or skip it."


class CaptioningWindow(CaptioningLayout):
    """Belongs to one folder of photos."""

    teaching_wanted = Signal(object)
    """Collection that was made of what was said; the window is about to close."""
    training_wanted = Signal(object)
    """The same."""
    ended = Signal()
    """The window is closed, and all is written."""

    def __init__(self, desk: Desk, store: NotesStore, describer: Describer, parent: QWidget | None = None) -> None:
        super().__init__(desk, store.photos.name, parent)
        self.desk, self.store = desk, store
        describer.setParent(self)
        self.pages = PhotoPages(self, desk, PhotoLoader(store.photos, self), describer)
        self.saver = Saver(store, desk, self)
        self.collection = CollectionJob(desk, store.photos, self)
        self.files = FilesButton(desk, store)
        self.buttons.insertWidget(2, self.files)
        self._is_open = True
        self._connect()

    def _connect(self) -> None:
        caption = self.caption
        caption.accept_wanted.connect(self.accept_description)
        caption.skip_wanted.connect(self.skip)
        caption.turn_wanted.connect(lambda pages: self.skip() if pages > 0 else self.pages.go_back())
        caption.undo_wanted.connect(self.undo)
        caption.redo_wanted.connect(self.redo)
        caption.typed.connect(self._on_typed)
        self.questions.changed.connect(self._on_questions)
        self.objects.changed.connect(self._on_objects)
        self.objects.left.connect(caption.field.setFocus)
        self.progress.photo_wanted.connect(self.pages.go_to)
        self.progress.skipped_wanted.connect(self._on_skipped_wanted)
        self.saver.saved.connect(self._on_saved)
        self.saver.failed.connect(lambda sentence: show_or_hide(self.unsaved, sentence))
        self.files.read.connect(self._on_imported)
        for part in (self.files, self.collection):
            part.told.connect(lambda sentence: self.tell([sentence]))
            part.failed.connect(self.complain)

    def begin(self) -> None:
        """Show the first photo."""
        self.pages.begin()

    @property
    def photo(self) -> str | None:
        """Name of the one on show."""
        return self.pages.photo

    # -- what the user does

    def accept_description(self) -> None:
        """Take what stands in the field, and go on."""
        name, loaded = self.photo, self.pages.loaded()
        if name is None or loaded is None or loaded.opened is None:
            return
        text = self.caption.text()
        if not text.strip() and not self.desk.record(name).notes.questions:
            self.complain(SAY_SOMETHING)
            return
        alike = self.desk.waiting_like(name)
        together = self.caption.together.isChecked()
        self.desk.accept(name, text, seen=loaded.seen, also=alike if together else ())
        if not together:
            self.pages.trail.put_next(alike)
        self._on_changed()
        self.pages.go_on()

    def skip(self) -> None:
        """Go on without a description."""
        name = self.photo
        if name is not None:
            if not self.desk.record(name).is_done:
                self.desk.skip(name)
                self._on_changed()
            self.pages.go_on()

    def undo(self) -> None:
        """Take the last step back, on the photo that it was about."""
        self._show_changed(self.desk.undo())

    def redo(self) -> None:
        """Take it again."""
        self._show_changed(self.desk.redo())

    def teach(self) -> None:
        """Have the model learn all that was said."""
        self.collection.start(self.teach_button, self.teaching_wanted.emit, paths.collections_folder())

    def train(self) -> None:
        """Hand all that was said over to the Train tab."""
        self.collection.start(self.train_button, self.training_wanted.emit, paths.collections_folder())

    def _show_changed(self, name: str | None) -> None:
        if name is not None:
            self._on_changed()
            self.pages.go_to(name)

    def _on_skipped_wanted(self) -> None:
        self.desk.take_skipped_up()
        self._on_changed()
        if self.photo is None:
            self.pages.go_on()

    def _on_typed(self, text: str) -> None:
        if self.photo is not None:
            self.complain("")
            self.desk.type(self.photo, text)
            self.saver.note_change()

    def _on_questions(self, pairs: tuple[QaPair, ...]) -> None:
        if self.photo is not None:
            self.desk.set_questions(self.photo, pairs, seen=self.pages.seen())
            self._on_changed()
            self.questions.show_questions(self.photo, self.desk.record(self.photo).notes.questions)

    def _on_objects(self, objects: tuple[MarkedObject, ...]) -> None:
        if self.photo is not None:
            self.desk.set_objects(self.photo, objects, seen=self.pages.seen())
            self._on_changed()
            self.objects.show_objects(self.desk.record(self.photo).notes.objects)

    def _on_imported(self, found: Foreign) -> None:
        taken = self.desk.take_over(found.notes, shown=self.photo or self.desk.names[0])
        self.tell([in_words(found, taken)])
        self._on_changed()
        self.pages.show_notes()

    def _on_changed(self) -> None:
        self.saver.note_change()
        self.pages.show_state()

    def _on_saved(self, saved: Saved) -> None:
        show_or_hide(self.unsaved, "")
        if saved.told:
            self.tell(saved.told)
        self.pages.show_saved(saved)

    # -- the end

    def finish(self) -> None:
        """Write what is left and give the collection back. Raises CaptioningError."""
        if self._is_open:
            self.saver.finish()
            self._is_open = False
            self.collection.stop()
            self.files.close_files()
            self.pages.close()
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
