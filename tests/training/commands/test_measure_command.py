"""Measuring has one name, and scripts that use its name of before go on working."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from spinvlm_desktop.commands.command_line import app


def test_help_lists_measure_alone() -> None:
    shown = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).stdout
    assert " measure " in shown
    assert "evaluate" not in shown


@pytest.mark.parametrize("name", ["measure", "evaluate"])
def test_both_names_take_the_same_options(name: str) -> None:
    done = CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert done.exit_code == 0
    for option in ("--data", "--measure", "--calibrate", "--log"):
        assert option in done.stdout
