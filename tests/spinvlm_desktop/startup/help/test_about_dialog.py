"""Help, About SpinVLM; the licences it shows; and photos that the system sends as events."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from spinvlm_desktop import __version__
from spinvlm_desktop.startup.help import licences
from spinvlm_desktop.startup.help.about_dialog import AboutDialog
from spinvlm_desktop.startup.help.glossary_dialog import ExplainedDialog
from spinvlm_desktop.startup.help.licences import (
    BUNDLED_NAME,
    Component,
    as_text,
    installed_components,
    third_party_licences,
    to_json,
)
from spinvlm_desktop.startup.opened_files import OpenedFiles


def test_it_shows_version_licence_and_what_the_program_is_made_of(qtbot: QtBot) -> None:
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert f"SpinVLM {__version__}" in words
    assert "Apache License 2.0" in words
    assert dialog.components.names.count() == 0, "read when they are wanted"
    dialog.tabs.setCurrentWidget(dialog.components)
    names = [dialog.components.names.item(row).text() for row in range(dialog.components.names.count())]
    (row,) = [row for row, name in enumerate(names) if name.startswith("PySide6")]
    dialog.components.names.setCurrentRow(row)
    text = dialog.components.text.toPlainText()
    assert "LGPL-3.0-only" in text
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text
    assert "https://download.qt.io" in text


def test_packages_that_others_need_are_named_too() -> None:
    found = {component.name.lower(): component for component in installed_components()}
    assert {"torch", "pillow", "python", "shiboken6", "mpmath"} <= set(found), "mpmath is needed by sympy, that by torch"
    assert "spinvlm-desktop" not in found
    assert "pytest" not in found
    assert found["torch"].version == metadata.version("torch")
    assert "Redistribution and use in source and binary forms" in found["torch"].text
    assert "third_party/" in found["torch"].text, "what torch itself is made of"
    assert all(component.licence and component.text for component in found.values())


def test_word_lists_questions_and_weights_of_others_are_named_with_their_authors() -> None:
    found = {component.name: component for component in installed_components()}
    words, questions = found["English words of SymSpell"], found["Questions of VQA"]
    for author in ("Copyright (c) 2021 Wolf Garbe", "Copyright (c) 2025 mmb L", "Google Books Ngram", "Copyright Kevin Atkinson"):
        assert author in words.text
    assert "MIT" in words.licence
    assert (questions.licence, "Yash Goyal" in questions.text) == ("CC-BY-4.0", True)
    encoder = found["all-MiniLM-L6-v2"]
    assert "Apache License" in encoder.text
    assert "The layers were changed" in encoder.text


def test_a_bundle_carries_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    carried = (Component("a library", "1.2", "MIT", "Permission is hereby granted – ü"),)
    (tmp_path / "licences").mkdir()
    (tmp_path / "licences" / BUNDLED_NAME).write_text(to_json(carried), encoding="utf-8")
    monkeypatch.setattr(licences.resources, "files", lambda _package: tmp_path)
    assert third_party_licences() == carried
    assert json.loads(to_json(carried))[0]["name"] == "a library"
    assert "a library 1.2 - MIT" in as_text(carried)


def test_a_photo_that_the_system_sends_is_opened(qapp: QApplication, qtbot: QtBot) -> None:
    opened = OpenedFiles(qapp)
    with qtbot.waitSignal(opened.photos_opened, timeout=1000) as caught:
        QCoreApplication.sendEvent(qapp, QFileOpenEvent("/photos/ein Bild ü.jpg"))
    assert caught.args == [[Path("/photos/ein Bild ü.jpg")]]
    qapp.removeEventFilter(opened)
    opened.deleteLater()


def test_the_words_of_the_window_are_explained(qtbot: QtBot) -> None:
    dialog = ExplainedDialog()
    qtbot.addWidget(dialog)
    text = dialog.text.toPlainText()
    for word in ("attention head", "layers", "SPIN", "alpha", "K=4", "Weakly grounded", "Class token", "CIDEr-D", "Loss"):
        assert word in text
