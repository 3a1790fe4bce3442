from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.answers import SessionDescription
from core.session import ModelSession
from spinvlm_desktop.models.model_card_dialog import ModelCardDialog, SafeBrowser
from spinvlm_desktop.models.model_list import card_file, find_models

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def starter() -> SessionDescription:
    return ModelSession.load(None, device="cpu").describe()


def test_finished_runs_and_model_files_are_found(tmp_path: Path) -> None:
    runs, models = tmp_path / "runs", tmp_path / "models"
    whole = ("best.safetensors", "card.md")
    for name, files in {"b": whole, "A": whole, "open": whole[:1]}.items():
        (runs / name).mkdir(parents=True)
        for file in files:
            (runs / name / file).touch()
    models.mkdir()
    for file in ("dogs.safetensors", "dogs.pth", "cats.pth", "notes.txt", ".hidden.pth"):
        (models / file).touch()
    assert [found.name for found in find_models(runs, models)] == ["A", "b", "cats", "dogs.pth", "dogs.safetensors"]
    assert find_models(tmp_path / "none", tmp_path / "none") == []


def test_a_card_lies_beside_its_model(tmp_path: Path) -> None:
    assert card_file(tmp_path / "best.safetensors") is None
    (tmp_path / "card.md").touch()
    assert card_file(tmp_path / "best.safetensors") == tmp_path / "card.md"
    assert card_file(tmp_path / "other.safetensors") is None


def test_the_dialog_shows_facts_and_card(qtbot: QtBot, starter: SessionDescription) -> None:
    dialog = ModelCardDialog(starter)
    qtbot.addWidget(dialog)
    assert not dialog.tabs.isVisibleTo(dialog), "plain words come first"
    assert re.search(r"\b\d\d % of yes/no questions", dialog.text())
    dialog.show_figures()
    facts = dialog.text()
    assert "tf_efficientnet_lite2" in facts
    assert "CIDEr-D" in facts
    dialog.tabs.setCurrentIndex(1)
    assert "Flickr8k" in dialog.text()


def test_a_hostile_card_loads_nothing(qtbot: QtBot, starter: SessionDescription, tmp_path: Path) -> None:
    model = tmp_path / "best.safetensors"
    model.touch()
    (tmp_path / "card.md").write_text("<script>x</script> ![a](http://example.org/a.png) ![b](/etc/passwd) [link](file:///etc)")
    dialog = ModelCardDialog(replace(starter, path=model))
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.show_figures()
    dialog.tabs.setCurrentIndex(1)
    browsers = dialog.findChildren(SafeBrowser)
    assert len(browsers) == 2
    assert not any(browser.openLinks() for browser in browsers)
    assert all(browser.loadResource(2, "http://example.org/a.png") is None for browser in browsers)


def test_looking_for_pretrained_models_loads_no_library(tmp_path: Path) -> None:
    """Opening the Models menu, or the list of models to get, mustn't take seconds."""
    program = (
        "import sys; from pathlib import Path; from spinvlm_desktop.models import get_dialog, model_list, model_rows; "
        f"folder = Path({str(tmp_path)!r}); model_list.find_pretrained(folder); model_rows.list_rows(folder, machine=None); "
        "print([name for name in ('torch', 'transformers', 'huggingface_hub', 'timm') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"
