"""The window: menus, the chat tab, status line; composes everything else."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QTabWidget

from core.answer_model import ModelDescription
from core.config import SpinConfig
from spinvlm_desktop.answers.answer_length import fitted_generation
from spinvlm_desktop.batch.batch_control import BatchControl
from spinvlm_desktop.batch.batch_request import BatchSettings
from spinvlm_desktop.batch.kept_answers import forget_older
from spinvlm_desktop.captioning.captioning_control import CaptioningControl
from spinvlm_desktop.chat.chat_tab import ChatTab
from spinvlm_desktop.chat.conversation import Conversation
from spinvlm_desktop.chat.conversation_recorder import ConversationRecorder
from spinvlm_desktop.chat.export_dialogs import ExportDialogs
from spinvlm_desktop.chat.first_look import FirstLook
from spinvlm_desktop.chat.inside.spin_choice import USUAL_SHAPE
from spinvlm_desktop.classes.classes_control import ClassesControl
from spinvlm_desktop.history.history_control import HistoryControl
from spinvlm_desktop.history.opening import open_history
from spinvlm_desktop.history.store import HistoryStore
from spinvlm_desktop.jobs.folder_names import moved
from spinvlm_desktop.measure.measure_control import MeasureControl
from spinvlm_desktop.models.model_abilities import in_one_sentence
from spinvlm_desktop.models.model_control import ModelControl
from spinvlm_desktop.models.model_list import can_use_pretrained
from spinvlm_desktop.settings.app_settings import AppSettings
from spinvlm_desktop.settings.settings_keeper import SettingsKeeper
from spinvlm_desktop.settings.settings_store import SettingsStore
from spinvlm_desktop.settings.settings_table import IN_DIALOG
from spinvlm_desktop.startup.closing_question import may_close
from spinvlm_desktop.startup.help.help_actions import HelpActions
from spinvlm_desktop.startup.main_menu import make_menus
from spinvlm_desktop.startup.measured_setting import MeasuredSetting
from spinvlm_desktop.startup.notices import Notices
from spinvlm_desktop.startup.progress_badges import ProgressBadges
from spinvlm_desktop.startup.remembered_choices import RememberedChoices
from spinvlm_desktop.startup.window_geometry import restore_geometry, store_geometry
from spinvlm_desktop.system import paths
from spinvlm_desktop.teach.teach_control import TeachControl
from spinvlm_desktop.train.training_tab import TrainingTab
from spinvlm_desktop.widgets.help.help_mark import HelpWanted
from spinvlm_desktop.widgets.theme import ThemeName
from spinvlm_desktop.worker.answer_service import AnswerService


class MainWindow(QMainWindow):
    """The program's one window."""

    appearance_changed = Signal(object)
    """AppSettings, of which the theme or the font size may be others than before."""

    def __init__(self, settings: AppSettings, settings_store: SettingsStore, *, log_path: Path | None = None) -> None:
        super().__init__()
        self._keeper = SettingsKeeper(settings, settings_store, self)
        self.setWindowTitle("SpinVLM")
        self._notices = Notices(self.statusBar())
        self.service = AnswerService(self)
        self.tab = ChatTab()
        self.training = TrainingTab(paths.runs_folder())
        self.measure = MeasureControl(self.training, self)
        self.first_look = FirstLook(self.tab)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.tab, "Ch&at")
        self.tabs.addTab(self.training, "&Train")
        self.tabs.addTab(self.measure.tab, "Meas&ure")
        self.setCentralWidget(self.tabs)
        self.badges = ProgressBadges(self.tabs)
        history, notice = self._open_history()
        recorder = ConversationRecorder(history, self)
        self.conversation = Conversation(self.tab, self.service, recorder, log_path=log_path, parent=self)
        self.history = HistoryControl(self.tab.sidebar, self.conversation, self)
        self.exports = ExportDialogs(self, self.tab, self.conversation, show_notice=self.show_notice)
        self.teach = TeachControl(self.tab.chat, self.conversation, self)
        self.models = ModelControl(self.service, self)
        self.batch = BatchControl(self.service, self, how=self.batch_settings, answers=self._folder_answers)
        self.captioning = CaptioningControl(self.service, self, how=self.batch_settings, answers=self._folder_answers)
        self.classes = ClassesControl(self.models, self)
        self.help = HelpActions(self, self.models, log_path=log_path, show_notice=self.show_notice)
        self.statusBar().addPermanentWidget(self.models.label)
        make_menus(self)
        self._remembered = RememberedChoices(self.tab, self.models, self._keeper, self)
        self._measured_setting = MeasuredSetting(self.tab, self.models, self)
        self._put_in_force(settings)
        self._connect()
        self.history.refresh()
        restore_geometry(self, self.tab)
        self._show_start_notices(notice)

    def _show_start_notices(self, of_history: str | None) -> None:
        unfinished = [folder.name for folder in self.training.unfinished()]
        if unfinished:
            self.show_notice(f"A training that was not finished can be resumed in the Train tab: {', '.join(unfinished)}.")
        cut_off = self.measure.tab.unfinished()
        if cut_off:
            self.show_notice(f"A measurement that was cut off can be resumed in the Measure tab: {', '.join(cut_off)}.")
        if of_history:
            self.show_notice(of_history)

    @property
    def settings(self) -> AppSettings:
        """Those in force."""
        return self._keeper.settings

    def show_notice(self, sentence: str) -> None:
        """In the status line."""
        self._notices.show(sentence)

    def open_photos(self, photos: Sequence[Path]) -> None:
        """Open photos named on the command line or handed over by a second start, and come to the front."""
        if photos:
            self.tabs.setCurrentWidget(self.tab)
            self.tab.image.open_sources(list(photos))
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.raise_()
        self.activateWindow()

    def _put_in_force(self, settings: AppSettings) -> None:
        """What of the settings is for the next question."""
        self.conversation.generation, self.conversation.describes_photos = settings.generation, settings.describe_photos
        self.teach.set_collecting(settings.collect_corrections)
        self.models.method = settings.generation.method

    def _connect(self) -> None:
        tab = self.tab
        tab.chat.field.setFocus()
        tab.image.taken.connect(lambda: self.tabs.setCurrentWidget(tab))
        tab.image.taken.connect(tab.chat.field.setFocus)
        self.batch.photo_wanted.connect(lambda photo: self.open_photos([photo]))
        tab.image.folder_dropped.connect(self.batch.show_folder)
        tab.image.conversation_dropped.connect(self.import_conversation)
        self.conversation.recorder.problem_occurred.connect(self.show_notice)
        self.history.problem_occurred.connect(self.show_notice)
        self.classes.notice.connect(self.show_notice)
        self.classes.questions_changed.connect(self.conversation.suggestions.set_own)
        self.classes.look_for_questions()
        self.classes.photo_wanted.connect(lambda photo: self.open_photos([photo]))
        self.classes.try_wanted.connect(self._on_try_wanted)
        self.training.classes_wanted.connect(self.classes.show)
        self.teach.notice.connect(self.show_notice)
        self.teach.training_wanted.connect(self._on_training_wanted)
        self.teach.model_wanted.connect(self.models.use)
        self.captioning.notice.connect(self.show_notice)
        self.captioning.teaching_wanted.connect(lambda made: self.teach.open_teaching((made.folder, made.photos)))
        self.captioning.training_wanted.connect(self._on_training_wanted)
        self.training.captioning_wanted.connect(self.captioning.open)
        tab.sidebar.export_requested.connect(self.exports.export)
        tab.sidebar.import_requested.connect(lambda: self.import_conversation())
        self.models.in_use_changed.connect(self._on_model)
        tab.chat.welcome.better_wanted.connect(self.models.show_models_to_get)
        self.models.downloaded.connect(lambda name: self.show_notice(f"{name} is downloaded; choose it in the Models menu."))
        self.training.model_wanted.connect(self._on_trained_model)
        self.training.job_renamed.connect(self._on_run_renamed)
        self.training.measurement_wanted.connect(self._on_measurement_wanted)
        for jobs in (self.training, self.measure.tab):
            jobs.progress_changed.connect(partial(self.badges.show_progress, jobs))
        self.measure.setting_wanted.connect(self._on_measured_setting)
        self._keeper.save_failed.connect(self.show_notice)
        self.training.run_changed.connect(self.show_notice)
        self.training.run_changed.connect(lambda _: self.measure.tab.offer_models())
        self._measured_setting.taken.connect(self._remembered.keep_spin)
        self._remembered.answers_changed.connect(self.batch.refresh)
        tab.attention.word_selected.connect(lambda _word: self._explain_first_look())
        tab.look_inside.toggled.connect(lambda on: self._explain_first_look() if on else self.first_look.end())
        self.first_look.words_known.connect(lambda: self._keeper.change(words_known=True))
        if not self.settings.words_known:
            self.first_look.invite()

    def _explain_first_look(self) -> None:
        """As soon as there is something to look at."""
        word = self.tab.attention.current_word()
        if self.tab.look_inside.isChecked() and word is not None and not self.settings.first_look_taken:
            self._keeper.change(first_look_taken=True)
            self.first_look.begin()

    def _on_model(self, described: ModelDescription, load: int) -> None:
        self.conversation.set_model(described)
        self.tab.chat.length.set_longest(described.longest_question)
        self.tab.spin_bar.set_model(described, family=described.family, score=described.default_score)
        self.tab.finer.show_model(described, on=described.name in self.settings.finer_models)
        better = described.family is None and can_use_pretrained()
        self.tab.chat.welcome.show_model(in_one_sentence(described), can_be_better=better)
        self.tab.spin_bar.set_calibration(described.calibration)
        self._measured_setting.model_loaded(load)
        self.batch.refresh()
        self.teach.set_model(self.models.file, can_be_taught=described.family is None)

    def _on_trained_model(self, path: Path) -> None:
        self.models.use(path)
        self.tabs.setCurrentWidget(self.tab)

    def _on_training_wanted(self, data: Path) -> None:
        self.tabs.setCurrentWidget(self.training)
        self.training.show_setup()
        self.training.setup.set_folder(data)

    def _on_try_wanted(self, photo: Path, question: str) -> None:
        """The question waits until the photo is read."""
        self.open_photos([photo])
        self.conversation.ask(question)

    def _on_measurement_wanted(self, model: Path, data: Path, name: str) -> None:
        self.tabs.setCurrentWidget(self.measure.tab)
        self.measure.tab.propose(model, data, name=name)

    def _on_measured_setting(self, model: Path | None, spin: SpinConfig | None) -> None:
        self.tabs.setCurrentWidget(self.tab)
        self._measured_setting.take(model, spin)

    def _on_run_renamed(self, old: Path, new: Path) -> None:
        """Whatever was chosen or measured of the run's model goes by its new name, also the one for the next start."""
        if self.settings.model is not None:
            self._keeper.change(model=str(moved(Path(self.settings.model), old, new)))
        self.models.follow(old, new)
        self.measure.tab.follow_rename(old, new)

    def load_model(self, path: Path | None) -> None:
        """Load a model in the background; None is the starter model."""
        if self.models.in_use is None and path is not None and path.is_dir():
            # What is asked meanwhile is for a pretrained model already.
            self.tab.spin_bar.set_model(USUAL_SHAPE, family="", score="logits")
        self.models.load(path, device=self.settings.device, threads=self.settings.threads)
        self.measure.set_device(self.settings.device, self.settings.threads)

    def load_chosen_model(self) -> None:
        """Load the model that was in use when the program ended; one that was taught meanwhile answers where it is better."""
        self.load_model(None if self.settings.model is None else Path(self.settings.model))
        self.teach.runner.take_up()

    # -- settings

    def batch_settings(self) -> BatchSettings:
        """As the chat has them; where it compares, the folder is answered as usual, with SPIN off."""
        choice, model = self.tab.spin_bar.choice(), self.models.in_use
        spin = choice.spin if choice.mode == "on" else None
        return BatchSettings(
            "" if model is None else model.name, spin, fitted_generation(self.settings.generation, model),
            finer=self.tab.finer.in_force,
        )

    def _folder_answers(self) -> Path | None:
        """Where answers about folders of photos are kept, if anywhere."""
        return paths.folder_answers() if self.settings.keep_history else None

    def open_settings(self) -> None:
        """The dialog; what is applied is in force at once."""
        from spinvlm_desktop.settings.settings_dialog import SettingsDialog  # not needed to show the window

        dialog = SettingsDialog(self.settings, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.settings_applied.connect(self._on_settings)
        dialog.open()

    def _on_settings(self, applied: AppSettings) -> None:
        before = self.settings
        self._keeper.change(**{field: getattr(applied, field) for field in IN_DIALOG})
        self._keeper.save()
        self._put_in_force(applied)
        self.batch.refresh()
        if (before.theme, before.font_size) != (applied.theme, applied.font_size):
            self.appearance_changed.emit(self.settings)
        if (before.device, before.threads) != (applied.device, applied.threads):
            self.models.reload(device=applied.device, threads=applied.threads)
            self.measure.set_device(applied.device, applied.threads)
        if before.keep_history == applied.keep_history:
            self.history.forget_older(applied.retention_days)
            if applied.retention_days is not None:
                forget_older(paths.folder_answers(), applied.retention_days)
        else:
            self.history.close()
            store, notice = self._open_history()
            self.history.use(store)
            if notice:
                self.show_notice(notice)

    def set_theme(self, theme: ThemeName) -> None:
        """Light, dark, or as the system has it."""
        self._keeper.change(theme=theme)
        self.appearance_changed.emit(self.settings)

    def _open_history(self) -> tuple[HistoryStore, str | None]:
        settings = self.settings
        if settings.retention_days is not None:
            forget_older(paths.folder_answers(), settings.retention_days)
        return open_history(paths.data_folder(), keep=settings.keep_history, retention_days=settings.retention_days)

    # -- the rest

    def event(self, event: QEvent) -> bool:
        """A question mark somewhere in the window leads to its place in the glossary."""
        if isinstance(event, HelpWanted):
            self.help.explain(event.topic)
            return True
        return super().event(event)

    def import_conversation(self, file: Path | None = None) -> None:
        """Show an exported conversation; without a file one is asked for."""
        number = self.exports.import_chosen() if file is None else self.exports.import_file(file)
        if number is not None:
            self.history.refresh()
            self.history.open(number)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ends what is under way, keeps what is there."""
        if not self.captioning.may_close() or not self._may_leave_training():
            event.ignore()
            return
        self.training.close_tab()
        self.teach.close()
        self.measure.close()
        store_geometry(self, self.tab)
        self._keeper.save()
        self.conversation.close()
        self.batch.close()
        self.classes.close()
        self.models.close()
        self.service.shut_down()
        self.history.close()
        event.accept()

    def _may_leave_training(self) -> bool:
        run = self.training.running()
        return run is None or may_close(self, run)
