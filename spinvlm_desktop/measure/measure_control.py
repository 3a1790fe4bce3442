"""Joins the tab that measures models with a model of its own, which shows where it looked, and with the chat."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from core.answer_model import ModelDescription
from core.answers import Answer, AnswerRequest, HeadIndex
from core.config import GREEDY, GenerationConfig
from spinvlm_desktop.answers.answer_words import answer_words
from spinvlm_desktop.answers.spin_words import off_by_hand, suppression
from spinvlm_desktop.measure.measure_tab import MeasureTab
from spinvlm_desktop.models.model_list import find_models, find_pretrained, find_taught, other_bundled_models
from spinvlm_desktop.system import paths
from spinvlm_desktop.train.training_tab import TrainingTab
from spinvlm_desktop.worker.answer_worker import ModelChoice

if TYPE_CHECKING:
    from spinvlm_desktop.measure.results.captions.captions_view import CaptionsView
    from spinvlm_desktop.measure.results.results_view import ResultsView
    from spinvlm_desktop.measure.results.shown_reports import ShownRow
    from spinvlm_desktop.worker.answer_service import AnswerService
    from training.evaluation.judged_captions import ListedPhoto

OTHER_METHOD = "A map can be shown for settings of SPIN only, and “{name}” is another method."
PATIENCE = 0.4
"""Seconds that the model's thread has to end when the window closes."""


@dataclass(frozen=True)
class _Wanted:
    """A map that was asked for."""

    view: CaptionsView
    row: ShownRow
    photo: ListedPhoto
    word: int
    ablated: frozenset[HeadIndex] = frozenset()

    @property
    def caption(self) -> tuple[Path, str, str, frozenset[HeadIndex]]:
        """What the answer depends on: another word of it needs no other answer."""
        return self.row.shown.folder.path, self.row.row.name, self.photo.name, self.ablated


class MeasureControl(QObject):
    """Its model is another one than the chat's, in a thread of its own; it is loaded when a map is first wanted."""

    setting_wanted = Signal(object, object)
    """Path of a model file, None for the starter model; and SpinConfig, None for SPIN off."""

    def __init__(self, training: TrainingTab, window: QWidget) -> None:
        super().__init__(window)
        self.tab = MeasureTab(paths.measurements_folder(), models=_models, training=training.running)
        self.tab.results_shown.connect(self._on_results)
        self._service: AnswerService | None = None
        self._device: tuple[str, int | None] = ("auto", None)
        self._loaded: ModelChoice | None = None
        self._model: ModelDescription | None = None
        self._wanted: _Wanted | None = None
        self._request_id: int | None = None
        self._shown: tuple[_Wanted, Answer] | None = None

    def set_device(self, device: str, threads: int | None) -> None:
        """What the model computes on, as in the chat."""
        if (device, threads) != self._device:
            self._device, self._loaded = (device, threads), None

    def close(self) -> None:
        """Before the window goes; what is measured goes on."""
        self.tab.close_tab()
        if self._service is not None:
            self._service.shut_down(patience=PATIENCE)

    def _on_results(self, results: ResultsView) -> None:
        results.setting_wanted.connect(self._on_setting_wanted)
        view = results.captions
        view.map_wanted.connect(lambda row, photo, word: self._ask(_Wanted(view, row, photo, word)))
        view.map.again_wanted.connect(self._on_again)

    def _on_setting_wanted(self, row: ShownRow) -> None:
        model = row.shown.settings.model
        self.setting_wanted.emit(None if model is None else Path(model), row.row.spin)

    # -- maps

    def _on_again(self, ablated: frozenset[HeadIndex]) -> None:
        if self._shown is not None:
            before = self._shown[0]
            self._ask(_Wanted(before.view, before.row, before.photo, before.word, ablated))

    def _ask(self, wanted: _Wanted) -> None:
        if not wanted.row.row.usable_in_chat:
            wanted.view.map.fail(OTHER_METHOD.format(name=wanted.row.row.name))
            return
        self._wanted = wanted
        if self._shown is not None and self._shown[0].caption == wanted.caption and self._shown[0].view is wanted.view:
            self._show(wanted, self._shown[1])
            return
        service = self._ready_service()
        if self._request_id is not None:
            service.forget(self._request_id)
            self._request_id = None
        settings, report = wanted.row.shown.settings, wanted.row.shown.report
        path = None if settings.model is None else Path(settings.model)
        choice = ModelChoice(path, *self._device, content_hash=report.model_hash or None)  # a folder may have no revision
        wanted.view.map.say("Asking the model again…")
        if choice != self._loaded:
            self._loaded = choice
            self._model = None
            service.load_model(choice)
        elif self._model is not None:
            self._send(wanted)

    def _ready_service(self) -> AnswerService:
        if self._service is None:
            from spinvlm_desktop.worker.answer_service import AnswerService

            self._service = AnswerService(self)
            self._service.model_loaded.connect(self._on_loaded)
            self._service.model_failed.connect(self._on_load_failed)
            self._service.answered.connect(self._on_answered)
            self._service.answer_failed.connect(self._on_failed)
        return self._service

    def _send(self, wanted: _Wanted) -> None:
        as_in_chat = wanted.row.row.as_in_chat
        request = AnswerRequest(  # as the measurement asked it
            wanted.photo.path, wanted.row.shown.report.question, spin=wanted.row.row.spin, ablated_heads=wanted.ablated,
            generation=GenerationConfig() if as_in_chat else GREEDY, free_form=not as_in_chat,
        )
        self._request_id = self._ready_service().ask(request)

    def _on_loaded(self, described: ModelDescription) -> None:
        self._model = described
        if self._wanted is not None:
            self._send(self._wanted)

    def _on_load_failed(self, sentence: str, _details: str) -> None:
        self._loaded = None
        self._fail(sentence)

    def _on_failed(self, _request_id: int, sentence: str, _details: str) -> None:
        self._request_id = None
        self._fail(sentence)

    def _fail(self, sentence: str) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is not None and self._is_shown(wanted):
            wanted.view.map.fail(sentence)

    def _on_answered(self, request_id: int, answer: Answer) -> None:
        if request_id == self._request_id and self._wanted is not None:
            self._request_id = None
            self._show(self._wanted, answer)

    def _show(self, wanted: _Wanted, answer: Answer) -> None:
        self._shown = wanted, answer
        if not self._is_shown(wanted):
            return
        assert self._model is not None
        words = [word.text for word in answer_words(answer.tokens)]
        said = wanted.view.wanted_caption().split()
        # Also another answer may have the same word in the same place.
        there = words[wanted.word : wanted.word + 1] == said[wanted.word : wanted.word + 1]
        same = words == said
        wanted.view.map.show_answer(
            answer, word=wanted.word if there else None,
            notice=_notice(wanted, answer, same=same), same=same, ablated=wanted.ablated,
        )

    def _is_shown(self, wanted: _Wanted) -> bool:
        """Whether the page still shows that photo."""
        return isValid(wanted.view) and wanted.view.map.photo == wanted.photo.path


def _models() -> list[tuple[str, Path]]:
    own = find_models(paths.runs_folder(), paths.models_folder())
    found = [*other_bundled_models(), *find_taught(paths.taught_folder()), *own, *find_pretrained(paths.models_folder())]
    return [(each.name, each.path) for each in found]


def _notice(wanted: _Wanted, answer: Answer, *, same: bool) -> str:
    how = ", ".join(part for part in (suppression(wanted.row.row.spin), off_by_hand(wanted.ablated)) if part)
    settings = wanted.row.shown.settings
    who = "the starter model" if settings.model is None else f"“{settings.model_name}”"
    made = f"Where {who} looked for the chosen word ({how})."
    if same:
        return made
    if wanted.ablated:
        return f"Without those heads it says “{answer.text}”; choose a word below. {made}"
    return f"Asked again, one photo at a time, it says something else: “{answer.text}”. The maps are of that answer. {made}"
