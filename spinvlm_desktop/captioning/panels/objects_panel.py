"""What is marked on the photo on show: its names, and the field for a new one's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QCompleter, QLineEdit, QListWidget, QListWidgetItem, QWidget

from spinvlm_desktop.captioning.panels.box_view import MIDDLE, BoxView
from spinvlm_desktop.widgets.controls import push_button
from spinvlm_desktop.widgets.labels import sentence_label
from spinvlm_desktop.widgets.layouts import column_of, row_of
from spinvlm_desktop.widgets.list_action import add_list_action
from training.data.entities import Box
from training.data.photo_notes.notes import MarkedObject, clean_text
from training.language.object_lexicon import load_object_lexicon

HINT = "Drag a box around something on the photo and name it as your description does; so the model learns where it is."

MOST_ROWS = 5
"""Of the list that are seen at once."""


class ObjectsPanel(QWidget):
    """Belongs to a view of the photo, on which its boxes are drawn."""

    changed = Signal(object)
    """tuple[MarkedObject, ...]: all of the photo's as they are to be"""
    left = Signal()
    """The name was given, or is not wanted."""

    def __init__(self, view: BoxView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._objects: tuple[MarkedObject, ...] = ()
        self._names = QStringListModel(sorted(load_object_lexicon().objects))
        self.hint = sentence_label("How to mark something", HINT, muted=True)
        self.list = QListWidget()
        self.list.setAccessibleName("What is marked; F2 renames it, Enter goes to its box, Delete takes it out")
        self.list.setToolTip("F2 or a double click renames it, Enter goes to its box, Delete takes it out")
        self.list.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.DoubleClicked
        )
        add_list_action(self.list, "Take out", Qt.Key.Key_Delete, lambda: self._delete(self.list.currentRow()))
        add_list_action(self.list, "Go to its box", Qt.Key.Key_Return, self._view.setFocus)
        self.list.currentRowChanged.connect(lambda row: view.show_boxes(self._objects, row))
        self.list.itemChanged.connect(self._on_renamed)
        self.name = _NameField()
        completer = QCompleter(self._names, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.name.setCompleter(completer)
        self.name.returnPressed.connect(self._on_named)
        self.name.given_up.connect(self._on_given_up)
        self.add = push_button("New b&ox", "A box in the middle of the photo, to be named and moved (Ctrl+B)", self.begin_box)
        self.add.setAutoDefault(False)
        column_of(self.hint, self.list, row_of((self.name, 1), self.add), parent=self, margins=())
        view.box_drawn.connect(lambda _box: self.name.setFocus())
        view.box_chosen.connect(self.list.setCurrentRow)
        view.box_changed.connect(self._on_moved)
        view.delete_wanted.connect(self._delete)
        self.show_objects(())

    def show_objects(self, objects: Sequence[MarkedObject]) -> None:
        """Those of the photo on show; the one that is chosen stays so where there are as many."""
        row = self.list.currentRow() if len(objects) == len(self._objects) else -1
        self._objects = ()
        self.list.clear()
        for thing in objects:
            item = QListWidgetItem(thing.name)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            self.list.addItem(item)
        self._objects = tuple(objects)
        rows = min(MOST_ROWS, len(objects)) * max(1, self.list.sizeHintForRow(0))
        self.list.setFixedHeight(rows + 2 * self.list.frameWidth() + 4)
        self.list.setVisible(bool(objects))
        self.hint.setVisible(not objects)
        self.list.setCurrentRow(row)
        self._view.show_boxes(self._objects, row)

    def forget_name(self) -> None:
        """Another photo is on show."""
        self.name.clear()

    def begin_box(self) -> None:
        """For those who draw none: name first, arrow keys then."""
        if self._view.open_box is None:
            self._view.show_open_box(MIDDLE)
        self.name.setFocus()

    def _on_named(self) -> None:
        name, box = clean_text(self.name.text()), self._view.open_box
        if not name:
            return
        self.name.clear()
        self._view.show_open_box(None)
        by_key = box == MIDDLE
        self._learn(name)
        self.changed.emit((*self._objects, MarkedObject(name, box)))
        self.list.setCurrentRow(self.list.count() - 1)
        if by_key:
            self._view.setFocus()
        else:
            self.left.emit()

    def _on_given_up(self) -> None:
        self.name.clear()
        self._view.show_open_box(None)
        self.left.emit()

    def _learn(self, name: str) -> None:
        """Names of one's own are proposed again."""
        names = self._names.stringList()
        if name not in names:
            self._names.setStringList(sorted([*names, name]))

    def _on_moved(self, number: int, box: Box) -> None:
        self._replace(number, replace(self._objects[number], box=box))

    def _on_renamed(self, item: QListWidgetItem) -> None:
        number = self.list.row(item)
        if number >= len(self._objects):
            return  # it is being filled
        name = clean_text(item.text())
        if name:
            self._replace(number, replace(self._objects[number], name=name))
        else:
            item.setText(self._objects[number].name)

    def _replace(self, number: int, thing: MarkedObject) -> None:
        if thing != self._objects[number]:
            self.changed.emit((*self._objects[:number], thing, *self._objects[number + 1 :]))

    def _delete(self, number: int) -> None:
        if 0 <= number < len(self._objects):
            self.changed.emit((*self._objects[:number], *self._objects[number + 1 :]))


class _NameField(QLineEdit):
    """Esc gives the box up, and doesn't close the window."""

    given_up = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Name of what is in the box")
        self.setPlaceholderText("Name of what is in the box")
        self.setToolTip("Enter adds it; Esc gives the box up")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
        else:
            super().keyPressEvent(event)
