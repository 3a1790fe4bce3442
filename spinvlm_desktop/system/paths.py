"""Where the program keeps its files. To ask for a folder doesn't create it.

With the environment variable SPINVLM_HOME set, all of them are below that one folder.
"""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_config_path, user_data_path, user_log_path

APP_NAME = "SpinVLM"
HOME_VARIABLE = "SPINVLM_HOME"


def data_folder() -> Path:
    """History, runs and models."""
    home = _home()
    return user_data_path(APP_NAME, appauthor=False) if home is None else home / "data"


def config_folder() -> Path:
    """Settings."""
    home = _home()
    return user_config_path(APP_NAME, appauthor=False) if home is None else home / "config"


def log_folder() -> Path:
    home = _home()
    return user_log_path(APP_NAME, appauthor=False) if home is None else home / "logs"


def runs_folder() -> Path:
    """Training runs, a folder each."""
    return data_folder() / "runs"


def measurements_folder() -> Path:
    """Measurements of models, a folder each."""
    return data_folder() / "measurements"


def corrections_folder() -> Path:
    """What the user said of answers, with the photos."""
    return data_folder() / "corrections"


def taught_folder() -> Path:
    """Models that were taught corrections, a folder each."""
    return data_folder() / "taught"


def captioning_folder() -> Path:
    """What the user said of photos without captions, a folder for each folder of photos."""
    return data_folder() / "captioning"


def collections_folder() -> Path:
    """Collections that the program made itself, to be trained on."""
    return data_folder() / "collections"


def classes_folder() -> Path:
    """Class questions, a folder each; the photos stay where the user has them."""
    return data_folder() / "classes"


def models_folder() -> Path:
    """Model files that the user has put there, and downloaded models, a folder each."""
    return data_folder() / "models"


def folder_answers() -> Path:
    """Answers about folders of photos, a file for each folder and question."""
    return data_folder() / "folders"


def compute_choices_file() -> Path:
    """How each pretrained model computes fastest on this computer."""
    return config_folder() / "compute-choices.json"


def _home() -> Path | None:
    named = os.environ.get(HOME_VARIABLE)
    return Path(named).expanduser().absolute() if named else None
