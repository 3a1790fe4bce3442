"""What was measured on a dev split, as JSON and as tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self, TypeVar

from core.config import SettingsRecord
from core.errors import ConfigError
from training.evaluation.certainty.in_words import certainty_in_words
from training.evaluation.certainty_record import CertaintyRecord, certainty_record
from training.evaluation.metrics.caption_metrics import CaptionScores
from training.evaluation.metrics.vqa_metrics import KindScore
from training.evaluation.people.in_words import people_in_words
from training.evaluation.people.table import COLUMNS, people_rows
from training.evaluation.people_record import PeopleRecord, people_record
from training.evaluation.report.folded_kinds import REST, folded

OPEN_KINDS = ("action", "wearing", "where", "who")
"""Kinds of question with many right wordings, for which shared words say more than exact answers."""

Record = TypeVar("Record", bound=SettingsRecord)


@dataclass(frozen=True)
class RunReport:
    """Scores by condition (SPIN off, SPIN on, blind ...)."""

    photos: int
    pairs: int
    """Question-answer pairs asked under each condition."""
    seconds: float
    captions: dict[str, CaptionScores]
    """Condition -> scores of one caption per photo."""
    answers: dict[str, dict[str, KindScore]]
    """Condition -> kind of question -> scores."""
    certainty: CertaintyRecord | None = None
    people: PeopleRecord | None = None
    """Of questions that people asked, where the dev photos come with some."""

    def to_dict(self) -> dict[str, Any]:
        """For JSON; scores are rounded to two decimals, more would claim what a thousand photos can't show."""
        return {
            "photos": self.photos,
            "pairs": self.pairs,
            "seconds": self.seconds,
            "captions": {name: _rounded(scores.to_dict()) for name, scores in self.captions.items()},
            "answers": {
                name: {kind: _rounded(score.to_dict()) for kind, score in kinds.items()}
                for name, kinds in self.answers.items()
            },
            **({} if self.certainty is None else {"certainty": self.certainty.to_dict()}),
            **({} if self.people is None else {"people": self.people.to_dict()}),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """A report as read from JSON. Raises ConfigError for anything that isn't one."""
        try:
            return cls(
                photos=int(values["photos"]),
                pairs=int(values["pairs"]),
                seconds=float(values["seconds"]),
                captions={name: _read_scores(CaptionScores, scores) for name, scores in values["captions"].items()},
                answers={
                    name: {kind: _read_scores(KindScore, score) for kind, score in kinds.items()}
                    for name, kinds in values["answers"].items()
                },
                certainty=certainty_record(values.get("certainty")),
                people=people_record(values.get("people")),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ConfigError(f"the evaluation report can't be read: {error}") from error

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), indent=1)


def _rounded(scores: dict[str, Any]) -> dict[str, Any]:
    return {name: round(value, 2) if isinstance(value, float) else value for name, value in scores.items()}


def _read_scores(record: type[Record], values: Mapping[str, Any]) -> Record:
    """A record whose every value is a number, or None where that is its default: a report may come from a foreign file."""
    scores = record.from_dict(dict(values))
    for field in fields(scores):  # type: ignore[arg-type]  # every subclass is a dataclass
        value = getattr(scores, field.name)
        if isinstance(value, bool) or not (isinstance(value, int | float) or (value is None and field.default is None)):
            raise ConfigError(f"{field.name} must be a number, got {value!r}")
    return scores


def report_markdown(report: RunReport) -> str:
    """Tables of captions, of right answers by kind of question, and of answers in other words where the kind is an open one.

    Of many kinds of question the rarest are one column; report.json has each.
    """
    report = replace(report, answers=folded(report.answers))
    titles = ("BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L", "CIDEr-D", "words")
    captions = [[name, *(f"{value:.1f}" for value in scores.to_dict().values())] for name, scores in report.captions.items()]
    kinds = sorted({kind for scores in report.answers.values() for kind in scores}, key=lambda kind: (kind == REST, kind))
    counts = {kind: score.count for scores in report.answers.values() for kind, score in scores.items()}
    answers: list[list[str]] = []
    for name, scores in report.answers.items():
        cells = [f"{scores[kind].exact:.1f}" if kind in scores else "" for kind in kinds]
        presence = scores.get("presence")
        extra = ["", ""] if presence is None else [f"{presence.yes_rate:.1f}", str(presence.invalid)]
        answers.append([name, *cells, *extra])
    heads = {kind: f"{kind} ({counts[kind]:,})" for kind in kinds}
    parts = [f"Captions of {report.photos:,} dev photos:\n\n{_table(['', *titles], captions)}"] if captions else []
    parts.append(
        f"Right answers to {report.pairs:,} questions about {report.photos:,} dev photos, in percent:\n\n"
        + _table(["", *heads.values(), "yes-rate", "neither yes nor no"], answers)
    )
    open_scores = [scores[kind] for scores in report.answers.values() for kind in scores if kind in OPEN_KINDS]
    if open_scores:
        parts.append(f"Words shared with the expected answer (F1), in percent:\n\n{_open_kinds(report, heads, 'token_f1')}")
    if any(score.alike is not None for score in open_scores):
        parts.append(
            "Right in other words too, in percent (synonyms count, and what any caption of the photo says):\n\n"
            + _open_kinds(report, heads, "alike")
        )
    if report.people is not None:
        parts.append(f"{people_in_words(report.people)}\n\n{_table(COLUMNS, people_rows(report.people))}")
    if report.certainty is not None:
        parts.append(f"How sure answers are ({certainty_in_words(report.certainty)})\n\n{_certainty_table(report.certainty)}")
    return "\n\n".join(parts)


def _open_kinds(report: RunReport, heads: Mapping[str, str], figure: str) -> str:
    """figure: of KindScore."""
    kinds = [kind for kind in heads if kind in OPEN_KINDS]
    rows: list[list[str]] = []
    for name, scores in report.answers.items():
        found = [getattr(scores[kind], figure) if kind in scores else None for kind in kinds]
        rows.append([name, *("" if value is None else f"{value:.1f}" for value in found)])
    return _table(["", *(heads[kind] for kind in kinds)], rows)


def _certainty_table(record: CertaintyRecord) -> str:
    titles = ("", "answers", "right, %", "ECE", "by chance", "AURC", "AUROC", "sure, %", "of those right", "held back, %")
    return _table(titles, [
        [row.name, f"{row.questions:,}", f"{row.right.value:.1f}", f"{row.ece.value:.1f}",
         "" if row.ece_by_chance is None else f"{row.ece_by_chance:.1f}", f"{row.aurc.value:.1f}",
         f"{row.separation:.2f}", f"{row.sure:.1f}", "" if row.sure_right is None else f"{row.sure_right.value:.1f}",
         f"{row.held_back:.1f}"]
        for row in record.rows
    ])


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in [titles, *rows]) for column in range(len(titles))]
    lines = [
        "| " + " | ".join(f"{cell:<{width}}" if index == 0 else f"{cell:>{width}}"
                          for index, (cell, width) in enumerate(zip(row, widths, strict=True))) + " |"
        for row in [titles, *rows]
    ]
    rules = ["-" * (width + 1) + (":" if index else "-") for index, width in enumerate(widths)]
    return "\n".join([lines[0], f"|{'|'.join(rules)}|", *lines[1:]])
