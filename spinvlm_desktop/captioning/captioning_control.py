"""Opens the window for captioning a folder, and hands over to training what was said in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, SignalInstance
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from core.errors import SpinVlmError
from spinvlm_desktop.batch.batch_request import BatchSettings
from spinvlm_desktop.system import paths
from spinvlm_desktop.system.background import Background
from spinvlm_desktop.system.start_folder import StartFolder
from spinvlm_desktop.worker.answer_service import AnswerService

if TYPE_CHECKING:
    from spinvlm_desktop.captioning.captioning_window import CaptioningWindow
    from spinvlm_desktop.captioning.desk import Desk
    from spinvlm_desktop.captioning.notes.collection_export import Collection
    from spinvlm_desktop.captioning.notes.notes_store import NotesStore


class CaptioningControl(QObject):
    """One window at a time: another folder takes the place of the one before, of which all is kept."""

    teaching_wanted = Signal(object)
    """Collection that was made of what was said."""
    training_wanted = Signal(object)
    """Folder of one."""
    notice = Signal(str)
    """What the user should know of such a collection."""
    opened = Signal()
    """The window shows its first photo."""
    refused = Signal(str)
    """Why a folder can't be captioned; a message says so too."""

    def __init__(
        self, service: AnswerService, window: QWidget, *, how: Callable[[], BatchSettings], answers: Callable[[], Path | None]
    ) -> None:
        """how: the settings that are in force; answers: the folder in which answers about folders are kept, if anywhere."""
        super().__init__(window)
        self._service, self._window, self._how, self._answers = service, window, how, answers
        self._start = StartFolder("pictures")
        self._background = Background(self)
        self.window: CaptioningWindow | None = None
        self._opening = False

    def choose(self) -> None:
        """Ask for a folder and caption it."""
        name = QFileDialog.getExistingDirectory(self._window, "Folder of photos to caption", self._start.path())
        if name:
            self._start.remember(Path(name))
            self.open(Path(name))

    def open(self, folder: Path) -> None:
        """Caption the photos of a folder, or go on with it."""
        from spinvlm_desktop.captioning.notes.notes_store import NotesStore  # none of this is needed to show the window

        if self._opening:
            return
        if self.window is not None:
            if self.window.store.photos == folder.absolute():
                self.window.raise_()
                self.window.activateWindow()
                return
            self.window.reject()
            if self.window is not None:  # pyright: ignore[reportUnnecessaryComparison]  # it couldn't be closed
                return
        store = NotesStore(paths.captioning_folder(), folder)
        self._opening = True
        self._background.do(
            lambda: _prepared(store), lambda ready: self._show(store, *ready), lambda sentence: self._refuse(sentence, store)
        )

    def may_close(self) -> bool:
        """Before the program ends: what is there is written. False where it can't be; the user is asked then."""
        self._background.forget()
        if self.window is not None:
            self.window.reject()
        return self.window is None

    def _show(self, store: NotesStore, desk: Desk, told: Sequence[str]) -> None:
        from spinvlm_desktop.captioning.captioning_window import CaptioningWindow
        from spinvlm_desktop.captioning.describer import Describer

        self._opening = False
        describer = Describer(self._service, store.photos, desk.names, how=self._how, answers=self._answers)
        self.window = CaptioningWindow(desk, store, describer, self._window)
        self.window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.window.teaching_wanted.connect(lambda made: self._hand_over(made, self.teaching_wanted, made))
        self.window.training_wanted.connect(lambda made: self._hand_over(made, self.training_wanted, made.folder))
        self.window.ended.connect(self._on_ended)
        self.window.tell(told)
        self.window.begin()
        self.window.show()
        self.opened.emit()

    def _hand_over(self, made: Collection, wanted: SignalInstance, what: object) -> None:
        """The window makes room for what was asked for; opened again, it goes on."""
        if self.window is not None:
            self.window.reject()
        if made.missing:
            self.notice.emit(f"{made.missing:,} of your photos are gone or were replaced, and are left out.")
        wanted.emit(what)

    def _refuse(self, sentence: str, store: NotesStore) -> None:
        self._opening = False
        box = QMessageBox(QMessageBox.Icon.Warning, "Not opened", sentence, parent=self._window)
        box.setTextFormat(Qt.TextFormat.PlainText)
        if store.place_is_gone:
            box.setStandardButtons(QMessageBox.StandardButton.Close)
            box.setInformativeText("Or begin without it: what was kept there stays there, and can be imported later.")
            begin = box.addButton("Begin without it", QMessageBox.ButtonRole.ActionRole)
            begin.clicked.connect(lambda: self._begin_without(store))
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()
        self.refused.emit(sentence)

    def _begin_without(self, store: NotesStore) -> None:
        try:
            store.forget_place()
        except SpinVlmError as error:
            self._refuse(str(error), store)
        else:
            self.open(store.photos)

    def _on_ended(self) -> None:
        self.window = None


def _prepared(store: NotesStore) -> tuple[Desk, Sequence[str]]:
    """Everything that is read before the first photo is shown. Raises SpinVlmError."""
    from spinvlm_desktop.captioning.desk import Desk
    from spinvlm_desktop.captioning.notes.folder_photos import find_photos, in_words

    records, told = store.open()
    try:
        found = find_photos(store.photos, records)
    except SpinVlmError:
        store.close()
        raise
    return Desk(found.names, records, replaced=found.replaced), [*told, *in_words(found)]
