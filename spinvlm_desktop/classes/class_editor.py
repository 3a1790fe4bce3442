"""The classes as they are being sorted: every change is kept at once, and can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.classes.class_question import NONE_OF_THEM, check_names
from core.errors import SpinVlmError
from training.classes.class_project import ClassProject, ProjectFolder, new_project

MOST_UNDONE = 200


class ClassEditor(QObject):
    """One class question at a time. What can't be kept on the disk stays on show, and is said."""

    changed = Signal()
    """The project is another one."""
    problem = Signal(str)
    """A sentence about what can't be done or kept; empty where all is well again."""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        """folder: of all class questions."""
        super().__init__(parent)
        self._all = folder
        self.kept: ProjectFolder | None = None
        """Where it is kept; None where nothing was sorted yet."""
        self.project = ClassProject()
        self._before: list[ClassProject] = []
        self._after: list[ClassProject] = []

    def begin(self) -> None:
        """A new question, with two classes to be named; it is kept from its first change on."""
        self._show(None, ClassProject().with_class("Class 1").with_class("Class 2"))

    def open(self, kept: ProjectFolder) -> None:
        """One that is kept; where it can't be read, the one on show stays and that is said."""
        try:
            self._show(kept, kept.read())
        except SpinVlmError as error:
            self.problem.emit(str(error))

    def _show(self, kept: ProjectFolder | None, project: ClassProject) -> None:
        self.kept, self.project, self._before, self._after = kept, project, [], []
        self.problem.emit("")
        self.changed.emit()

    # -- changes

    def set_question(self, question: str) -> None:
        self._change(ClassProject(" ".join(question.split()), self.project.classes))

    def add_photos(self, name: str, photos: Sequence[Path]) -> None:
        """Photos come into a class once, however often they are dropped."""
        self._change(self.project.with_photos(name, photos))

    def add_classes(self, classes: dict[str, list[Path]]) -> None:
        """Folders by class; classes that are still empty and unnamed make room for them."""
        project = self.project
        for each in project.classes:
            if not each.photos and each.name.startswith("Class "):
                project = project.without_class(each.name)
        for name, photos in classes.items():
            project = project.with_class(name, photos)
        self._change(project)

    def add_class(self) -> str:
        """An empty one at the end. Returns its name."""
        taken = {each.name.casefold() for each in self.project.classes}
        name = next(name for number in range(1, len(taken) + 2) if (name := f"Class {number}").casefold() not in taken)
        self._change(self.project.with_class(name))
        return name

    def add_none(self) -> None:
        """A class for photos of other things, by which those are known."""
        self._change(self.project.with_class(NONE_OF_THEM))

    def rename(self, old: str, new: str) -> None:
        """Where another class has the new name, both become one."""
        new = " ".join(new.split())
        try:
            check_names("?", [new])
        except SpinVlmError as error:
            self.problem.emit(str(error))
            self.changed.emit()  # the field shows the name as it is
            return
        self._change(self.project.renamed(old, new))

    def move_photos(self, source: str, target: str, photos: Sequence[Path]) -> None:
        if source != target:
            self._change(self.project.without_photos(source, photos).with_photos(target, photos))

    def remove_photos(self, name: str, photos: Sequence[Path]) -> None:
        """They stay where they are on the disk."""
        self._change(self.project.without_photos(name, photos))

    def remove_class(self, name: str) -> None:
        self._change(self.project.without_class(name))

    # -- back and forth

    def can_undo(self) -> bool:
        return bool(self._before)

    def can_redo(self) -> bool:
        return bool(self._after)

    def undo(self) -> None:
        """Take the last change back."""
        if self._before:
            self._after.append(self.project)
            self._take(self._before.pop())

    def redo(self) -> None:
        """Make the change again that was taken back last."""
        if self._after:
            self._before.append(self.project)
            self._take(self._after.pop())

    def _change(self, project: ClassProject) -> None:
        if project == self.project:
            return
        self._before = [*self._before, self.project][-MOST_UNDONE:]
        self._after = []
        self._take(project)

    def _take(self, project: ClassProject) -> None:
        self.project = project
        if self.kept is None:
            self.kept = new_project(self._all, project.question)
        try:
            self.kept.write(project)
            self.problem.emit("")
        except SpinVlmError as error:
            self.problem.emit(str(error))
        self.changed.emit()

    def remove(self) -> None:
        """Forget the question on show and what was learnt of it; the photos stay where they are."""
        try:
            if self.kept is not None:
                self.kept.remove()
        except SpinVlmError as error:
            self.problem.emit(str(error))
            return
        self.begin()
