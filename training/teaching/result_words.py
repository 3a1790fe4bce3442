"""What a teaching changed, in plain words: for the terminal, the card and the window. Torch-free."""

from __future__ import annotations

from training.teaching.report import FEWEST_TO_TELL, MOST_FORGOTTEN, Change, Measured, Outcome, TeachReport

OUTCOME_TITLES: dict[Outcome, str] = {
    "better": "Better, and nothing was forgotten",
    "not_better": "Not better",
    "forgot": "It would have forgotten too much",
    "too_few": "Too few photos to tell",
    "nothing": "It learnt nothing that holds for other photos",
}
GROUP_TITLES = {
    "held_out": "Your photos that it wasn't shown",
    "taught": "Your photos that it was shown",
    "old": "Photos of the kind it was trained on",
}
MEASURE_TITLES = {
    "answers": "Right answers", "words": "Words shared with a person's description",
    "fit": "Probability of a right word",
}


def explained(report: TeachReport) -> str:
    """Why, and what becomes of the two models."""
    kept = report.held_out.photos
    photos = f"{kept} photo{'s' * (kept != 1)}"
    match report.outcome:
        case "better":
            return (
                f"On {photos} of yours that it wasn't shown it is better by more than chance explains, and on old photos it is "
                "as good as before."
            )
        case "not_better":
            return (
                f"On {photos} of yours that it wasn't shown it isn't better. The model that you had stays in use. More photos "
                "may help."
            )
        case "forgot":
            return (
                f"On old photos it may have lost more than {MOST_FORGOTTEN:g} points of what it got right. The model that you "
                "had stays in use."
            )
        case "too_few":
            fewest = f", and nothing can be said with fewer than {FEWEST_TO_TELL}" if kept < FEWEST_TO_TELL else ""
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
    interval = change.change
    return f"{interval.value:+.1f} ({interval.low:+.1f} to {interval.high:+.1f})"


def percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} %"


def rows(report: TeachReport) -> list[tuple[str, str, str, str, str]]:
    """Photos, measure, before, after, change."""
    found: list[tuple[str, str, str, str, str]] = []
    for name, title in GROUP_TITLES.items():
        measured: Measured = getattr(report, name)
        for measure, words in MEASURE_TITLES.items():
            change: Change | None = getattr(measured, measure)
            if change is not None:
                count = {"answers": f"{measured.questions} questions", "words": f"{measured.descriptions} descriptions"}
                found.append((
                    f"{title} ({measured.photos})", f"{words}{f' ({count[measure]})' if measure in count else ''}",
                    percent(change.before), percent(change.after), change_in_words(change, measured.photos),
                ))
    return found
