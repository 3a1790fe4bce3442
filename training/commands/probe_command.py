"""`spinvlm probe`: how long a training would take here."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from core.errors import TrainingError, reason_of
from training.run.training_config import read_config


def probe(
    config_file: Annotated[Path, typer.Option("--config", help="Settings of the run as JSON, such as a run's config.json.")],
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the trial runs; default: one that is removed.")] = None,
    seconds: Annotated[float, typer.Option(min=1, help="Seconds to train, both stages together.")] = 20.0,
) -> None:
    """Train for a few seconds; print as JSON the time a photo takes in each stage, and the memory needed."""
    config = read_config(config_file)
    from training.loop.probe import measure_pace  # brings torch

    try:
        with TemporaryDirectory(prefix="spinvlm-probe-", ignore_cleanup_errors=True) as scratch:
            found = measure_pace(config, out or Path(scratch), seconds=seconds)
    except OSError as error:
        raise TrainingError(f"The time couldn't be measured: {reason_of(error)}.") from error
    sys.stdout.write(json.dumps(found.to_dict()) + "\n")
