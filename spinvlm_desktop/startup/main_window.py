"""The window: menus, the chat tab, status line; composes everything else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QAction, QCloseEvent, QDesktopServices, QKeySequence
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu, QMessageBox, QTabWidget

from core.answers import SessionDescription
from core.config import SpinConfig
from core.errors import SpinVlmError
from spinvlm_desktop.batch.batch_control import BatchControl
from spinvlm_desktop.batch.batch_request import BatchSettings
from spinvlm_desktop.chat.chat_tab import ChatTab
from spinvlm_desktop.chat.conversation import Conversation
from spinvlm_desktop.chat.conversation_recorder import KeptConversation
from spinvlm_desktop.chat.export_dialogs import ConversationFiles
from spinvlm_desktop.chat.spin_choice import SpinChoice
from spinvlm_desktop.history.history_control import HistoryControl
from spinvlm_desktop.history.opening import open_history
from spinvlm_desktop.history.store import HistoryStore
from spinvlm_desktop.jobs.folder_names import moved
from spinvlm_desktop.measure.measure_control import MeasureControl
from spinvlm_desktop.models.model_control import ModelControl
from spinvlm_desktop.settings.app_settings import AppSettings
from spinvlm_desktop.settings.settings_dialog import SettingsDialog
from spinvlm_desktop.settings.settings_store import SettingsStore
from spinvlm_desktop.startup.notices import Notices
from spinvlm_desktop.system import paths
from spinvlm_desktop.system.log_file import diagnostics
from spinvlm_desktop.train.run.training_job import TrainingJob
from spinvlm_desktop.train.training_tab import TrainingTab
from spinvlm_desktop.worker.answer_service import AnswerService

TITLE_BAR = 40
"""Pixels of the screen's height for what the system puts around the window, which Qt knows only when it is shown."""


class MainWindow(QMainWindow):
    """The program's one window."""

    appearance_changed = Signal(object)
    """AppSettings, of which the theme or the font size may be others than before."""

    def __init__(self, settings: AppSettings, settings_store: SettingsStore, *, log_path: Path | None = None) -> None:
        super().__init__()
        self._settings, self._settings_store, self._log_path = settings, settings_store, log_path
        self.setWindowTitle("SpinVLM")
        self._notices = Notices(self.statusBar())
        self.service = AnswerService(self)
        self.tab = ChatTab()
        self.training = TrainingTab(paths.runs_folder())
        self.measure = MeasureControl(self.training, self)
        self._measured_setting: tuple[int, SpinChoice] | None = None
        """Number of the load of the model that a setting was measured on, and the setting."""
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.tab, "C&hat")
        self.tabs.addTab(self.training, "&Train")
        self.tabs.addTab(self.measure.tab, "M&easure")
        self.setCentralWidget(self.tabs)
        history, notice = self._open_history()
        kept = KeptConversation(history, self)
        self.conversation = Conversation(self.tab, self.service, kept, log_path=log_path, parent=self)
        self.history = HistoryControl(self.tab.sidebar, self.conversation, self)
        self.files = ConversationFiles(self, self.tab, self.conversation, tell=self.tell)
        self.models = ModelControl(self.service, self)
        self.batch = BatchControl(self.service, self, how=self._batch_settings)
        self.statusBar().addPermanentWidget(self.models.label)
        self._make_menus()
        self._show_settings()
        self._connect()
        self.history.refresh()
        self._restore_geometry()
        unfinished = [folder.name for folder in self.training.unfinished()]
        if unfinished:
            self.tell(f"A training that was not finished can be resumed in the Train tab: {', '.join(unfinished)}.")
        cut_off = self.measure.tab.unfinished()
        if cut_off:
            self.tell(f"A measurement that was cut off can be resumed in the Measure tab: {', '.join(cut_off)}.")
        if notice:
            self.tell(notice)

    @property
    def settings(self) -> AppSettings:
        """Those in force."""
        return self._settings

    def tell(self, sentence: str) -> None:
        """A notice in the status line."""
        self._notices.show(sentence)

    def open_photos(self, photos: Sequence[Path]) -> None:
        """Open photos named on the command line or handed over by a second start, and come to the front."""
        if photos:
            self.tabs.setCurrentWidget(self.tab)
            self.tab.image.open_sources(list(photos))
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.raise_()
        self.activateWindow()

    # -- composition

    def _make_menus(self) -> None:
        file = self.menuBar().addMenu("&File")
        self._add(file, "&Open photo…", self.tab.image.choose_file, QKeySequence.StandardKey.Open)
        self._add(file, "&Paste photo", self.tab.image.paste, "Ctrl+Shift+V")
        self._add(file, "&Ask about a folder of photos…", lambda: self.batch.show(), "Ctrl+B")
        file.addSeparator()
        exports = file.addMenu("&Export this conversation")
        self._add(exports, "As a p&icture…", lambda: self.files.export_shown("picture"), "Ctrl+E")
        self._add(exports, "As &Markdown…", lambda: self.files.export_shown("markdown"))
        self._add(exports, "As &JSON, with all attention…", lambda: self.files.export_shown("json"))
        self._add(file, "I&mport a conversation…", self._import)
        file.addSeparator()
        self._add(file, "&Settings…", self.open_settings, "Ctrl+,")
        self._add(file, "&Quit", self.close, QKeySequence.StandardKey.Quit)
        chat = self.menuBar().addMenu("&Chat")
        self._add(chat, "&New chat", self.conversation.start_new, QKeySequence.StandardKey.New)
        stop = self._add(chat, "&Stop", self.service.stop, "Esc")
        stop.setEnabled(False)
        self.conversation.busy_changed.connect(stop.setEnabled)
        chat.addSeparator()
        self._add(chat, "&Previous word", lambda: self.tab.attention.step(-1), "Alt+Left")
        self._add(chat, "Ne&xt word", lambda: self.tab.attention.step(1), "Alt+Right")
        self.menuBar().addMenu(self.models.menu)
        help_menu = self.menuBar().addMenu("&Help")
        self._add(help_menu, "&What you see", self._explain, QKeySequence.StandardKey.HelpContents)
        self._add(help_menu, "Copy &diagnostics", self._copy_diagnostics)
        self._add(help_menu, "Open the &log's folder", self._open_log_folder)
        self._add(help_menu, "&About SpinVLM", self._about)

    def _add(
        self, menu: QMenu, text: str, slot: Callable[[], object], shortcut: QKeySequence.StandardKey | str | None = None
    ) -> QAction:
        action = QAction(text, self)
        if shortcut is not None:
            action.setShortcut(QKeySequence(shortcut))
        action.triggered.connect(lambda _checked=False: slot())
        menu.addAction(action)
        return action

    def _show_settings(self) -> None:
        settings, tab = self._settings, self.tab
        self.conversation.generation = settings.generation
        tab.image.set_recent([Path(name) for name in settings.recent_images])
        tab.spin_bar.set_choice(SpinChoice(settings.spin_mode, settings.spin, settings.spin_own))
        tab.attention.set_look(opacity=settings.overlay_opacity, smooth=settings.overlay_smooth)

    def _connect(self) -> None:
        tab = self.tab
        tab.chat.field.setFocus()
        tab.image.taken.connect(lambda: self.tabs.setCurrentWidget(tab))
        tab.image.taken.connect(tab.chat.field.setFocus)
        self.conversation.kept.problem_told.connect(self.tell)
        self.history.problem_told.connect(self.tell)
        tab.sidebar.export_requested.connect(self.files.export)
        tab.sidebar.import_requested.connect(self._import)
        self.models.in_use_changed.connect(self._on_model)
        self.training.model_wanted.connect(self._on_trained_model)
        self.training.job_renamed.connect(self._on_run_renamed)
        self.training.measurement_wanted.connect(self._on_measurement_wanted)
        self.measure.setting_wanted.connect(self._on_measured_setting)
        self.models.load_failed.connect(self._on_load_failed)
        self.training.run_changed.connect(self.tell)
        self.training.run_changed.connect(lambda _: self.measure.tab.offer_models())
        self.models.file_changed.connect(lambda path: self._keep(model=None if path is None else str(path)))
        tab.image.recent_changed.connect(lambda recent: self._keep(recent_images=tuple(map(str, recent))))
        tab.spin_bar.choice_changed.connect(self._on_spin)
        tab.attention.look_changed.connect(lambda opacity, smooth: self._keep(overlay_opacity=opacity, overlay_smooth=smooth))

    def _on_model(self, described: SessionDescription, load: int) -> None:
        self.conversation.set_model(described.name)
        self.tab.spin_bar.set_model(described.shape.layers, described.shape.heads)
        self.tab.spin_bar.set_calibration(described.calibration)
        self.tab.image.set_grid_side(described.shape.grid_side)
        if self._measured_setting is not None and self._measured_setting[0] == load:
            self._take_spin(self._measured_setting[1])
        self.batch.refresh()

    def _on_load_failed(self, load: int) -> None:
        if self._measured_setting is not None and self._measured_setting[0] == load:
            self._measured_setting = None

    def _on_trained_model(self, path: Path) -> None:
        self.models.use(path)
        self.tabs.setCurrentWidget(self.tab)

    def _on_measurement_wanted(self, model: Path, data: Path, name: str) -> None:
        self.tabs.setCurrentWidget(self.measure.tab)
        self.measure.tab.propose(model, data, name=name)

    def _on_measured_setting(self, model: Path | None, spin: SpinConfig | None) -> None:
        """Take over a setting that was measured, with the model that it was measured on."""
        choice = SpinChoice("off", self.tab.spin_bar.wanted().spin) if spin is None else SpinChoice("on", spin)
        self.tabs.setCurrentWidget(self.tab)
        if self.models.in_use is not None and model == self.models.file and not self.models.loading:
            self._take_spin(choice)
        else:
            self._measured_setting = self.models.use(model), choice

    def _take_spin(self, choice: SpinChoice) -> None:
        self._measured_setting = None
        self.tab.spin_bar.set_choice(choice)
        self._on_spin()

    def _on_run_renamed(self, old: Path, new: Path) -> None:
        """Whatever was chosen or measured of the run's model goes by its new name, also the one for the next start."""
        if self._settings.model is not None:
            self._keep(model=str(moved(Path(self._settings.model), old, new)))
        self.models.follow(old, new)
        self.measure.tab.follow_rename(old, new)

    def load_model(self, path: Path | None) -> None:
        """Load a model in the background; None is the starter model."""
        self.models.load(path, device=self._settings.device, threads=self._settings.threads)
        self.measure.set_device(self._settings.device, self._settings.threads)

    def load_chosen_model(self) -> None:
        """Load the model that was in use when the program ended."""
        self.load_model(None if self._settings.model is None else Path(self._settings.model))

    # -- settings

    def _keep(self, **changes: Any) -> None:
        """Remember for the next start; written when the window closes or settings are applied."""
        self._settings = replace(self._settings, **changes)

    def _save(self) -> None:
        kept = self._settings if self._settings.keep_history else replace(self._settings, recent_images=())
        problem = self._settings_store.save(kept)
        if problem:
            self.tell(problem)

    def _on_spin(self) -> None:
        choice = self.tab.spin_bar.wanted()
        self._keep(spin_mode=choice.mode, spin=choice.spin, spin_own=choice.own)
        self.batch.refresh()

    def _batch_settings(self) -> BatchSettings:
        """As the chat has them; where it compares, the folder is answered as usual, with SPIN off."""
        choice, model = self.tab.spin_bar.choice(), self.models.in_use
        spin = choice.spin if choice.mode == "on" else None
        return BatchSettings("" if model is None else model.name, spin, self._settings.generation)

    def open_settings(self) -> None:
        """The dialog; what is applied is in force at once."""
        dialog = SettingsDialog(self._settings, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.settings_applied.connect(self._on_settings)
        dialog.open()

    def _on_settings(self, applied: AppSettings) -> None:
        before = self._settings
        self._keep(**{name: getattr(applied, name) for name in SettingsDialog.FIELDS})
        self._save()
        self.conversation.generation = self._settings.generation
        self.batch.refresh()
        if (before.theme, before.font_size) != (applied.theme, applied.font_size):
            self.appearance_changed.emit(self._settings)
        if (before.device, before.threads) != (applied.device, applied.threads):
            self.models.reload(device=applied.device, threads=applied.threads)
            self.measure.set_device(applied.device, applied.threads)
        if before.keep_history == applied.keep_history:
            self.history.forget_older(applied.retention_days)
        else:
            self.history.close()
            store, notice = self._open_history()
            self.history.use(store)
            if notice:
                self.tell(notice)

    def _open_history(self) -> tuple[HistoryStore, str | None]:
        settings = self._settings
        return open_history(paths.data_folder(), keep=settings.keep_history, retention_days=settings.retention_days)

    # -- the rest

    def _import(self) -> None:
        number = self.files.import_chosen()
        if number is not None:
            self.history.refresh()
            self.history.open(number)

    def _copy_diagnostics(self) -> None:
        model = self.models.in_use
        QApplication.clipboard().setText(
            diagnostics(Model="none" if model is None else model.name, Device="none" if model is None else model.device)
        )
        self.tell("Diagnostics are on the clipboard.")

    def _open_log_folder(self) -> None:
        if self._log_path is None:
            self.tell("There is no log: its folder can't be written.")
        else:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._log_path.parent)))

    def _explain(self) -> None:
        from spinvlm_desktop.startup.glossary_dialog import ExplainedDialog

        dialog = ExplainedDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def _about(self) -> None:
        from spinvlm_desktop.startup.about_dialog import AboutDialog

        dialog = AboutDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _restore_geometry(self) -> None:
        self.resize(QSize(1280, 800).boundedTo(self.screen().availableSize() - QSize(0, TITLE_BAR)))
        stored = _geometry_file()
        for name, restore in (("window", self.restoreGeometry), ("columns", self.tab.columns.restoreState),
                              ("rows", self.tab.looking.restoreState)):
            value = stored.value(name)
            if isinstance(value, QByteArray):
                restore(value)

    def _store_geometry(self) -> None:
        stored = _geometry_file()
        stored.setValue("window", self.saveGeometry())
        stored.setValue("columns", self.tab.columns.saveState())
        stored.setValue("rows", self.tab.looking.saveState())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ends what is under way, keeps what is there."""
        if not self._may_leave_training():
            event.ignore()
            return
        self.training.close_tab()
        self.measure.close()
        self._store_geometry()
        self._save()
        self.conversation.close()
        self.batch.close()
        self.service.shut_down()
        self.history.close()
        event.accept()

    def _may_leave_training(self) -> bool:
        """Ask what is to become of a run that trains; False where the window is to stay."""
        folder = self.training.running()
        if folder is None:
            return True
        box = QMessageBox(self)
        box.setWindowTitle("A model is being trained")
        box.setText(f"“{folder.name}” is being trained.")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setInformativeText(
            "It can go on while the window is closed, be paused until you resume it, or be stopped; the best model stays."
        )
        onward = box.addButton("Go on in the background", QMessageBox.ButtonRole.AcceptRole)
        pause = box.addButton("Pause", QMessageBox.ButtonRole.ActionRole)
        stop = box.addButton("Stop", QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(onward)
        box.exec()
        try:
            if box.clickedButton() is pause:
                TrainingJob(folder).requests.ask("stop")
            elif box.clickedButton() is stop:
                self.hide()  # the process is waited for some seconds
                TrainingJob(folder).end(wait=True)
        except SpinVlmError as error:
            self.show()
            QMessageBox.warning(self, "The training goes on", str(error))
            return False
        return box.clickedButton() in (onward, pause, stop)


def _geometry_file() -> QSettings:
    return QSettings(str(paths.config_folder() / "window.ini"), QSettings.Format.IniFormat)
