"""Kinds of question for a table: of VQA's sixty-odd question types the rarest go into one column."""

from __future__ import annotations

from collections.abc import Mapping

from training.data.qa_pair import KINDS
from training.evaluation.metrics.vqa_metrics import KindScore

MOST_KINDS = 10
REST = "other kinds"


def folded(answers: Mapping[str, Mapping[str, KindScore]]) -> dict[str, dict[str, KindScore]]:
    """Condition -> kind -> score, with the kinds that are made of captions, the most frequent others, and one for the rest."""
    counts = {kind: score.count for scores in answers.values() for kind, score in scores.items()}
    if len(counts) <= MOST_KINDS:
        return {name: dict(scores) for name, scores in answers.items()}
    ordered = sorted(counts, key=lambda kind: (kind not in KINDS, -counts[kind], kind))
    kept, rest = ordered[: MOST_KINDS - 1], frozenset(ordered[MOST_KINDS - 1 :])
    found: dict[str, dict[str, KindScore]] = {}
    for name, scores in answers.items():
        found[name] = {kind: scores[kind] for kind in kept if kind in scores}
        others = [score for kind, score in scores.items() if kind in rest]
        if others:
            found[name][REST] = _together(others)
    return found


def _together(scores: list[KindScore]) -> KindScore:
    """The score of all their questions."""
    count = sum(score.count for score in scores)

    def mean(figure: str) -> float:
        return sum(score.count * getattr(score, figure) for score in scores) / count

    return KindScore(count, mean("exact"), mean("token_f1"))
