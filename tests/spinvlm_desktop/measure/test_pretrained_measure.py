"""A pretrained model in the tab Measure: the time before, a number of photos that fits, and all that is measured of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.pretrained.loading.model_folder import inspect_folder
from core.pretrained.loading.remembered_choices import RememberedChoices
from core.pretrained.loading.speed_trial import ComputeChoice
from spinvlm_desktop.measure.duration_estimate import seconds_a_photo
from spinvlm_desktop.measure.measure_job import MeasureJob
from spinvlm_desktop.measure.measurement import MeasurementSettings
from spinvlm_desktop.measure.measures_page import USUAL_PHOTOS
from spinvlm_desktop.startup.main_window import MainWindow
from spinvlm_desktop.system import paths
from tests.spinvlm_desktop.pretrained_folders import saved
from tests.training.asked_photos import make_asked_photos
from tests.training.conftest import make_dataset
from training.evaluation.photo_costs import BUDGET_S, AnsweringPace
from training.run.time_left import duration

TIMEOUT = 170_000
SLOW = AnsweringPace(to_read=10.0, token=0.5)


@pytest.fixture(scope="module")
def smolvlm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved("smolvlm", tmp_path_factory)


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Captioned photos with boxes."""
    return make_dataset(tmp_path_factory.mktemp("marked") / "scenes", photos=8, marked=True)


def test_the_time_is_said_before_and_as_many_photos_proposed_as_fit_half_an_hour(
    own_home: Path, open_window: Callable[[], MainWindow], qtbot: QtBot, smolvlm: Path
) -> None:
    choice = ComputeChoice("cpu", "float32", 1, SLOW.token, SLOW.to_read)
    RememberedChoices(paths.compute_choices_file()).keep(inspect_folder(smolvlm), choice)
    window = open_window()
    window.tabs.setCurrentWidget(window.measure.tab)
    setup = window.measure.tab.setup
    setup.measures.certainty.setChecked(True)
    setup.measures.methods.setChecked(True)
    setup.model.choose([smolvlm])
    assert "Trying how fast “smolvlm” answers here" in setup.time_in_words()
    assert not setup.measures.certainty.isEnabled()
    assert "certainty isn't" in setup.measures.less_of_pretrained()
    qtbot.waitUntil(lambda: "fit half an hour" in setup.time_in_words(), timeout=TIMEOUT)
    assert setup.paces.of(smolvlm) == SLOW
    settings = setup.measures.applied(MeasurementSettings("."))
    assert (settings.certainty, settings.methods) == (False, False)
    assert settings.photos == int(BUDGET_S / seconds_a_photo(settings, SLOW)) < USUAL_PHOTOS
    assert duration(settings.photos * seconds_a_photo(settings, SLOW)) in setup.time_in_words()
    assert f"{settings.photos} photos fit half an hour." in setup.time_in_words()
    setup.measures.spin.setCurrentIndex(2)
    fewer = setup.measures.applied(MeasurementSettings("."))
    assert fewer.photos > settings.photos, "one setting takes less time"
    setup.measures.photos.setValue(7)
    setup.measures.spin.setCurrentIndex(0)
    assert setup.measures.photos.value() == 7, "what the user has chosen stays"
    setup.model.choose([None, smolvlm])
    assert setup.measures.certainty.isEnabled(), "of the starter model it can be measured"
    setup.data.field.setText(str(smolvlm))
    of_starter, of_pretrained = (request for _, request in setup.requests())
    assert (of_starter.certainty, of_pretrained.certainty, of_pretrained.methods) == (True, False, False)
    setup.model.choose([None])
    assert "smolvlm" not in setup.time_in_words()


def test_a_model_that_cannot_be_tried_is_reported_where_the_time_stands(
    own_home: Path, open_window: Callable[[], MainWindow], qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "broken").mkdir()
    window = open_window()
    window.tabs.setCurrentWidget(window.measure.tab)
    setup = window.measure.tab.setup
    setup.model.choose([tmp_path / "broken"])
    qtbot.waitUntil(lambda: "config.json is missing" in setup.time_in_words(), timeout=TIMEOUT)


def test_captions_probes_pointing_and_peoples_questions_are_measured_from_the_window(
    own_home: Path, open_window: Callable[[], MainWindow], qtbot: QtBot, smolvlm: Path, marked: Path, tmp_path: Path
) -> None:
    window = open_window()
    tab = window.measure.tab
    window.tabs.setCurrentWidget(tab)
    setup = tab.setup
    setup.data.field.setText(str(marked))
    setup.model.choose([smolvlm])
    setup.measures.pointing.setChecked(True)
    assert setup.measures.people.isEnabled()
    setup.measures.people.setChecked(True)
    setup.measures.questions.setText(str(make_asked_photos(tmp_path / "walks", photos=50)))
    setup.measures.photos.setValue(2)
    setup.measures.spin.setCurrentIndex(1)
    setup.measures.keeps.setText("2")
    setup.measures.alphas.setText("0")
    setup.start_button.click()
    job = MeasureJob(paths.measurements_folder() / "First look")
    view = tab.measurement
    assert view is not None
    qtbot.waitUntil(lambda: view.state in ("finished", "failed"), timeout=TIMEOUT)
    assert view.state == "finished", job.messages()
    report = json.loads(job.report.read_text("utf-8"))
    assert [row["name"] for row in report["rows"]] == ["SPIN off", "K=2, alpha 0, logits"]
    assert report["recipe"]["measures"] == ["captions", "probes", "pointing", "people"]
    assert len(report["pointing"]["heads"]) == 3
    assert view.results.tabs.isTabVisible(3), "there are boxes"
    people = view.results.people
    assert view.results.tabs.isTabVisible(5), "people were asked"
    shown = [item.text() for column in (0, 1) if (item := people.table.item(0, column)) is not None]
    assert shown == ["all", "4"], "two photos with two questions each"
    assert people.of_pretrained.isVisibleTo(people)
