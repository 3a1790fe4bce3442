"""What this program is, under which licence it may be used, and whose work it contains."""

from __future__ import annotations

from importlib import resources

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QListWidget,
    QPlainTextEdit,
    QSplitter,
    QTabWidget,
    QWidget,
)

from spinvlm_desktop import __version__
from spinvlm_desktop.startup.help.licences import Component, third_party_licences
from spinvlm_desktop.startup.program_icon import program_icon
from spinvlm_desktop.widgets.layouts import column_of

ICON_SIDE = 96
LONGEST_NAME = 28
"""Characters of a licence in the list; its text has the whole."""
ABOUT = (
    "Ask questions about photos, offline, with a small vision-language model that you can look into and train yourself. "
    "Photos and questions never leave this computer."
)
PAPER = "https://arxiv.org/abs/2505.16411"


class AboutDialog(QDialog):
    """Version and licence first; the licences of others are read when their tab is opened."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About SpinVLM")
        self.resize(820, 560)
        self.tabs = QTabWidget()
        self.tabs.addTab(_program_page(), "&Program")
        self.tabs.addTab(_text("The program's licence", _own_licence()), "&Licence")
        self.components = ComponentView()
        self.tabs.addTab(self.components, "&Third-party licences")
        self.tabs.currentChanged.connect(self._on_tab)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column_of((self.tabs, 1), buttons, parent=self)

    def _on_tab(self, _index: int) -> None:
        if self.tabs.currentWidget() is self.components:
            self.components.load()


class ComponentView(QSplitter):
    """A list of the program's components; beside it the text of the one that is chosen."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.names = QListWidget()
        self.names.setAccessibleName("Components")
        self.text = _text("Licence of the chosen component", "")
        self._components: tuple[Component, ...] = ()
        self.addWidget(self.names)
        self.addWidget(self.text)
        self.setStretchFactor(1, 1)
        self.setChildrenCollapsible(False)
        self.setSizes([290, 510])
        self.names.currentRowChanged.connect(self._on_row)

    def load(self) -> None:
        """Read the licences, the first time that they are wanted."""
        if self._components:
            return
        self._components = third_party_licences()
        for component in self._components:
            licence = component.licence
            shown = licence if len(licence) <= LONGEST_NAME else licence[: LONGEST_NAME - 1].rstrip() + "…"
            self.names.addItem(f"{component.name} {component.version}\n{shown}")
            self.names.item(self.names.count() - 1).setToolTip(licence)
        self.names.setCurrentRow(0)

    def _on_row(self, row: int) -> None:
        component = self._components[row]
        self.text.setPlainText(f"{component.name} {component.version}\n{component.licence}\n\n{component.text}")


def _program_page() -> QWidget:
    page = QWidget()
    icon, name, words = QLabel(), QLabel(f"SpinVLM {__version__}"), QLabel()
    icon.setPixmap(program_icon().pixmap(QSize(ICON_SIDE, ICON_SIDE)))
    font = QFont(name.font())
    font.setPointSizeF(font.pointSizeF() * 1.6)
    font.setWeight(QFont.Weight.DemiBold)
    name.setFont(font)
    words.setWordWrap(True)
    words.setText(
        f"{ABOUT}\n\nApache License 2.0. Made with Qt, PyTorch, timm and others, whose licences stand in the last tab.\n\n"
        f"SPIN, the head suppression that it shows: {PAPER}"
    )
    for label in (name, words):
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
    layout = QGridLayout(page)
    layout.setContentsMargins(24, 24, 24, 24)
    layout.setHorizontalSpacing(20)
    layout.addWidget(icon, 0, 0, 2, 1, Qt.AlignmentFlag.AlignTop)
    layout.addWidget(name, 0, 1)
    layout.addWidget(words, 1, 1, Qt.AlignmentFlag.AlignTop)
    layout.setColumnStretch(1, 1)
    layout.setRowStretch(1, 1)
    return page


def _own_licence() -> str:
    return resources.files("resources").joinpath("licences", "Apache-2.0.txt").read_text(encoding="utf-8")


def _text(name: str, content: str) -> QPlainTextEdit:
    field = QPlainTextEdit(content)
    field.setReadOnly(True)
    field.setAccessibleName(name)
    field.setFont(QFont("monospace", max(8, field.font().pointSize() - 1)))
    field.setTabChangesFocus(True)
    return field
