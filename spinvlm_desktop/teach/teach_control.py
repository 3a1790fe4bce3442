"""Joins what the user says of answers in the chat with the folder where it is kept, the dialog that shows it, and teaching."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from core.answers import Answer
from core.errors import SpinVlmError
from spinvlm_desktop.answers.answer_markup import plain_text
from spinvlm_desktop.chat.conversation import Conversation
from spinvlm_desktop.chat.panel.chat_panel import ChatPanel
from spinvlm_desktop.system import paths
from spinvlm_desktop.teach.collection import lessons
from spinvlm_desktop.teach.corrections import Correction, Corrections, now
from spinvlm_desktop.teach.teach_runner import TeachRunner

if TYPE_CHECKING:
    from spinvlm_desktop.teach.corrections_dialog import CorrectionsDialog
    from spinvlm_desktop.teach.teach_dialog import TeachDialog

KEPT = "Kept on this computer, with the photo; Chat, Corrections shows all."
TAKEN_OVER = "The taught model answers from now on; Chat, Teach shows what changed, and goes back."
ENDED = "The teaching has ended; Chat, Teach shows what came of it."


class TeachControl(QObject):
    """Only single answers that came to their end are judged: of two, the one meant would have to be said."""

    notice = Signal(str)
    """A sentence about what was kept, or why it wasn't."""
    training_wanted = Signal(object)
    """Folder of a collection."""
    model_wanted = Signal(object)
    """Path of the model file that is to answer; None for the starter model."""

    def __init__(self, chat: ChatPanel, conversation: Conversation, window: QWidget) -> None:
        super().__init__(window)
        self._chat, self._conversation, self._window = chat, conversation, window
        self._collecting = True
        self.corrections = Corrections(paths.corrections_folder())
        self.dialog: CorrectionsDialog | None = None
        self.teach_dialog: TeachDialog | None = None
        self._model: tuple[Path | None, bool] = None, True
        """File of the model in use, None for the starter model; and whether it can be taught."""
        self.runner = TeachRunner(paths.taught_folder(), self)
        self.runner.ended.connect(self._on_taught)
        self.runner.model_wanted.connect(self.model_wanted)
        chat.answer_judged.connect(self._on_judged)
        conversation.result_shown.connect(self._offer)

    def set_collecting(self, collecting: bool) -> None:
        """Whether answers can be judged; what was kept before stays."""
        self._collecting = collecting
        self._offer_all()

    def open_dialog(self) -> None:
        """All that is kept."""
        from spinvlm_desktop.teach.corrections_dialog import CorrectionsDialog  # not needed to show the window

        self.dialog = CorrectionsDialog(self.corrections, paths.collections_folder(), self._window)
        self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.dialog.changed.connect(self._offer_all)
        self.dialog.training_wanted.connect(self.training_wanted)
        self.dialog.teaching_wanted.connect(self.open_teaching)
        self.dialog.open()

    def set_model(self, file: Path | None, *, can_be_taught: bool) -> None:
        """The model in use, which a teaching would start from; None is the starter model."""
        self._model = file, can_be_taught
        if self.teach_dialog is not None:
            self.teach_dialog.set_model(can_be_taught=can_be_taught)

    def count(self) -> int:
        """Corrections that a model can be taught; 0 where they can't be read."""
        try:
            return len(lessons(self.corrections))
        except SpinVlmError:
            return 0

    def open_teaching(self, captioned: tuple[Path, int] | None = None) -> None:
        """What is under way, or what can be taught. captioned: a collection that the user has just made, and its photos."""
        from spinvlm_desktop.teach.teach_dialog import TeachDialog  # not needed to show the window

        if self.teach_dialog is not None:
            self.teach_dialog.close()
        try:
            made = lessons(self.corrections)
        except SpinVlmError as error:
            self.notice.emit(str(error))
            made = []
        self.teach_dialog = TeachDialog(
            self.runner, made, paths.collections_folder(), lambda: self._model[0], can_be_taught=self._model[1],
            captioned=captioned, parent=self._window,
        )
        self.teach_dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.teach_dialog.finished.connect(self._on_teach_dialog_closed)
        self.teach_dialog.show()  # beside the chat, which goes on

    def _on_teach_dialog_closed(self) -> None:
        self.teach_dialog = None

    def _on_taught(self) -> None:
        job = self.runner.job
        self.notice.emit(TAKEN_OVER if job is not None and job.kept.is_file() else ENDED)

    def close(self) -> None:
        """Before the window goes; a teaching goes on."""
        self.runner.close()

    def _offer_all(self) -> None:
        for turn_id in self._conversation.turns():
            self._offer(turn_id)

    def _offer(self, turn_id: int) -> None:
        """Show what was said of a turn's answer, where it can be judged."""
        judging, about = self._chat.judging(turn_id), self._about(turn_id)
        if about is None or not self._collecting:
            judging.withdraw()
            return
        try:
            kept = {correction.about: correction for correction in self.corrections.all()}.get(about.about)
        except SpinVlmError:
            kept = None  # judging it says why it can't be kept
        judging.offer(None if kept is None else kept.was_right, "" if kept is None else kept.right_answer)

    def _about(self, turn_id: int) -> Correction | None:
        """What a correction of a turn's answer would be about; None where there is none to be judged."""
        turn, photo = self._conversation.turns()[turn_id], self._conversation.photo
        if photo is None or not isinstance(turn.result, Answer) or turn.result.finish == "stopped":
            return None
        return Correction(
            photo.content_hash, photo.name, turn.question, _said(turn.result), turn.model, was_right=True, right_answer="",
            time=now(),
        )

    def _on_judged(self, turn_id: int, was_right: bool | None, right_answer: str) -> None:
        about, photo = self._about(turn_id), self._conversation.photo
        if about is None or photo is None:
            return
        try:
            if was_right is None:
                self.corrections.delete(about)
            else:
                judged = replace(about, was_right=was_right, right_answer=right_answer)
                self.corrections.keep(judged, photo.source, preview=photo.pixels)
                self.notice.emit(KEPT)
        except SpinVlmError as error:
            self.notice.emit(str(error))
            self._offer(turn_id)


def _said(answer: Answer) -> str:
    """What the model answered, without a pretrained model's styles; nothing where it declined to."""
    if answer.declined is not None:
        return ""
    return (plain_text(answer) if answer.layout is not None else answer.text).strip()
