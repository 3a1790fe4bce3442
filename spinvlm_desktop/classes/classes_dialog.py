"""The page on which photos become classes, and classes a question."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QFileDialog, QLabel, QLineEdit, QWidget

from core.classes.class_question import LONGEST_QUESTION, check_names
from core.errors import SpinVlmError
from spinvlm_desktop.batch.photo_thumbnails import PhotoThumbnails
from spinvlm_desktop.classes.class_bin import PHOTOS
from spinvlm_desktop.classes.class_bins import ClassBins
from spinvlm_desktop.classes.class_editor import ClassEditor
from spinvlm_desktop.classes.class_files import ClassFiles
from spinvlm_desktop.classes.class_learning import ClassLearning
from spinvlm_desktop.classes.class_results_view import ClassResultsView
from spinvlm_desktop.classes.photo_list import SIDE
from spinvlm_desktop.system.start_folder import StartFolder
from spinvlm_desktop.widgets.controls import choice_list, hand_over_focus, progress_bar, push_button, question_box
from spinvlm_desktop.widgets.labels import error_label, sentence_label, show_or_hide
from spinvlm_desktop.widgets.layouts import column_of, divided, row_of, scrolled
from training.classes.class_folder import check_counts
from training.classes.class_project import find_projects

EXAMPLE = "Which of my mushrooms is it?"
NEW = "New class question"
HOW = "Name the classes, drop photos of each into its bin, and press Learn. The question is then answered in the chat."
USUAL_SIZE = QSize(1200, 720)


class ClassesDialog(QDialog):
    """Bins at the left, what was learnt at the right. Every change is kept at once; no photo is ever changed or moved."""

    photo_wanted = Signal(object)
    """Path of a photo to be opened in the chat"""
    try_wanted = Signal(object, str)
    """Path of a photo, and the question about it"""
    learnt = Signal(str)
    """The question that can be asked from now on"""

    def __init__(self, folder: Path, *, model: Callable[[], Path | None], parent: QWidget | None = None) -> None:
        """folder: of all class questions; model: the file of the one to learn with, None is the starter model."""
        super().__init__(parent)
        self._folder, self._model = folder, model
        self.setWindowTitle("Classes as a question")
        self.resize(USUAL_SIZE.boundedTo(self.screen().availableSize()))
        self.editor = ClassEditor(folder, self)
        self.learning = ClassLearning(self)
        self.files = ClassFiles(self.editor, self, tell=self._tell)
        self._start = StartFolder("pictures")
        thumbnails = PhotoThumbnails(SIDE, self)
        self.bins = ClassBins(self.editor, thumbnails)
        self.results = ClassResultsView(thumbnails)
        self.problem = error_label("What went wrong")
        self.state = sentence_label("What is missing, or how far it is", HOW, muted=True)
        self._make_controls()
        self._lay_out()
        self._connect()
        self.open_first()

    def _make_controls(self) -> None:
        self.choice = choice_list("Class questions", tip="The class questions that are kept")
        self.question = QLineEdit(maxLength=LONGEST_QUESTION, placeholderText=EXAMPLE)
        self.question.setAccessibleName("The question whose answers the classes are")
        self.question.setToolTip("Asked in other words, such as “What mushroom is this?”, it is the same question")
        self.new = push_button("&New", "Begin another class question", self.editor.begin)
        self.forget = push_button(
            "&Forget…", "Forget this question and what was learnt; no photo is touched", self._on_forget
        )
        self.take = push_button("&Import…", "Take over a folder that holds a folder for each class", self.files.choose_import)
        self.give = push_button("&Export…", "Copy the photos into a folder for each class", self.files.choose_export)
        self.add = push_button("Add &class", "Another class", self._on_add)
        self.none = push_button(
            "Add “N&one of them”", "A class of other things: photos like them are declined", self.editor.add_none
        )
        self.undo = push_button("&Undo", "Take the last change back (Ctrl+Z)", self.editor.undo)
        self.undo.setShortcut(QKeySequence(QKeySequence.StandardKey.Undo))
        self.redo = push_button("&Redo", "Make it again (Ctrl+Y)", self.editor.redo)
        self.redo.setShortcut(QKeySequence(QKeySequence.StandardKey.Redo))
        self.learn = push_button("&Learn", "Learn the classes; takes seconds", self._on_learn, primary=True)
        self.cancel = push_button("Cancel", "End it; what was learnt before stays", self._on_cancel)
        self.try_photo = push_button("&Try a photo…", "Ask the question about a photo in the chat", self._on_try)
        self.progress = progress_bar("How much is learnt", "Photos looked at")
        for button in (
            self.new, self.forget, self.take, self.give, self.add, self.none, self.undo, self.redo, self.learn, self.cancel,
            self.try_photo,
        ):
            button.setAutoDefault(False)  # Enter in a field names a class, and presses none of them

    def _lay_out(self) -> None:
        left, right = QWidget(), QWidget()
        tools = row_of(self.add, self.none, self.undo, self.redo, 1)
        column_of((scrolled(self.bins, frame=False), 1), tools, parent=left, margins=())
        column_of(scrolled(self.results, frame=False), parent=right, margins=())
        top = row_of((self.choice, 1), self.new, self.take, self.give, self.forget)
        bottom = row_of((self.state, 1), self.progress, self.cancel, self.try_photo, self.learn)
        columns = divided(left, right, sizes=(655, 525))  # two bins side by side, also in a narrow window
        label = QLabel("&Question")
        label.setBuddy(self.question)
        column_of(top, row_of(label, (self.question, 1)), (columns, 1), self.problem, bottom, parent=self)
        self._show_running(False)

    def _connect(self) -> None:
        self.editor.changed.connect(self._refresh)
        self.editor.problem.connect(lambda sentence: show_or_hide(self.problem, sentence))
        self.question.editingFinished.connect(lambda: self.editor.set_question(self.question.text()))
        self.choice.activated.connect(self._on_chosen)
        self.learning.progressed.connect(self._on_progress)
        self.learning.ended.connect(self._on_ended)
        for photos in (self.bins, self.results):
            photos.photo_opened.connect(self.photo_wanted)

    # -- which question

    def open_first(self) -> None:
        """The first that is kept, or a new one."""
        kept = find_projects(self._folder)
        if kept:
            self.editor.open(kept[0])
        else:
            self.editor.begin()

    def _on_chosen(self, row: int) -> None:
        chosen = self.choice.itemData(row)
        kept = next((found for found in find_projects(self._folder) if str(found.path) == chosen), None)
        if kept is not None:
            self.editor.open(kept)

    def _on_forget(self) -> None:
        asked = self.editor.project.question or "this class question"
        box = question_box(
            self, "Forget a class question", f"Forget “{asked}”?", "What was sorted and learnt is lost; the photos stay."
        )
        forget = box.addButton("Forget", box.ButtonRole.DestructiveRole)
        box.addButton(box.StandardButton.Cancel)
        forget.clicked.connect(self.editor.remove)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    def _on_add(self) -> None:
        name = self.editor.add_class()
        added = next(shown for shown in self.bins.bins if shown.name == name)
        added.field.setFocus()
        added.field.selectAll()

    # -- what is shown

    def _refresh(self) -> None:
        project, kept = self.editor.project, self.editor.kept
        if self.question.text() != project.question and not self.question.hasFocus():
            self.question.setText(project.question)
        self._list_questions()
        self.undo.setEnabled(self.editor.can_undo())
        self.redo.setEnabled(self.editor.can_redo())
        self.forget.setEnabled(kept is not None)
        self.give.setEnabled(any(each.photos for each in project.classes))
        summary = None if kept is None else kept.summary()
        self.results.show_summary(summary, is_current=summary is not None and project.is_as_learnt(summary))
        self.try_photo.setEnabled(summary is not None)
        self._show_needs()

    def _list_questions(self) -> None:
        shown = None if self.editor.kept is None else str(self.editor.kept.path)
        self.choice.clear()
        for found in find_projects(self._folder):
            try:
                asked = found.read().question
            except SpinVlmError:
                continue
            self.choice.addItem(asked or found.path.name, str(found.path))
        if shown is None:
            self.choice.addItem(NEW, None)
        self.choice.setCurrentIndex(max(0, self.choice.findData(shown)))

    def _show_needs(self) -> None:
        """Why it can't be learnt yet; else what is doubtful."""
        if self.learning.running:
            return
        project, reason = self.editor.project, ""
        try:
            check_names(project.question, [each.name for each in project.classes])
            check_counts(project.counts)
        except SpinVlmError as error:
            reason = str(error)
        self.learn.setEnabled(not reason)
        doubles = project.doubles()
        self.state.setText(reason or " ".join(doubles[:2]) or HOW)

    def _tell(self, sentence: str) -> None:
        self.state.setText(sentence)

    # -- learning

    def _on_learn(self) -> None:
        self.editor.set_question(self.question.text())
        if self.editor.kept is None or not self.learn.isEnabled():
            return
        self._show_running(True)
        self.state.setText("Loading the model…")
        show_or_hide(self.problem, None)
        self.progress.setRange(0, 0)
        self.learning.start(self.editor.kept.path, model=self._model())

    def _on_progress(self, done: int, total: int) -> None:
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self.state.setText(f"{done} of {total} photos looked at." if done < total else "Telling the classes apart…")

    def _on_cancel(self) -> None:
        self.learning.cancel()
        self._show_running(False)
        self._refresh()

    def _on_ended(self, learnt: Path | None, sentence: str) -> None:
        self._show_running(False)
        self._refresh()
        show_or_hide(self.problem, sentence or None)
        if learnt is not None and self.editor.kept is not None and learnt == self.editor.kept.path:
            self.state.setText("Learnt. Ask the question in the chat, or try a photo.")
            self.learnt.emit(self.editor.project.question)

    def _show_running(self, running: bool) -> None:
        before, after = (self.learn, self.cancel) if running else (self.cancel, self.learn)
        after.show()
        hand_over_focus(before, after)
        self.progress.setVisible(running)
        self.cancel.setVisible(running)
        self.learn.setVisible(not running)
        # What is being learnt is neither changed nor forgotten meanwhile.
        for part in (
            self.bins, self.choice, self.question, self.new, self.forget, self.take, self.add, self.none, self.undo, self.redo,
        ):
            part.setEnabled(not running)

    def _on_try(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "A photo to ask about", self._start.path(), PHOTOS)
        summary = None if self.editor.kept is None else self.editor.kept.summary()
        if name and summary is not None:
            self._start.remember(Path(name))
            self.try_wanted.emit(Path(name), summary.question)
