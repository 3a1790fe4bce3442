"""What a teaching changed, in plain words: for the terminal, the card and the window. Torch-free."""

from __future__ import annotations

from training.evaluation.metrics import interval_words
from training.teaching.report import FEWEST_TO_TELL, MOST_FORGOTTEN, Change, Measured, Outcome, TeachReport

OUTCOME_TITLES: dict[Outcome, str] = {
    "better": "Better, and nothing was forgotten",
    "not_better": "Not better",
    "forgot": "It would have forgotten too much",
    "too_few": "Too few photos to tell",
    "nothing": "It learnt nothing that holds for other photos",
}
GROUP_TITLES = {
    "held_out": "photo of yours that it wasn't shown",
    "taught": "photo of yours that it was shown",
    "old": "photo of the kind it was trained on",
}


def explained(report: TeachReport) -> str:
    """Why, and what becomes of the two models."""
    kept = report.held_out.photos
    photos = counted(kept, "photo")
    match report.outcome:
        case "better":
            how = (
                "is better by more than chance explains" if report.answers_tell
                else "finds the right words more likely, by more than chance explains, and is right no less often"
            )
            return (
                f"On {photos} of yours that it wasn't shown it {how}, and on old photos it lost less than {MOST_FORGOTTEN:g} "
                "points, if any."
            )
        case "not_better":
            return (
                f"On {photos} of yours that it wasn't shown it isn't better. The model that you had stays in use. More photos "
                "may help."
            )
        case "forgot":
            little = f", even where it takes over only {report.part:.0%} of what it learnt" if report.part < 1 else ""
            return (
                f"On old photos it may have lost more than {MOST_FORGOTTEN:g} points of what it got right{little}. The model "
                "that you had stays in use."
            )
        case "too_few":
            fewest = (
                f", and nothing can be said with fewer than {FEWEST_TO_TELL}, which takes {2 * FEWEST_TO_TELL} photos in all"
                if kept < FEWEST_TO_TELL else ""
            )
            return (
                f"Only {photos} of yours could be kept back to see whether it got better{fewest}: any change there may be "
                "chance. The model that you had stays in use; you may use the new one all the same."
            )
        case "nothing":
            return "No pass over your photos made it better on those that were kept back. The model that you had stays in use."


def change_in_words(change: Change | None, photos: int) -> str:
    """`+12 (+4 to +20)`, in points."""
    if change is None:
        return "–"
    if photos < FEWEST_TO_TELL:
        return "too few to tell"
    return interval_words.change_in_words(change.change)


def percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} %"


def rows(report: TeachReport) -> list[tuple[str, str, str, str]]:
    """What was measured, before, after, change."""
    found: list[tuple[str, str, str, str]] = []
    for name, title in GROUP_TITLES.items():
        measured: Measured = getattr(report, name)
        for change, words in (
            (measured.answers, f"right answers to {counted(measured.questions, 'question')}"),
            (measured.words, f"words shared with {counted(measured.descriptions, 'description')}"),
            (measured.fit if name == "held_out" else None, "how likely it finds the right words"),
        ):
            if change is not None:
                found.append((
                    f"{counted(measured.photos, title)}: {words}", percent(change.before), percent(change.after),
                    change_in_words(change, measured.photos),
                ))
    return found


def counted(number: int, what: str) -> str:
    """`1 photo of yours`, `7 photos of yours`."""
    first, _, rest = what.partition(" ")
    return f"{number:,} {first}{'s' * (number != 1)}{rest and ' '}{rest}"
