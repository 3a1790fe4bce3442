from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from spinvlm_desktop.widgets.figure_table import PADDING, FigureTable
from spinvlm_desktop.widgets.theme import apply_theme

ROWS = (("all of them", "52 (47–58)", "1,234"), ("asked by people", "8 (3–14)", "56"))


@pytest.fixture
def table(qtbot: QtBot, qapp: QApplication) -> FigureTable:
    apply_theme(qapp, "light", font_size=10)
    table = FigureTable("Figures", ("What", "Right,\n%", "Answers"))
    table.fit_figures()
    qtbot.addWidget(table)
    return table


def texts(table: FigureTable, column: int) -> list[str]:
    items = (table.item(row, column) for row in range(table.rowCount()))
    return [item.text() for item in items if item is not None]  # pyright: ignore[reportUnnecessaryComparison]


def widths(table: FigureTable) -> list[int]:
    return [table.columnWidth(column) for column in range(table.columnCount())]


def lowest(table: FigureTable) -> int:
    """Pixels below the last row; not negative where all of it is in sight."""
    last = table.rowCount() - 1
    return table.viewport().height() - table.rowViewportPosition(last) - table.rowHeight(last)


def test_where_there_is_room_a_figure_and_its_interval_are_one_line(table: FigureTable) -> None:
    table.resize(500, 200)
    table.show_rows(ROWS)
    table.show()
    assert texts(table, 1) == ["52 (47–58)", "8 (3–14)"]
    assert sum(widths(table)) == table.viewport().width()


def test_in_a_narrow_table_intervals_go_below_their_figures_and_come_back(table: FigureTable, qtbot: QtBot) -> None:
    table.resize(500, 200)
    table.show_rows(ROWS)
    table.show()
    height = table.height()
    table.resize(table.sizeHint().width() - 10, table.height())
    assert texts(table, 1) == ["52\n(47–58)", "8\n(3–14)"]
    assert sum(widths(table)) == table.viewport().width()
    assert table.height() > height
    qtbot.waitUntil(lambda: lowest(table) >= 0)
    for row, name in enumerate(texts(table, 0)):
        assert table.fontMetrics().horizontalAdvance(name) < table.columnWidth(0), row
    table.resize(500, table.height())
    assert texts(table, 1) == ["52 (47–58)", "8 (3–14)"]
    assert table.height() == height


def test_what_has_no_room_at_all_can_be_scrolled_to(table: FigureTable, qtbot: QtBot) -> None:
    table.resize(120, 200)
    table.show_rows(ROWS)
    table.show()
    assert sum(widths(table)) > table.viewport().width()
    assert table.horizontalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAsNeeded
    qtbot.waitUntil(lambda: lowest(table) >= 0)


def test_all_rows_stay_in_sight_in_another_font_size(table: FigureTable, qapp: QApplication, qtbot: QtBot) -> None:
    table.resize(800, 200)
    table.show_rows(ROWS)
    table.show()
    before = table.rowHeight(0)
    apply_theme(qapp, "light", font_size=16)
    try:
        assert table.rowHeight(0) > before
        qtbot.waitUntil(lambda: lowest(table) >= 0)
    finally:
        apply_theme(qapp, "light", font_size=10)


def test_names_have_their_room_where_columns_share_the_rest(qtbot: QtBot, qapp: QApplication) -> None:
    apply_theme(qapp, "light", font_size=10)
    table = FigureTable("Figures", ("What", "Right", "A heading that is long"))
    qtbot.addWidget(table)
    table.show_rows(ROWS)
    table.show()
    for more in (0, 90):
        table.resize(table.sizeHint().width() + more, table.height())
        name = max(map(table.fontMetrics().horizontalAdvance, texts(table, 0)))
        assert table.columnWidth(0) >= name + PADDING, more
