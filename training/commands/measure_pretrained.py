"""What `spinvlm measure` does otherwise with a pretrained model: fewer settings, and as many photos as time allows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from core.config import ModelShape, require
from core.errors import ConfigError
from training.commands.terminal import terminal

if TYPE_CHECKING:
    from training.data.captions import CaptionDataset
    from training.evaluation.sweep.settings_grid import Settings
    from training.evaluation.sweep.subject import PretrainedSubject


def measurable(measures: Sequence[str]) -> tuple[str, ...]:
    """Those of them that can be measured of a pretrained model. Raises ConfigError where there is none."""
    found = tuple(name for name in measures if name in ("captions", "probes"))
    if not found:
        raise ConfigError(f"Of pretrained models captions and probes are measured, not {' and '.join(measures)}.")
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
    from training.evaluation.sweep.subject import BUDGET_S

    each = subject.seconds_a_photo(settings=settings, captions="captions" in measures, probes="probes" in measures)
    there = sum(bool(image.captions) for image in usable_images(dataset.split(split)))
    fitting = max(1, int(BUDGET_S / each))
    whole = timedelta(seconds=round(each * there))
    if fitting >= there:
        terminal(errors=True).print(f"About {each:.1f} seconds a photo: {whole} for all {there:,} photos.")
        return 0
    terminal(errors=True).print(
        f"About {each:.1f} seconds a photo: {fitting:,} of {there:,} photos are measured, which takes about half an hour; all "
        f"of them would take {whole}. Another number is chosen with --photos."
    )
    return fitting
