"""What a model can and can't, in plain words, from what was measured of it and what stands in its file."""

from __future__ import annotations

from typing import Any, cast

from core.answer_model import ModelDescription, PretrainedDescription
from core.answers import SessionDescription
from core.files.bundled_models import bundled_models

FEWEST = 50
"""Questions of a kind that a figure must rest on to be said."""
GOOD = 65.0
"""Per cent of correct answers from which a kind counts as known."""
KINDS = {"presence": "yes/no questions", "colour": "colours", "count": "numbers"}
"""Kinds of which an exact answer means a correct one; a place or an action can be put in many words."""
CANNOT = "It can't read text or name people and places."
"""Of every small model: such questions are declined before it sees them."""


def in_one_sentence(described: ModelDescription) -> str:
    """For the first screen."""
    if isinstance(described, PretrainedDescription):
        use = f" {described.good_for}." if described.good_for else ""
        return f"{called(described)} was made by others, and never measured here.{use}"
    correct = _correct(described)
    if not correct:
        how = "was measured on too few questions to say how often it is right" if _measured(described) else "was never measured"
        return f"{called(described)} {how}. {CANNOT}"
    known = [f"{share:.0f} of 100 {KINDS[kind]}" for kind, share in correct.items() if share >= GOOD]
    unsure = [f"{share:.0f} of 100 {KINDS[kind]}" for kind, share in correct.items() if share < GOOD]
    parts = [f"gets {_listed(known)} right"] if known else []
    parts += [f"{'' if known else 'gets '}only {_listed(unsure)}{'' if known else ' right'}"] if unsure else []
    return f"{called(described)} {', but '.join(parts)}. {CANNOT}"


def called(described: ModelDescription) -> str:
    """At the beginning of a sentence."""
    bundled = {model.path.stem: model.name for model in bundled_models()}.get(described.name)
    return f"The model {described.name}" if bundled is None else f"The {bundled[:1].lower()}{bundled[1:]}"


def in_sentences(described: ModelDescription) -> list[str]:
    """For the card: what it is, how often it is right, and what it never knows."""
    size = f"It answers questions about photos on this computer, and has {described.parameters / 1e6:,.1f} million weights."
    if isinstance(described, PretrainedDescription):
        return [in_one_sentence(described), size]
    correct = _correct(described)
    why = "It was measured on too few questions" if _measured(described) else "It was never measured"
    sentences = [size, f"{why}, so how often it is right isn't known. {CANNOT}"]
    if correct:
        figures = _listed([f"{share:.0f} % of {KINDS[kind]}" for kind, share in correct.items()])
        sentences[1] = f"On photos that it wasn't trained on, it got {figures} right. {CANNOT}"
    return [*sentences, "What it wasn't trained on it describes as the nearest thing that it knows."]


def _correct(described: ModelDescription) -> dict[str, float]:
    """Per cent of exact answers by kind; kinds with too few are left out."""
    found: dict[str, float] = {}
    measured = _measured(described)
    for kind in KINDS:
        value: Any = measured.get(kind)
        if isinstance(value, dict):
            exact, count = value.get("exact"), value.get("count")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            if isinstance(exact, int | float) and isinstance(count, int) and count >= FEWEST:
                found[kind] = float(exact)
    return found


def _measured(described: ModelDescription) -> dict[str, Any]:
    """What was measured of its answers as it gives them where nobody sets anything; empty where nothing was."""
    metrics: Any = described.metrics if isinstance(described, SessionDescription) else None
    answers: Any = cast("dict[str, Any]", metrics).get("answers") if isinstance(metrics, dict) else None
    settings: Any = next(iter(cast("dict[str, Any]", answers).values()), None) if isinstance(answers, dict) else None
    return cast("dict[str, Any]", settings) if isinstance(settings, dict) else {}


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
