"""What `spinvlm measure` does otherwise with a pretrained model: fewer settings, and as many photos as time allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.config import ModelShape, require
from core.errors import ConfigError
from training.commands.terminal import terminal
from training.evaluation.photo_costs import MEASURED, photos_in_budget

if TYPE_CHECKING:
    from training.data.captions import CaptionDataset
    from training.evaluation.sweep.settings_grid import Settings
    from training.evaluation.sweep.subject import PretrainedSubject


@dataclass(frozen=True)
class PretrainedPaths:
    """Where the program keeps what concerns pretrained models: the object of the command line's context."""

    models: Path
    """Folder of downloaded models."""
    choices: Path
    """File that remembers how models compute fastest here."""


def program_paths(context: Any) -> PretrainedPaths | None:
    """What the command line's context has; None where there is no context."""
    found = getattr(context, "obj", None)
    return found if isinstance(found, PretrainedPaths) else None


def pretrained_folder(model: Path, known: PretrainedPaths | None) -> Path | None:
    """The folder of a pretrained model that is named by its folder or as on the hub; None where a file is meant.

    Raises ModelFileError for a name of which nothing is here.
    """
    if model.is_dir() or known is None:
        return model if model.is_dir() else None
    from core.open_model import find_folder

    return find_folder(model, models=known.models)


def measurable(measures: Sequence[str]) -> tuple[str, ...]:
    """Those of them that can be measured of a pretrained model. Raises ConfigError where there is none."""
    found = tuple(name for name in measures if name in MEASURED)
    if not found:
        raise ConfigError(f"Of pretrained models captions, probes and pointing are measured, not {' and '.join(measures)}.")
    return found


def pretrained_settings(
    shape: ModelShape, spin: str, *, keep: str, alpha: str, layers: str, score: str
) -> Settings:
    """SPIN off, and the settings of it to sweep over, ranked by logits unless something else is said. Raises ConfigError."""
    from training.evaluation.sweep.settings_grid import BASELINE, pretrained_grid, user_grid

    if keep or alpha or layers or score:
        require(spin == "sweep", "--keep, --alpha, --layers and --score say what is swept over; leave out --spin off.")
        return user_grid(shape, keep=keep, alpha=alpha, layers=layers, score=score or "logits")
    return pretrained_grid(shape) if spin == "sweep" else {BASELINE: None}


def photos_that_fit(
    subject: PretrainedSubject, dataset: CaptionDataset, split: str, *, settings: int, measures: Sequence[str]
) -> int:
    """How many photos are measured in half an hour, which is said; 0, for all, where they take no longer."""
    from training.batches.image_store import usable_images
    each = subject.costs(settings=settings).of(measures)
    there = sum(bool(image.captions) for image in usable_images(dataset.split(split)))
    fitting = photos_in_budget(each)
    whole = timedelta(seconds=round(each * there))
    if fitting >= there:
        terminal(errors=True).print(f"About {each:.1f} seconds a photo: {whole} for all {there:,} photos.")
        return 0
    terminal(errors=True).print(
        f"About {each:.1f} seconds a photo: {fitting:,} of {there:,} photos are measured, which takes about half an hour; all "
        f"of them would take {whole}. Another number is chosen with --photos."
    )
    return fitting
