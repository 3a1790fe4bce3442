from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot

from core.config import GenerationConfig, SpinConfig
from spinvlm_desktop.settings.app_settings import AppSettings
from spinvlm_desktop.settings.settings_dialog import SettingsDialog
from spinvlm_desktop.settings.settings_store import DAMAGED_NAME, SettingsStore

CHANGED = AppSettings(
    device="cpu", threads=2, theme="dark", font_size=14, keep_history=False, retention_days=30,
    generation=GenerationConfig(method="sampling", temperature=0.7, seed=3), spin_mode="compare", spin_own=True,
    spin=SpinConfig(keep=3, alpha=0.25), overlay_opacity=0.4, recent_images=("/photos/röt.jpg",), model="/models/a.safetensors",
)


@pytest.fixture
def store(tmp_path: Path) -> SettingsStore:
    return SettingsStore(tmp_path / "config" / "settings.json")


def test_settings_come_back_as_they_were_kept(store: SettingsStore) -> None:
    assert store.load() == (AppSettings(), None)
    assert store.save(CHANGED) is None
    assert store.load() == (CHANGED, None)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "damaged"), (b"{", "damaged"), (b"[1]", "damaged"), (b"\xff\xfe", "damaged"),
        (b'{"version": 1, "font_size": "large"}', "damaged"), (b'{"version": 1, "theme": "pink"}', "damaged"),
        (b'{"version": 1, "spin": {"keep": -1}}', "damaged"), (b'{"version": 1, "generation": [1]}', "damaged"),
        (b'{"version": 2}', "newer version"), (b"[" * 100_000, "damaged"),
    ],
)
def test_a_damaged_file_is_moved_aside_and_told(store: SettingsStore, content: bytes, words: str) -> None:
    store.path.parent.mkdir()
    store.path.write_bytes(content)
    settings, notice = store.load()
    assert settings == AppSettings()
    assert notice is not None
    assert words in notice
    assert store.path.with_name(DAMAGED_NAME).read_bytes() == content
    assert store.load() == (AppSettings(), None), "it is told once"


@pytest.mark.parametrize(("content", "own"), [
    ('{"version": 1}', False), ('{"version": 1, "spin_mode": "off"}', False), ('{"version": 1, "spin_mode": "on"}', True),
])
def test_a_choice_of_an_earlier_version_is_the_users_own(store: SettingsStore, content: str, own: bool) -> None:
    store.path.parent.mkdir()
    store.path.write_text(content)
    assert store.load()[0].spin_own is own


def test_fields_of_another_version_are_passed_over(store: SettingsStore) -> None:
    store.save(CHANGED)
    values = json.loads(store.path.read_text())
    values["spoken"] = True
    values["spin"]["mood"] = "good"
    store.path.write_text(json.dumps(values))
    assert store.load() == (CHANGED, None)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = SettingsStore(tmp_path / "file" / "settings.json")
    problem = store.save(CHANGED)
    assert problem is not None
    assert "can't be saved" in problem


def buttons(dialog: SettingsDialog) -> QDialogButtonBox:
    return dialog.findChildren(QDialogButtonBox)[0]


def test_the_dialog_applies_what_is_shown_and_keeps_the_rest(qtbot: QtBot) -> None:
    dialog = SettingsDialog(CHANGED)
    qtbot.addWidget(dialog)
    apply = buttons(dialog).button(QDialogButtonBox.StandardButton.Apply)
    assert dialog.settings() == CHANGED
    assert not apply.isEnabled()
    dialog._font_size.setValue(16)
    assert apply.isEnabled()
    with qtbot.waitSignal(dialog.settings_applied) as applied:
        apply.click()
    assert applied.args == [replace(CHANGED, font_size=16)]
    assert not apply.isEnabled()


def test_a_seed_that_is_no_number_is_refused_in_place(qtbot: QtBot) -> None:
    dialog = SettingsDialog(CHANGED)
    qtbot.addWidget(dialog)
    dialog._answers._seed.setText("seven")
    ok = buttons(dialog).button(QDialogButtonBox.StandardButton.Ok)
    assert "whole number" in dialog._error.text()
    assert not ok.isEnabled()
    dialog._answers._seed.setText("7")
    assert ok.isEnabled()
    assert dialog.settings().generation.seed == 7


def test_defaults_are_shown_and_taken_only_with_ok(qtbot: QtBot) -> None:
    dialog = SettingsDialog(CHANGED)
    qtbot.addWidget(dialog)
    with qtbot.assertNotEmitted(dialog.settings_applied):
        buttons(dialog).button(QDialogButtonBox.StandardButton.RestoreDefaults).click()
    shown = dialog.settings()
    assert (shown.theme, shown.font_size, shown.generation) == ("system", AppSettings().font_size, GenerationConfig())
    assert (shown.model, shown.recent_images, shown.spin) == (CHANGED.model, CHANGED.recent_images, CHANGED.spin)
