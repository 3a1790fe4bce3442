"""A pretrained model in the window: chosen, asked, looked into, compared, kept in the history, and gone."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from core.answers import Answer, AnswerRequest, CellToken, Comparison
from core.config import GenerationConfig, ModelConfig
from spinvlm_desktop.chat.inside.spin_choice import SpinChoice
from spinvlm_desktop.chat.turns import Focus
from spinvlm_desktop.models.model_card_dialog import ModelCardDialog
from spinvlm_desktop.settings.app_settings import AppSettings
from spinvlm_desktop.settings.settings_store import SettingsStore
from spinvlm_desktop.startup.main_window import MainWindow
from spinvlm_desktop.system import paths
from tests.spinvlm_desktop.driving import (
    TIMEOUT,
    ask,
    change_settings,
    kept_turns,
    look_inside,
    open_conversation,
    open_photo,
    restart,
    visible_text,
)
from tests.spinvlm_desktop.pretrained_folders import saved

LENGTH = 6
SHAPE = ModelConfig(vocabulary_size=1, layers=28).shape


@pytest.fixture(scope="session")
def tiny_smolvlm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """It remembers a conversation. No test may change it."""
    return saved("smolvlm", tmp_path_factory)


@pytest.fixture
def window(
    own_home: Path, open_window: Callable[[], MainWindow], qtbot: QtBot, beach_photo: Path, tiny_smolvlm: Path
) -> MainWindow:
    """The window with a pretrained model in use and a photo, and short answers."""
    settings = AppSettings(generation=GenerationConfig(max_tokens=LENGTH), threads=1)
    SettingsStore(paths.config_folder() / "settings.json").save(settings)
    window = open_window()
    use(window, qtbot, tiny_smolvlm)
    open_photo(window, qtbot, beach_photo)
    return window


def use(window: MainWindow, qtbot: QtBot, model: Path | None) -> None:
    with qtbot.waitSignal(window.models.in_use_changed, timeout=TIMEOUT):
        window.load_model(model)


def answered(window: MainWindow, qtbot: QtBot, question: str) -> Answer:
    answer = ask(window, qtbot, question)
    assert isinstance(answer, Answer)
    return answer


def test_a_folder_answers_and_says_which_model_it_is(window: MainWindow, qtbot: QtBot, tiny_smolvlm: Path) -> None:
    answer = answered(window, qtbot, "Is it red?")
    assert 1 <= len(answer.tokens) <= LENGTH
    assert all(isinstance(token, CellToken) for token in answer.tokens)
    assert answer.origin is not None
    assert answer.origin.name == "smolvlm"
    assert "smolvlm" in window.models.label.text()
    assert "cpu, " in window.models.label.text()
    assert "Revision: unknown" in window.models.label.toolTip()
    window.models.show_card()
    (card,) = window.findChildren(ModelCardDialog)
    assert "was made by others" in card.text()
    card.show_figures()
    assert "3 layers, 8 heads in each" in card.text()
    card.close()
    assert window.settings.model == str(tiny_smolvlm)
    assert [turn.model for turn in kept_turns(window)] == ["smolvlm"]


def test_earlier_turns_are_given_along_and_a_new_chat_forgets_them(window: MainWindow, qtbot: QtBot) -> None:
    alone = answered(window, qtbot, "Is it red?")
    later = answered(window, qtbot, "Is it red?")
    window.conversation.begin()
    again = answered(window, qtbot, "Is it red?")
    probabilities = [answer.tokens[0].probability for answer in (alone, later, again)]
    assert probabilities[0] == probabilities[2] != probabilities[1]


def test_the_cells_lie_on_the_photo_and_a_heads_own_map_is_made_again(window: MainWindow, qtbot: QtBot) -> None:
    answer = answered(window, qtbot, "Is it red?")
    attention = window.tab.attention
    with qtbot.waitSignal(attention.heat_map_changed) as shown:
        look_inside(window)
        attention.select_word(0)
    assert shown.args is not None
    assert shown.args[0] is not None
    assert answer.layout is not None
    assert window.tab.image.view.accessibleDescription().endswith(".jpg")
    with qtbot.waitSignal(window.service.head_maps_ready, timeout=TIMEOUT) as made:
        attention.grid.head_chosen.emit((1, 2))
    assert made.args is not None
    token, maps = answer.tokens[made.args[1]], made.args[2]
    assert maps.shape == (3, 8, answer.layout.cell_count)
    assert isinstance(token, CellToken)
    kept = token.head_gate[1] >= 1
    np.testing.assert_allclose(maps[1, kept].astype(np.float32).mean(0), token.cell_attention[1], atol=2e-3)
    qtbot.waitUntil(lambda: "Strongest" in visible_text(window.tab.inspector), timeout=TIMEOUT)
    attention.show_patch(0, 0)
    assert "cell in row 1, column 1" in visible_text(window.tab.inspector)


def test_a_head_can_be_switched_off_and_the_question_asked_again(window: MainWindow, qtbot: QtBot) -> None:
    answered(window, qtbot, "Is it red?")
    look_inside(window)
    window.tab.attention.grid.ablation_toggled.emit(2, 7)
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT) as done:
        window.tab.attention.ask_again_requested.emit()
    assert done.args is not None
    assert done.args[1].tokens[0].head_gate[2, 7] == 0
    assert kept_turns(window)[-1].ablated == {(2, 7)}


def test_spin_is_off_until_it_is_chosen_and_ranks_by_logits(
    window: MainWindow, qtbot: QtBot, open_window: Callable[[], MainWindow], tiny_smolvlm: Path
) -> None:
    bar = window.tab.spin_bar
    look_inside(window)
    assert bar.choice().mode == "off"
    own = SpinChoice("compare", replace(bar.wanted().spin, keep=3))
    assert own.spin.score == "logits"
    bar.set_choice(own)
    bar.choice_changed.emit()
    compared = ask(window, qtbot, "Is it red?")
    assert isinstance(compared, Comparison)
    assert ((compared.spin.tokens[0].head_gate == 1).sum(axis=1) == 3).all()
    assert (compared.baseline.tokens[0].head_gate == 1).all()
    use(window, qtbot, None)
    assert bar.wanted().spin.score == "mass", "the small model's setting is its own"
    assert window.settings.pretrained_spin == own.spin
    again = restart(window, open_window)
    use(again, qtbot, tiny_smolvlm)
    assert again.tab.spin_bar.wanted() == own


def test_finer_says_what_it_costs_and_is_remembered_for_the_model(
    window: MainWindow, qtbot: QtBot, open_window: Callable[[], MainWindow], tiny_smolvlm: Path
) -> None:
    finer = window.tab.finer
    assert finer.isVisibleTo(window.tab)
    assert re.fullmatch(r"Finer \(\+[\d.]+ (s|min)\)", finer.text())
    plain = answered(window, qtbot, "Is it red?")
    finer.click()
    closer = answered(window, qtbot, "Is it red?")
    number = window.conversation.recorder.id
    assert (plain.finer, closer.finer) == (False, True)
    assert plain.layout is not None
    assert closer.layout is not None
    assert closer.layout.cell_count > plain.layout.cell_count
    assert "looked finer" in list(window.conversation.turns().values())[-1].made_by()
    use(window, qtbot, None)
    assert not finer.isVisibleTo(window.tab)
    assert not window.batch_settings().finer
    assert not answered(window, qtbot, "Is it red?").finer
    again = restart(window, open_window)
    use(again, qtbot, tiny_smolvlm)
    assert again.tab.finer.isChecked()
    assert again.batch_settings().finer
    assert number is not None
    open_conversation(again, qtbot, number)
    look_inside(again)
    again.conversation.focus.set(Focus(list(again.conversation.turns())[1], "answer"))
    again.tab.attention.select_word(0)
    with qtbot.waitSignal(again.service.head_maps_ready, timeout=TIMEOUT) as made:
        again.tab.attention.grid.head_chosen.emit((0, 0))
    assert made.args is not None
    assert made.args[2].shape[-1] == closer.layout.cell_count, "the map of a head is made again as the photo was looked at"
    again.tab.finer.click()
    assert again.settings.finer_models == ()


def test_a_model_that_cannot_look_finer_answers_what_another_was_asked(window: MainWindow, qtbot: QtBot) -> None:
    use(window, qtbot, None)
    photo = window.conversation.photo
    assert photo is not None
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT) as done:
        window.service.ask(AnswerRequest(photo.source, "Is it red?", finer=True))
    assert done.args is not None
    assert not done.args[1].finer


def test_what_was_published_for_the_models_family_comes_first(window: MainWindow) -> None:
    bar = window.tab.spin_bar
    bar.set_model(SHAPE, family="Qwen-VL", score="logits")
    titles = [action.text() for action in bar.presets.actions()]
    assert titles[0].startswith("Half of the heads")
    assert titles[1].startswith("Authors' for Qwen-VL")
    bar.set_model(SHAPE, family="LLaVA-1.5", score="logits")
    titles = [action.text() for action in bar.presets.actions()]
    assert titles[1].startswith("Authors' for captions")
    assert any("MMHal" in title for title in titles)
    bar.set_model(SHAPE)
    assert not any("MMHal" in action.text() for action in bar.presets.actions())


def test_an_old_conversation_opens_with_its_maps_when_the_model_is_gone(
    window: MainWindow, qtbot: QtBot, open_window: Callable[[], MainWindow]
) -> None:
    before = answered(window, qtbot, "Is it red?")
    number = window.conversation.recorder.id
    assert number is not None
    again = restart(window, open_window)
    use(again, qtbot, None)
    look_inside(again)
    open_conversation(again, qtbot, number)
    (turn,) = kept_turns(again)
    assert turn.answer is not None
    assert (turn.answer.origin, turn.answer.layout) == (before.origin, before.layout)
    attention = again.tab.attention
    with qtbot.waitSignal(attention.heat_map_changed) as shown:
        attention.select_word(0)
    assert shown.args is not None
    assert shown.args[0] is not None
    attention.grid.head_chosen.emit((0, 0))
    assert "has to be made by the model that answered" in visible_text(again.tab.inspector)
    answer = ask(again, qtbot, "What is the person doing?")
    assert isinstance(answer, Answer)
    assert answer.origin is None


def test_a_beam_search_is_refused_before_the_model_is_loaded(
    open_window: Callable[[], MainWindow], qtbot: QtBot, tiny_smolvlm: Path
) -> None:
    window = open_window()
    use(window, qtbot, None)
    change_settings(window, generation=GenerationConfig(method="beam"))
    with qtbot.waitSignal(window.service.model_failed, timeout=TIMEOUT) as failed:
        window.models.use(tiny_smolvlm)
    assert failed.args is not None
    assert "not by beam search" in failed.args[0]
    for box in window.findChildren(QMessageBox):
        box.close()
    assert window.models.in_use is not None
    assert window.models.in_use.family is None


def test_stop_ends_an_answer_within_a_token(window: MainWindow, qtbot: QtBot) -> None:
    change_settings(window, generation=GenerationConfig(max_tokens=200, method="sampling", seed=1))
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT) as done:
        with qtbot.waitSignal(window.service.tokens_ready, timeout=TIMEOUT):
            window.conversation.ask("Describe the photo.")
        window.service.stop()
    assert done.args is not None
    answer = done.args[1]
    assert answer.finish == "stopped"
    assert len(answer.tokens) < 200
    assert "Stopped" in visible_text(window.tab.chat)


def test_downloaded_models_are_in_the_menu(
    window: MainWindow, tiny_smolvlm: Path
) -> None:
    shutil.copytree(tiny_smolvlm, paths.models_folder() / "org--tiny")
    window.models.menu.aboutToShow.emit()
    titles = [action.text() for action in window.models.menu.actions()]
    assert "org--tiny" in titles
    assert "smolvlm" in titles, "the folder in use"
    assert "&Use a folder…" in titles


def test_a_folder_that_is_no_model_leaves_the_one_before_in_use(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    with qtbot.waitSignal(window.service.model_failed, timeout=TIMEOUT) as failed:
        window.models.use(tmp_path)
    assert failed.args is not None
    assert "config.json is missing" in failed.args[0]
    for box in window.findChildren(QMessageBox):
        box.close()
    assert "smolvlm" in window.models.label.text()
    assert answered(window, qtbot, "Is it red?").origin is not None



def test_a_folder_of_photos_is_answered_and_each_line_names_the_model(
    window: MainWindow, qtbot: QtBot, photos: Path, tmp_path: Path
) -> None:
    window.batch.show()
    dialog = window.batch.dialog
    assert dialog is not None
    dialog.set_folder(photos)
    dialog.form.question.setText("Is it red?")
    with qtbot.waitSignal(window.service.batch_ended, timeout=TIMEOUT):
        dialog.start_button.click()
    dialog.export_button.write("jsonl", tmp_path / "answers.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "answers.jsonl").read_text("utf-8").splitlines()]
    assert {Path(line["image"]).name for line in lines} == {path.name for path in photos.iterdir()}
    assert {line["model"] for line in lines} == {"smolvlm"}
    assert all(line["error"] is None for line in lines)
    dialog.close()
