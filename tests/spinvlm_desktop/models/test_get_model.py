"""*Get a model…*: listed without a network, downloaded from a hub on this computer, paused, gone on with, used and removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from spinvlm_desktop.models.get_dialog import GetModelDialog
from spinvlm_desktop.models.model_table import HERE, SIZE
from spinvlm_desktop.startup.main_window import MainWindow
from spinvlm_desktop.system import paths
from tests.core.pretrained.fake_hub import FakeHub, serve
from tests.spinvlm_desktop.driving import TIMEOUT, named, press_when_asked, visible_text
from tests.spinvlm_desktop.pretrained_folders import saved

pytestmark = pytest.mark.timeout(900)
LONG = 4 * TIMEOUT
"""Milliseconds: another process has to import the libraries."""


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved("smolvlm", tmp_path_factory)


@pytest.fixture
def hub(model: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeHub]:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    with serve(FakeHub({path.name: path.read_bytes() for path in model.iterdir()})) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.endpoint)
        monkeypatch.delenv("HF_HUB_OFFLINE")
        yield served


@pytest.fixture
def dialog(hub: FakeHub, open_window: Callable[[], MainWindow]) -> GetModelDialog:
    """The dialog, opened from the window's menu. It has asked the hub nothing."""
    window = open_window()
    window.models.menu.aboutToShow.emit()
    (action,) = [action for action in window.models.menu.actions() if action.text() == "&Get a model…"]
    action.trigger()
    found = window.models.get_dialog
    assert found is not None
    return found


def rows(dialog: GetModelDialog) -> list[str]:
    table = dialog.table
    shown = [row for row in range(table.rowCount()) if not table.isRowHidden(row)]
    return [table.item(row, 0).text().removesuffix(" (proposed)") for row in shown]


def choose(dialog: GetModelDialog, name: str) -> None:
    dialog.table.selectRow([dialog.table.item(row, 0).text() for row in range(dialog.table.rowCount())].index(name))


def state(dialog: GetModelDialog, name: str) -> str:
    table = dialog.table
    (row,) = [row for row in range(table.rowCount()) if table.item(row, 0).text() == name]
    return table.item(row, HERE).text()


def test_models_are_listed_searched_and_sorted_and_the_time_of_an_answer_is_measured(
    dialog: GetModelDialog, hub: FakeHub, qtbot: QtBot
) -> None:
    assert len(rows(dialog)) >= 8
    assert rows(dialog)[0] == "HuggingFaceTB/SmolVLM-256M-Instruct", "the smallest download comes first"
    chosen = dialog.table.chosen()
    assert chosen is not None
    assert chosen.is_proposed
    named(dialog, QLineEdit, "Search the models").setText("qwen 2b")
    assert all("Qwen" in name for name in rows(dialog))
    assert rows(dialog)
    named(dialog, QLineEdit, "Search the models").clear()
    dialog.table.sortItems(SIZE, dialog.table.horizontalHeader().sortIndicatorOrder().DescendingOrder)
    assert rows(dialog)[-1] == "HuggingFaceTB/SmolVLM-256M-Instruct"
    qtbot.waitUntil(lambda: "about" in dialog.table.item(0, 5).text(), timeout=LONG)
    choose(dialog, "google/gemma-3-4b-it")
    assert "accepted on huggingface.co/google/gemma-3-4b-it" in visible_text(dialog)
    assert hub.log == [], "nothing is asked of the network before Download"


def test_a_model_is_downloaded_by_its_name_paused_gone_on_with_used_and_removed(
    dialog: GetModelDialog, hub: FakeHub, qtbot: QtBot
) -> None:
    hub.bytes_a_second = 30_000
    named(dialog, QLineEdit, "Name of another model").setText("org/tiny")
    named(dialog, QPushButton, "Download it").click()
    with qtbot.waitSignal(dialog.download.progressed, timeout=LONG, check_params_cb=lambda done, *_: done > 0):
        pass
    assert not named(dialog, QPushButton, "Download").isEnabled(), "one at a time"
    named(dialog, QPushButton, "Pause").click()
    assert state(dialog, "org/tiny").endswith("% downloaded")
    hub.bytes_a_second = None
    choose(dialog, "org/tiny")
    with qtbot.waitSignal(dialog.downloaded, timeout=LONG):
        named(dialog, QPushButton, "Download").click()
    assert len(hub.asked_for("config.json")) == 1, "it went on where it was"
    assert state(dialog, "org/tiny") == "yes"
    with qtbot.waitSignal(dialog.use_wanted) as wanted:
        named(dialog, QPushButton, "Use").click()
    assert wanted.args == [paths.models_folder() / "org--tiny"]
    window = dialog.parent()
    assert isinstance(window, MainWindow)
    with qtbot.waitSignal(window.models.in_use_changed, timeout=LONG):
        pass
    assert "org/tiny" in window.models.label.text()
    assert "0123456789abcdef" in window.models.label.toolTip()
    dialog.show_models(in_use=window.models.file)
    choose(dialog, "org/tiny")
    assert not named(dialog, QPushButton, "Remove").isEnabled(), "it is in use"
    with qtbot.waitSignal(window.models.in_use_changed, timeout=LONG):
        window.models.use(None)
    dialog.show_models(in_use=window.models.file)
    press_when_asked(dialog, "Remove")
    named(dialog, QPushButton, "Remove").click()
    qtbot.waitUntil(lambda: "org/tiny" not in rows(dialog), timeout=TIMEOUT)
    assert not (paths.models_folder() / "org--tiny").exists()


def test_what_goes_wrong_with_a_download_is_said(dialog: GetModelDialog, qtbot: QtBot) -> None:
    with qtbot.waitSignal(dialog.download.ended, timeout=LONG):
        dialog.start("org/none")
    assert "The hub has no model org/none" in visible_text(dialog)
    assert named(dialog, QPushButton, "Download").isEnabled()
