"""Precision and recall of each kind, as tables for docs/questions.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.text.question_kinds.kinds import KINDS, QuestionKind, UnderstoodQuestion, is_answerable_kind
from core.text.question_kinds.understanding import understand_question
from training.question_kinds.wordings import Wording

FREE: frozenset[QuestionKind] = frozenset({"describe", "object", "where", "who", "doing", "wearing"})
"""Kinds that are answered freely: taking one for another does little harm."""


@dataclass(frozen=True)
class Measured:
    """What was understood of questions whose kind is known."""

    wordings: tuple[Wording, ...]
    understood: tuple[UnderstoodQuestion, ...]

    def counts(self, kind: QuestionKind) -> tuple[int, int, int]:
        """(questions of the kind, those taken for it, correctly taken for it)."""
        pairs = [(w.kind, u.kind) for w, u in zip(self.wordings, self.understood, strict=True)]
        return sum(k == kind for k, _ in pairs), sum(g == kind for _, g in pairs), sum(k == g == kind for k, g in pairs)

    def share_declined(self, *, answerable: bool) -> tuple[int, int]:
        """(declined, all) of the questions that can be answered, or of those that can't. Follow-ups aren't counted."""
        found = [
            not understood.is_answerable
            for wording, understood in zip(self.wordings, self.understood, strict=True)
            if is_answerable_kind(wording.kind) == answerable and wording.kind != "follow_up"
        ]
        return sum(found), len(found)

    def right_kind(self) -> int:
        """Questions whose kind was found."""
        return sum(w.kind == u.kind for w, u in zip(self.wordings, self.understood, strict=True))

    def right_form(self) -> int:
        """Questions whose kind was found, or another one that is answered freely like it or declined like it."""
        return sum(
            w.kind == u.kind or {w.kind, u.kind} <= FREE or not (is_answerable_kind(w.kind) or u.is_answerable)
            for w, u in zip(self.wordings, self.understood, strict=True)
        )

    def right_choices(self) -> tuple[int, int]:
        """(either-or questions whose choices were found, all whose choices are known)."""
        pairs = [(w.choices, u.choices) for w, u in zip(self.wordings, self.understood, strict=True) if w.choices]
        return sum(wanted == found for wanted, found in pairs), len(pairs)

    def mistakes(self) -> list[str]:
        """Questions whose kind wasn't found, with both kinds."""
        return [
            f"{w.kind:<14} {u.kind:<14} {u.confidence:.2f} {w.text!r} -> {u.text!r}"
            for w, u in zip(self.wordings, self.understood, strict=True) if w.kind != u.kind
        ]


def measure(wordings: Sequence[Wording]) -> Measured:
    """Understand every question."""
    return Measured(tuple(wordings), tuple(understand_question(wording.text) for wording in wordings))


def kinds_table(sets: dict[str, Measured]) -> str:
    """Precision and recall of every kind on each set, in percent, with the number of questions."""
    head = "| kind | " + " | ".join(f"{name}: questions | precision | recall" for name in sets) + " |"
    rule = "| --- |" + " ---: | ---: | ---: |" * len(sets)
    rows = [head, rule]
    for kind in KINDS:
        cells = [cell for measured in sets.values() for cell in _cells(*measured.counts(kind))]
        rows.append(f"| {kind} | {' | '.join(cells)} |")
    return "\n".join(rows)


def summary_table(sets: dict[str, Measured]) -> str:
    """What matters most, for each set."""
    rows = ["| | " + " | ".join(sets) + " |", "| --- |" + " ---: |" * len(sets)]
    for label, declined in (("unanswerable, declined", False), ("answerable, declined wrongly", True)):
        shares = [measured.share_declined(answerable=declined) for measured in sets.values()]
        rows.append(f"| {label} | {' | '.join(_share(*share) for share in shares)} |")
    totals = [len(measured.wordings) for measured in sets.values()]
    kinds, forms = [m.right_kind() for m in sets.values()], [m.right_form() for m in sets.values()]
    for label, found in (("kind right", kinds), ("form right", forms)):
        rows.append(f"| {label} | {' | '.join(_share(*share) for share in zip(found, totals, strict=True))} |")
    rows.append(f"| choices right | {' | '.join(_share(*measured.right_choices()) for measured in sets.values())} |")
    return "\n".join(rows)


def _cells(questions: int, taken: int, right: int) -> tuple[str, str, str]:
    return (
        str(questions),
        f"{100 * right / taken:.0f}" if taken else "-",
        f"{100 * right / questions:.0f}" if questions else "-",
    )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} % ({part} of {whole})" if whole else "-"
