"""The window: menus, the chat tab, status line; composes everything else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence
from PySide6.QtWidgets import QFileDialog, QLabel, QMainWindow, QMenu, QMessageBox

from core.atomic_file import atomic_write
from spinvlm_desktop import __version__
from spinvlm_desktop.answer_picture import answer_picture, png
from spinvlm_desktop.chat_tab import ChatTab
from spinvlm_desktop.conversation import Conversation
from spinvlm_desktop.worker.answer_service import AnswerService
from spinvlm_desktop.worker.answer_worker import ModelChoice

if TYPE_CHECKING:
    from core.session import SessionDescription

MODEL_FILES = "Model files (*.safetensors *.pth)"
LOADING = "The model is being loaded…"


class MainWindow(QMainWindow):
    """The program's one window."""

    def __init__(self) -> None:
        super().__init__()
        self._described: SessionDescription | None = None
        self.setWindowTitle("SpinVLM")
        self.resize(1280, 800)
        self.service = AnswerService(self)
        self.tab = ChatTab()
        self.setCentralWidget(self.tab)
        self._model_label = QLabel(LOADING)
        self._model_label.setAccessibleName("Model in use")
        self.statusBar().addPermanentWidget(self._model_label)
        self.conversation = Conversation(self.tab, self.service, parent=self)
        self.service.model_loading.connect(lambda: self._model_label.setText(LOADING))
        self.service.model_loaded.connect(self._on_model_loaded)
        self.service.model_failed.connect(self._on_model_failed)
        self._make_menus()

    ended_in_time = True
    """False where the model's thread was still in the middle of something when the window closed."""

    def open_photos(self, photos: Sequence[Path]) -> None:
        """Open photos named on the command line or handed over by a second start, and come to the front."""
        if photos:
            self.tab.image.open_sources(list(photos))
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.raise_()
        self.activateWindow()

    def _make_menus(self) -> None:
        file = self.menuBar().addMenu("&File")
        self._add(file, "&Open photo…", self.tab.image.choose_file, QKeySequence.StandardKey.Open)
        self._add(file, "&Paste photo", self.tab.image.paste, "Ctrl+Shift+V")
        self._add(file, "&Export as picture…", self._export_picture, "Ctrl+E")
        file.addSeparator()
        self._add(file, "&Quit", self.close, QKeySequence.StandardKey.Quit)
        chat = self.menuBar().addMenu("&Chat")
        self._add(chat, "&New chat", self.conversation.start_new, QKeySequence.StandardKey.New)
        self._add(chat, "&Stop", self.service.stop, "Esc")
        self._add(chat, "&Previous word", lambda: self.tab.attention.step(-1), "Alt+Left")
        self._add(chat, "Ne&xt word", lambda: self.tab.attention.step(1), "Alt+Right")
        models = self.menuBar().addMenu("&Models")
        self._add(models, "&Starter model", lambda: self.load_model(None))
        self._add(models, "&Open a model file…", self._open_model_file)
        self._add(self.menuBar().addMenu("&Help"), "&About SpinVLM", self._about)

    def _add(
        self, menu: QMenu, text: str, slot: Callable[[], object], shortcut: QKeySequence.StandardKey | str | None = None
    ) -> None:
        action = QAction(text, self)
        if shortcut is not None:
            action.setShortcut(QKeySequence(shortcut))
        action.triggered.connect(lambda _checked=False: slot())
        menu.addAction(action)

    # -- the model

    def load_model(self, path: Path | None) -> None:
        """Load a model in the background; None is the starter model."""
        self.service.load_model(ModelChoice(path))

    def _on_model_loaded(self, described: SessionDescription) -> None:
        self._described = described
        self.conversation.set_model_ready()
        self.tab.spin_bar.set_model(described.config.layers, described.config.heads)
        self.tab.spin_bar.set_calibration(described.calibration)
        self.tab.image.set_grid_side(described.config.grid_side)
        self._model_label.setText(
            f"Model: {described.name} · {described.parameters / 1e6:.1f} million weights · {described.device}"
        )

    def _on_model_failed(self, sentence: str, details: str) -> None:
        described = self._described
        self._model_label.setText("No model is loaded" if described is None else f"Model: {described.name} stays in use")
        box = QMessageBox(QMessageBox.Icon.Warning, "The model was not loaded", sentence, parent=self)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setDetailedText(details)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    def _open_model_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Open a model file", "", MODEL_FILES)
        if name:
            self.load_model(Path(name))

    # -- the rest

    def _export_picture(self) -> None:
        if self.conversation.shown() is None:
            QMessageBox.information(self, "Nothing to export", "Ask a question first; then there is something to export.")
            return
        name, _ = QFileDialog.getSaveFileName(self, "Export as picture", "answer.png", "PNG picture (*.png)")
        if name:
            path = Path(name) if Path(name).suffix else Path(name + ".png")
            try:
                self.write_picture(path)
            except OSError as error:
                QMessageBox.warning(self, "Not exported", f"{path} was not written: {error.strerror}.")

    def write_picture(self, path: Path) -> None:
        """Photo, map of the chosen word, question and answer as a PNG file. Raises OSError."""
        shown, word = self.conversation.shown(), self.tab.attention.current_word()
        assert shown is not None
        caption = "" if word is None else f"The map shows where the model looked for “{word.text}”."
        with atomic_write(path) as file:
            file.write(png(answer_picture(self.tab.image.render_picture(), *shown, caption=caption)))

    def _about(self) -> None:
        QMessageBox.about(
            self, "About SpinVLM",
            f"SpinVLM {__version__}\n\nAsk questions about photos, offline, with a small model that you can look into and "
            "train yourself. Photos and questions never leave this computer.\n\nApache License 2.0",
        )

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ends what is under way."""
        self.ended_in_time = self.service.shut_down()
        event.accept()
