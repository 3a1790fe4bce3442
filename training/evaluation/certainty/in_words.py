"""What was measured of a certainty, in a few sentences. Torch-free."""

from __future__ import annotations

from training.evaluation.certainty_record import ALL, PEOPLE, CertaintyRecord, CertaintyRow, DecliningFigures
from training.evaluation.metrics.interval_words import change_in_words, in_sentence


def certainty_in_words(record: CertaintyRecord) -> str:
    """How right sure answers are, how many are held back, and what SPIN changes."""
    whole, people = record.row(ALL), record.row(PEOPLE)
    parts = [] if whole is None else [_of_row(whole)]
    if people is not None:
        parts.append(f"Of people's questions, {_sure_words(people)}.")
    if record.declining is not None:
        parts.append(declining_in_words(record.declining))
    parts.append(_of_spin(record))
    return " ".join(part for part in parts if part)


def declining_in_words(figures: DecliningFigures) -> str:
    """How many unanswerable questions were answered, and how many answerable ones declined."""
    return (
        f"Of {figures.unanswerable:,} questions that no photo answers, {in_sentence(figures.answered)} % were answered all the "
        f"same; of {figures.answerable:,} that a photo may answer, {in_sentence(figures.wrongly_declined)} % were declined for "
        "their kind."
    )


def _of_row(row: CertaintyRow) -> str:
    back = f"{row.held_back:.0f} % are held back as too uncertain"
    if row.held_back_right is not None:
        back += f" ({row.held_back_right:.0f} % of those would be right)"
    return (
        f"Of {row.questions:,} answers {in_sentence(row.right)} % are right; {_sure_words(row)}, and {back}. "
        f"Certainty and share of right answers lie {in_sentence(row.ece)} points apart."
    )


def _sure_words(row: CertaintyRow) -> str:
    if row.sure_right is None:
        return "none is given as sure"
    return f"{row.sure:.0f} % are given as sure, and {in_sentence(row.sure_right)} % of those are right"


def _of_spin(record: CertaintyRecord) -> str:
    change = record.changes.get("ece")
    if change is None:
        return ""
    if change.low <= 0 <= change.high:
        return f"SPIN ({record.spin}) doesn't clearly change how well certainty is calibrated: {change_in_words(change)} points."
    better = "better" if change.value < 0 else "worse"
    return f"With SPIN ({record.spin}) certainty is {better} calibrated: {change_in_words(change)} points of error."
