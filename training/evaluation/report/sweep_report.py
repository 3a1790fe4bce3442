"""All that was measured of a model, and the sentences that say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.certainty import CERTAINTY
from core.model.published_spin import titled
from training.evaluation.certainty.in_words import certainty_in_words
from training.evaluation.certainty.measuring import CertaintyOutcome
from training.evaluation.metrics.bootstrap import FloatArray
from training.evaluation.metrics.interval_words import in_sentence
from training.evaluation.people.in_words import people_in_words
from training.evaluation.people_record import PeopleRecord
from training.evaluation.report_schema import ALL_STRATEGIES, AS_IN_CHAT, Pointing, Probes, Report
from training.evaluation.sweep.calibration import Calibration, Candidate, Goal, calibrate
from training.evaluation.sweep.settings_grid import BASELINE
from training.evaluation.sweep.spin_sweep import CaptionReport


@dataclass(frozen=True)
class SweepReport:
    """What wasn't measured is None."""

    recipe: dict[str, Any]
    captions: CaptionReport | None
    probes: Probes | None
    pointing: Pointing | None
    calibration: Calibration | None
    """Where captions were measured."""
    ms_per_token: Mapping[str, float] = field(default_factory=dict[str, float])
    """By setting, where it was measured."""
    certainty: CertaintyOutcome | None = None
    people: PeopleRecord | None = None
    """Of questions that people asked."""

    def titles(self) -> dict[str, str]:
        """Titles of settings by name; the authors' are marked."""
        spins = {} if self.captions is None else {row.name: row.spin for row in self.captions.rows}
        return {name: titled(name, spin, layers=self.recipe["layers"]) for name, spin in spins.items()}

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        captions, choice = self.captions, self.calibration
        return Report(
            self.recipe, verdict(self),
            rows=() if captions is None else tuple(row.for_report(self.ms_per_token.get(row.name)) for row in captions.rows),
            people={} if captions is None else captions.humans.to_dict(),
            chance={} if captions is None else captions.chance.to_dict(),
            calibrated=None if choice is None else choice.name, calibration=None if choice is None else choice.to_dict(),
            probes=self.probes, pointing=self.pointing,
            certainty=None if self.certainty is None else self.certainty.record, questions=self.people,
        ).to_dict()

    def for_model_file(self) -> dict[str, Any]:
        """What a model file's calibration takes from it: the best setting of SPIN, and the certainty, each where measured."""
        found = {} if self.calibration is None else self.calibration.for_model_file()
        return found if self.certainty is None else {**found, CERTAINTY: self.certainty.measured.to_dict()}


def choose_setting(captions: CaptionReport, counts: Mapping[str, FloatArray], *, goal: Goal, seed: int) -> Calibration:
    """The setting that is best for the model: see `calibrate`. Only SPIN's settings can be chosen, nothing beside it.

    counts: outcomes of the probes by setting, where they were asked.
    """
    candidates = [Candidate(row.name, row.spin, row.photos, counts.get(row.name)) for row in captions.rows]
    first, others = candidates[0], candidates[1:]
    return calibrate([first, *(other for other in others if other.spin is not None)], goal=goal, seed=seed)


def verdict(report: SweepReport) -> str:
    """What was found, in a few sentences, and in which precision."""
    parts = [
        _said_of_captions(report.captions), _said_of_probes(report.probes), _said_of_choice(report.calibration),
        _said_of_pointing(report.pointing),
        "" if report.certainty is None else certainty_in_words(report.certainty.record),
        "" if report.people is None else people_in_words(report.people),
        _said_of_precision(report.recipe["precision"]),
    ]
    return " ".join(part for part in parts if part)


def _said_of_captions(captions: CaptionReport | None) -> str:
    if captions is None:
        return ""
    off = captions.rows[0]
    chat = "".join(
        f" The descriptions that the chat shows invent {in_sentence(row.chair_i)} % and find {in_sentence(row.recall)} %."
        for row in captions.rows if row.name == AS_IN_CHAT
    )
    return (
        f"With SPIN off {in_sentence(off.chair_i)} % of the objects that captions name are invented (people: "
        f"{captions.humans.chair_i:.1f} %, another photo's caption: {captions.chance.chair_i:.1f} %), and "
        f"{in_sentence(off.recall)} % of those that people agree on are found.{chat}"
    )


def _said_of_probes(probes: Probes | None) -> str:
    if probes is None or probes.blind is None:
        return ""
    off, blind = probes.rows[0], probes.blind
    return (
        f"Of yes/no questions {in_sentence(off.intervals['accuracy'])} % are answered correctly with SPIN off, and "
        f"{blind.intervals['accuracy'].value:.1f} % when another photo is shown; "
        f"{off.by_strategy[ALL_STRATEGIES]['yes_rate']:.0f} % of the answers are yes."
    )


def _said_of_choice(choice: Calibration | None) -> str:
    if choice is None:
        return ""
    what, figure = ("CHAIR_i", "chair_i") if choice.goal == "chair" else ("F1", "f1")
    if choice.tried == BASELINE:
        best = "fewer invented objects" if choice.goal == "chair" else "more right answers"
        return f"No setting of SPIN brings {best} without making captions worse: off is best for this model."
    measured = (
        f"chosen on {choice.chosen_on:,} photos; on {choice.reported_on:,} others its {what} is {choice.on[figure]:.1f}, with "
        f"SPIN off {choice.off[figure]:.1f}, a gain of {in_sentence(choice.gain)}; its CIDEr-D is {choice.on['cider_d']:.1f} "
        f"against {choice.off['cider_d']:.1f} and its recall {choice.on['recall']:.1f} against {choice.off['recall']:.1f}"
    )
    if choice.spin is None:
        return f"Off is best for this model: the most promising setting, {choice.tried}, isn't clearly better ({measured})."
    return f"Best setting: {choice.name} ({measured})."


def _said_of_pointing(pointing: Pointing | None) -> str:
    if pointing is None:
        return ""
    hits = {name: scores["hit"] for name, scores in pointing.groups.items()}
    others = f", those it suppresses of {in_sentence(hits['suppressed'], ' %')}" if "suppressed" in hits else ""
    return (
        f"The heads that SPIN keeps (half of them) look most at a patch in the right box for "
        f"{in_sentence(hits['kept'], ' %')} of {pointing.words:,} nouns{others}; the map in the window does for "
        f"{hits['overlay'].value:.1f} %, another photo's for {hits['shuffled'].value:.1f} %, chance for "
        f"{pointing.chance['hit']:.1f} %."
    )


def _said_of_precision(precision: Mapping[str, str]) -> str:
    return f"Photos were encoded in {precision['encoder']}, answers computed in {precision['answers']}."
