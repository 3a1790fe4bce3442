from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QDoubleSpinBox, QLabel, QLineEdit, QSpinBox
from pytestqt.qtbot import QtBot

from core.config import GenerationConfig, MethodName, ScoreName, SpinConfig
from spinvlm_desktop.settings.app_settings import GROUPS, AppSettings, DeviceName, SpinMode
from spinvlm_desktop.settings.setting_kinds import Choice
from spinvlm_desktop.settings.settings_dialog import SettingsDialog
from spinvlm_desktop.settings.settings_keeper import SettingsKeeper
from spinvlm_desktop.settings.settings_page import PAGE, settings_page
from spinvlm_desktop.settings.settings_store import DAMAGED_NAME, SettingsStore
from spinvlm_desktop.settings.settings_table import SETTINGS
from spinvlm_desktop.widgets.theme import ThemeName
from tests.spinvlm_desktop.driving import named

CHANGED = AppSettings(
    device="cpu", threads=2, theme="dark", font_size=14, keep_history=False, retention_days=30,
    generation=GenerationConfig(method="sampling", temperature=0.7, seed=3), spin_mode="compare", spin_by_user=True,
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
def test_a_damaged_file_is_moved_aside_and_reported(store: SettingsStore, content: bytes, words: str) -> None:
    store.path.parent.mkdir()
    store.path.write_bytes(content)
    settings, notice = store.load()
    assert settings == AppSettings()
    assert notice is not None
    assert words in notice
    assert "defaults are used" in notice
    assert store.path.with_name(DAMAGED_NAME).read_bytes() == content
    assert store.load() == (AppSettings(), None), "it is said once"


def test_a_damaged_value_gets_its_default_and_the_others_stay(store: SettingsStore) -> None:
    store.save(CHANGED)
    values = json.loads(store.path.read_text())
    values["font_size"] = "large"
    values["generation"]["temperature"] = None
    values["spin"]["alpha"] = 7
    values["recent_images"] = ["/photos/a.jpg", 3]
    damaged = json.dumps(values)
    store.path.write_text(damaged)
    settings, notice = store.load()
    assert settings == replace(
        CHANGED, font_size=AppSettings().font_size, generation=replace(CHANGED.generation, temperature=1.0),
        spin=replace(CHANGED.spin, alpha=0.0), recent_images=(),
    )
    assert notice is not None
    for name in ("font_size", "generation.temperature", "spin.alpha", "recent_images"):
        assert name in notice
    assert store.path.with_name(DAMAGED_NAME).read_text() == damaged, "nothing in it is lost"
    assert store.load() == (settings, None), "what could be read is kept"


def test_every_setting_is_in_the_table_and_every_default_is_allowed() -> None:
    fields = set(AppSettings().to_dict()) - {"version", *GROUPS}
    fields |= {f"{name}.{part}" for name in GROUPS for part in getattr(AppSettings(), name).to_dict()}
    assert {setting.name for setting in SETTINGS} == fields
    for setting in SETTINGS:
        setting.check(AppSettings().value(setting.name))


@pytest.mark.parametrize(("name", "values"), [
    ("device", get_args(DeviceName)), ("theme", get_args(ThemeName)), ("spin_mode", get_args(SpinMode)),
    ("generation.method", get_args(MethodName)), ("spin.score", get_args(ScoreName)),
])
def test_what_can_be_chosen_is_what_the_program_knows(name: str, values: tuple[str, ...]) -> None:
    (kind,) = [setting.kind for setting in SETTINGS if setting.name == name]
    assert isinstance(kind, Choice)
    assert set(dict(kind.options)) == set(values)


def test_the_page_of_settings_follows_the_table() -> None:
    assert (Path(__file__).parents[3] / PAGE).read_text(encoding="utf-8") == settings_page(), (
        "write it again: python -m spinvlm_desktop.settings.settings_page"
    )


@pytest.mark.parametrize(("content", "own"), [
    ('{"version": 1}', False), ('{"version": 1, "spin_mode": "off"}', False), ('{"version": 1, "spin_mode": "on"}', True),
    ('{"version": 1, "spin_mode": "on", "spin_own": false}', False), ('{"version": 1, "spin_own": true}', True),
])
def test_a_choice_of_an_earlier_version_is_the_users_own(store: SettingsStore, content: str, own: bool) -> None:
    store.path.parent.mkdir()
    store.path.write_text(content)
    assert store.load()[0].spin_by_user is own


def test_fields_of_another_version_are_passed_over(store: SettingsStore) -> None:
    store.save(CHANGED)
    values = json.loads(store.path.read_text())
    values["spoken"] = True
    values["spin"]["mood"] = "good"
    store.path.write_text(json.dumps(values))
    assert store.load() == (CHANGED, None)


def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = SettingsStore(tmp_path / "file" / "settings.json")
    problem = store.save(CHANGED)
    assert problem is not None
    assert "Couldn't save the settings" in problem


def test_a_change_is_on_the_disk_soon_and_recent_photos_only_where_history_is_kept(qtbot: QtBot, store: SettingsStore) -> None:
    keeper = SettingsKeeper(replace(CHANGED, keep_history=True), store)
    keeper.change(model="/models/b.safetensors")
    assert not store.path.exists(), "not at every step of a slider"
    qtbot.waitUntil(store.path.exists, timeout=10_000)
    assert store.load()[0] == replace(CHANGED, keep_history=True, model="/models/b.safetensors")
    keeper.change(keep_history=False)
    keeper.save()
    assert store.load()[0].recent_images == ()
    assert keeper.settings.recent_images == CHANGED.recent_images


def buttons(dialog: SettingsDialog) -> QDialogButtonBox:
    return dialog.findChildren(QDialogButtonBox)[0]


def test_the_dialog_applies_what_is_shown_and_keeps_the_rest(qtbot: QtBot) -> None:
    dialog = SettingsDialog(CHANGED)
    qtbot.addWidget(dialog)
    apply = buttons(dialog).button(QDialogButtonBox.StandardButton.Apply)
    assert dialog.settings() == CHANGED
    assert not apply.isEnabled()
    named(dialog, QSpinBox, "Font size").setValue(16)
    assert apply.isEnabled()
    with qtbot.waitSignal(dialog.settings_applied) as applied:
        apply.click()
    assert applied.args == [replace(CHANGED, font_size=16)]
    assert not apply.isEnabled()


def test_a_seed_that_is_no_number_is_refused_in_place(qtbot: QtBot) -> None:
    dialog = SettingsDialog(CHANGED)
    qtbot.addWidget(dialog)
    seed, error = named(dialog, QLineEdit, "Seed"), named(dialog, QLabel, "What is wrong")
    seed.setText("seven")
    ok = buttons(dialog).button(QDialogButtonBox.StandardButton.Ok)
    assert "whole number" in error.text()
    assert not ok.isEnabled()
    seed.setText("7")
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


def test_what_does_not_count_is_hidden_and_cannot_be_wrong(qtbot: QtBot) -> None:
    dialog = SettingsDialog(CHANGED)
    qtbot.addWidget(dialog)
    dialog.show()
    seed, width = named(dialog, QLineEdit, "Seed"), named(dialog, QSpinBox, "Beam width")
    assert (seed.isVisible(), width.isVisible()) == (True, False)
    seed.setText("seven")
    method = named(dialog, QComboBox, "Method")
    method.setCurrentIndex(method.findData("beam"))
    assert (seed.isVisible(), width.isVisible()) == (False, True)
    assert dialog.settings().generation == replace(CHANGED.generation, method="beam")


def test_a_number_with_more_digits_than_are_shown_stays_as_it_is(qtbot: QtBot) -> None:
    given = replace(CHANGED, generation=replace(CHANGED.generation, temperature=0.333, top_p=0.7777))
    dialog = SettingsDialog(given)
    qtbot.addWidget(dialog)
    assert dialog.settings() == given
    named(dialog, QDoubleSpinBox, "Temperature").setValue(0.5)
    assert dialog.settings().generation == replace(given.generation, temperature=0.5)


def test_none_has_a_word_of_its_own(qtbot: QtBot) -> None:
    dialog = SettingsDialog(replace(CHANGED, threads=None, retention_days=None, keep_history=True))
    qtbot.addWidget(dialog)
    threads, days = named(dialog, QSpinBox, "Threads"), named(dialog, QSpinBox, "Forget after")
    assert (threads.text(), days.text()) == ("Automatic", "Never")
    threads.setValue(3)
    days.setValue(14)
    assert (dialog.settings().threads, dialog.settings().retention_days) == (3, 14)
