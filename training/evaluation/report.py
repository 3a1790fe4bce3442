"""What was measured on a dev split, as JSON and as tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from training.evaluation.caption_metrics import CaptionScores
from training.evaluation.vqa_metrics import KindScore


@dataclass(frozen=True)
class EvaluationReport:
    """Scores by condition (SPIN off, SPIN on, blind ...)."""

    photos: int
    pairs: int
    """Question-answer pairs asked under each condition."""
    seconds: float
    captions: dict[str, CaptionScores]
    """Condition -> scores of one caption per photo."""
    answers: dict[str, dict[str, KindScore]]
    """Condition -> kind of question -> scores."""

    def with_seconds(self, seconds: float) -> Self:
        return replace(self, seconds=seconds)

    def to_dict(self) -> dict[str, Any]:
        return {
            "photos": self.photos,
            "pairs": self.pairs,
            "seconds": self.seconds,
            "captions": {name: _rounded(scores.to_dict()) for name, scores in self.captions.items()},
            "answers": {
                name: {kind: _rounded(score.to_dict()) for kind, score in kinds.items()}
                for name, kinds in self.answers.items()
            },
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        return cls(
            photos=values["photos"],
            pairs=values["pairs"],
            seconds=values["seconds"],
            captions={name: CaptionScores.from_dict(scores) for name, scores in values["captions"].items()},
            answers={
                name: {kind: KindScore.from_dict(score) for kind, score in kinds.items()}
                for name, kinds in values["answers"].items()
            },
        )

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), indent=1)


def _rounded(scores: dict[str, Any]) -> dict[str, Any]:
    return {name: round(value, 2) if isinstance(value, float) else value for name, value in scores.items()}


def report_markdown(report: EvaluationReport) -> str:
    """Two tables: captions, and the share of right answers by kind of question."""
    titles = ("BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L", "CIDEr-D", "words")
    captions = [[name, *(f"{value:.1f}" for value in scores.to_dict().values())] for name, scores in report.captions.items()]
    kinds = sorted({kind for scores in report.answers.values() for kind in scores})
    counts = {kind: score.count for scores in report.answers.values() for kind, score in scores.items()}
    answers: list[list[str]] = []
    for name, scores in report.answers.items():
        cells = [f"{scores[kind].exact:.1f}" if kind in scores else "" for kind in kinds]
        presence = scores.get("presence")
        extra = ["", ""] if presence is None else [f"{presence.yes_rate:.1f}", str(presence.invalid)]
        answers.append([name, *cells, *extra])
    return (
        f"Captions of {report.photos:,} dev photos:\n\n{_table(['', *titles], captions)}\n\n"
        f"Right answers to {report.pairs:,} questions about them, in percent:\n\n"
        + _table(["", *(f"{kind} ({counts[kind]:,})" for kind in kinds), "yes-rate", "neither yes nor no"], answers)
    )


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in [titles, *rows]) for column in range(len(titles))]
    lines = [
        "| " + " | ".join(f"{cell:<{width}}" if index == 0 else f"{cell:>{width}}"
                          for index, (cell, width) in enumerate(zip(row, widths, strict=True))) + " |"
        for row in [titles, *rows]
    ]
    rules = ["-" * (width + 1) + (":" if index else "-") for index, width in enumerate(widths)]
    return "\n".join([lines[0], f"|{'|'.join(rules)}|", *lines[1:]])
