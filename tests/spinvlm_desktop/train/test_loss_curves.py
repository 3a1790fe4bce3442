"""The curves of a run's losses."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from spinvlm_desktop.train.curves.loss_plot import LossPlot


def test_the_curves_values_are_shown_and_exported(qtbot: QtBot, tmp_path: Path) -> None:
    plot = LossPlot()
    qtbot.addWidget(plot)
    plot.add({"event": "stage_started", "stage": "warm_up", "steps": 100})
    for step in range(1, 41):  # the stage was finished before its time
        plot.add({"event": "step", "stage": "warm_up", "step": step, "loss": 5 - step / 40})
    plot.add({"event": "epoch", "stage": "warm_up", "step": 40, "dev_loss": 3.5})
    plot.add({"event": "step", "stage": "fine_tune", "step": 1, "loss": 3.25})
    plot.refresh()
    assert plot.values_at(41.2) == "Fine-tuning, step 1: train loss 3.250 · nearest dev loss 3.500"
    assert plot.values_at(-5) == "Warm-up, step 1: train loss 4.975 · nearest dev loss 3.500"
    plot.save(tmp_path / "curves.csv")
    plot.save(tmp_path / "curves.png")
    lines = (tmp_path / "curves.csv").read_text().split()
    assert len(lines) == 43
    assert lines[-1] == "warm_up,40,dev,3.5"
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("last", [1, 2, 3, 7, 23, 480, 12_000])
def test_counts_are_shown_at_whole_numbers(qtbot: QtBot, last: int) -> None:
    plot = LossPlot()
    qtbot.addWidget(plot)
    axis = plot.plot.getAxis("bottom")
    reported = [
        text for spacing, values in axis.tickValues(0.9, last + 0.4, 400) for text in axis.tickStrings(values, 1.0, spacing)
    ]
    assert reported
    assert all(text.replace(",", "").isdigit() for text in reported)
    assert len(reported) == len(set(reported))
    assert plot.plot.getPlotItem().legend is None, "the curves are named above, where nothing is hidden"
    assert "dev" in plot.plot.getPlotItem().titleLabel.text
