"""Help: the tour, the shortcuts, the glossary and the question marks that lead to it; letters that lead somewhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from importlib import resources

import pytest
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QAbstractButton, QMenu, QPushButton, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from spinvlm_desktop.startup.help.glossary_dialog import ExplainedDialog
from spinvlm_desktop.startup.help.shortcuts_dialog import ShortcutsDialog
from spinvlm_desktop.startup.help.tour_dialog import STEPS, TourDialog
from spinvlm_desktop.startup.main_window import MainWindow
from spinvlm_desktop.startup.progress_badges import ProgressBadges
from spinvlm_desktop.widgets.help.help_mark import HelpMark, HoverHelpMark
from spinvlm_desktop.widgets.help.help_topics import CERTAINTY, SETTINGS, SPIN, TOPICS, TRAINING_SETTINGS
from tests.spinvlm_desktop.chat.patch_answers import make_answer
from tests.spinvlm_desktop.driving import look_inside, visible_text


@pytest.fixture
def empty(open_window: Callable[[], MainWindow]) -> MainWindow:
    """The window without a photo or a model."""
    return open_window()


def letter_of(text: str) -> str:
    found = re.search(r"&([A-Za-z])", text.replace("&&", ""))
    return found[1].lower() if found else ""


def test_each_letter_leads_to_one_menu_or_tab(empty: MainWindow) -> None:
    titles = [action.text() for action in empty.menuBar().actions()]
    titles += [empty.tabs.tabText(row) for row in range(empty.tabs.count())]
    letters = Counter(map(letter_of, titles))
    assert "" not in letters, titles
    assert max(letters.values()) == 1, titles


def test_no_button_of_a_tab_takes_a_letter_of_menu_or_tab(empty: MainWindow) -> None:
    titles = [action.text() for action in empty.menuBar().actions()]
    titles += [empty.tabs.tabText(row) for row in range(empty.tabs.count())]
    for tab in (empty.training, empty.measure.tab):
        empty.tabs.setCurrentWidget(tab)
        buttons = [button.text() for button in tab.findChildren(QAbstractButton) if button.isVisible()]
        assert not {letter_of(text) for text in buttons} & set(map(letter_of, titles)) - {""}


def test_the_tour_shows_a_picture_and_a_sentence_at_each_step(qtbot: QtBot) -> None:
    dialog = TourDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    seen: list[str] = []
    for name, title, text in STEPS:
        picture = QPixmap()
        assert picture.loadFromData(resources.files("resources").joinpath("tour", f"{name}.jpg").read_bytes())
        assert picture.width() >= 700, "its text can be read"
        seen.append(visible_text(dialog))
        assert title in seen[-1]
        assert text in seen[-1]
        next(button for button in dialog.findChildren(QPushButton) if button.isDefault()).click()
    assert len(set(seen)) == len(STEPS)
    assert not dialog.isVisible(), "the last step closes it"


def test_the_page_of_shortcuts_has_every_key_of_the_menus(empty: MainWindow) -> None:
    empty.help.show_shortcuts()
    text = empty.findChildren(ShortcutsDialog)[0].text.toPlainText()
    keys = [
        action.shortcut().toString() for menu in empty.menuBar().findChildren(QMenu) for action in menu.actions()
        if not action.shortcut().isEmpty()
    ]
    assert len(keys) > 15
    for key in keys:
        assert key in text


@pytest.mark.parametrize("topic", TOPICS)
def test_the_glossary_opens_at_a_topic(qtbot: QtBot, topic: str) -> None:
    dialog = ExplainedDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.show_topic(topic)
    assert dialog.text.textCursor().block().text() == topic


def test_question_marks_lead_to_their_place(empty: MainWindow) -> None:
    look_inside(empty)
    empty.tabs.setCurrentWidget(empty.training)
    certain = replace(make_answer("yes"), certainty=0.95)
    empty.tab.chat.add_turn(1, "Is there a dog?")
    empty.tab.chat.finish_answer(1, certain, meta="")
    marks = [*empty.findChildren(HelpMark), *empty.findChildren(HoverHelpMark)]
    names = {mark.accessibleName().removeprefix("Explain: ") for mark in marks}
    assert names >= {SPIN, SETTINGS, CERTAINTY, TRAINING_SETTINGS}
    for mark in marks:
        mark.click()
        (dialog,) = empty.findChildren(ExplainedDialog)
        assert mark.accessibleName() == f"Explain: {dialog.text.textCursor().block().text()}"


def test_a_tab_wears_the_per_cent_of_what_runs_in_it(qtbot: QtBot) -> None:
    tabs = QTabWidget()
    qtbot.addWidget(tabs)
    pages = [QWidget() for _ in range(3)]
    for page, title in zip(pages, ("Ch&at", "&Train", "Meas&ure"), strict=True):
        tabs.addTab(page, title)
    badges = ProgressBadges(tabs)
    badges.show_progress(pages[1], 0.427)
    badges.show_progress(pages[2], 0.999)
    assert [tabs.tabText(row) for row in range(3)] == ["Ch&at", "&Train  42 %", "Meas&ure  99 %"]
    badges.show_progress(pages[1], None)
    assert tabs.tabText(1) == "&Train"
