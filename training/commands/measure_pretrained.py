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
from training.evaluation.photo_costs import BUDGET_S, MEASURED

if TYPE_CHECKING:
    from training.evaluation.measurement import Plan
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


def measurable(measures: Sequence[str], *, named: bool) -> tuple[str, ...]:
    """Those of them that can be measured of a pretrained model.

    named: somebody asked for just these. Raises ConfigError where one of those can't be measured, or none can.
    """
    found = tuple(name for name in measures if name in MEASURED)
    others = [name for name in measures if name not in MEASURED]
    if not found or (named and others):
        raise ConfigError(f"Of pretrained models captions, probes, pointing and people are measured, not {' and '.join(others)}.")
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


def photos_that_fit(subject: PretrainedSubject, plan: Plan) -> int:
    """How many photos are measured in half an hour, which is said; 0, for all, where they take no longer."""
    there = len(plan.choose_photos(plan.split, limit=0))
    if not there:
        return 0
    costs, asked = subject.costs(settings=len(plan.settings)), _asked_collections(plan)
    without_people = costs.of([name for name in plan.measures if name != "people"])

    def seconds(photos: int) -> float:
        asked_about = sum(questions * min(1.0, photos / of_photos) for of_photos, questions in asked)
        return photos * without_people + asked_about * costs.people_question

    fitting = max((photos for photos in range(1, there + 1) if seconds(photos) <= BUDGET_S), default=1)
    each, whole = seconds(fitting) / fitting, timedelta(seconds=round(seconds(there)))
    if fitting >= there:
        terminal(errors=True).print(f"About {each:.1f} seconds a photo: {whole} for all {there:,} photos.")
        return 0
    terminal(errors=True).print(
        f"About {each:.1f} seconds a photo: {fitting:,} of {there:,} photos are measured, which takes about half an hour; all "
        f"of them would take {whole}. Another number is chosen with --photos."
    )
    return fitting


def _asked_collections(plan: Plan) -> list[tuple[int, int]]:
    """Of each collection that is asked about: photos, and how many questions people asked about them."""
    from training.evaluation.people.asking import people_questions
    from training.evaluation.sweep.dev_set import choose_photos

    collections = (plan.dataset, *plan.more_data) if "people" in plan.measures else ()
    chosen = [choose_photos(one, plan.split, limit=0, seed=plan.seed) for one in collections]
    return [(len(images), len(people_questions(images))) for images in chosen if images]
