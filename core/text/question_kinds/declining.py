"""What is said instead of an answer, in one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.text.question_kinds.kinds import DeclinedKind, UnderstoodQuestion, is_declined_kind

DESCRIBE = "What is in the photo?"
WHO = "Who is in the photo?"
WHERE = "Where was this photo taken?"
DOING = "What are they doing?"
PEOPLE = "How many people are there?"
ANIMAL = "What animal is this?"
DAY = "Is it day or night?"


@dataclass(frozen=True)
class Declining:
    """One friendly sentence or two, and questions to ask instead."""

    kind: DeclinedKind | Literal["unsure", "no_class", "other_model"]
    """`unsure`: the model was asked, and its answer is too uncertain to be given; `no_class`: the photo fits none of the
    classes that were learnt for the question; `other_model`: they were learnt with a model that looks at photos otherwise."""
    sentence: str
    suggestions: tuple[str, ...]
    """At most two, each one that can be answered."""

    @property
    def has_guess(self) -> bool:
        """Whether there is an answer, which the user may want to see all the same."""
        return self.kind in ("unsure", "no_class")


DECLININGS: dict[str, Declining] = {declining.kind: declining for declining in (
    Declining("text", "I can't read text or numbers. I can tell you what is in the photo.", (DESCRIBE,)),
    Declining("identity", "I don't know who people are. I can say what kind of person I see.", (WHO, DOING)),
    Declining("breed", "I can't tell breeds, makes or brands apart. I can name the animal or thing.", (ANIMAL, DESCRIBE)),
    Declining("age", "I can't tell how old someone or something is. I can say what kind of person I see.", (WHO,)),
    Declining("time", "I can't tell the time or the date. I can try to tell day from night.", (DAY,)),
    Declining("place_name", "I don't know places by name. I can say what kind of place it is.", (WHERE,)),
    Declining("why", "I can't tell why something happens or how it works. I can say what is happening.", (DESCRIBE, DOING)),
    Declining("advice", "I can't judge or give advice. I can only say what I see.", (DESCRIBE,)),
    Declining("comparison", "I can't compare things. I can describe each of them.", (DESCRIBE, PEOPLE)),
    Declining("quantity", "I can't measure or calculate. I can count a few things.", (PEOPLE, DESCRIBE)),
    Declining("unseen", "I only know what the photo shows, not what is beyond it.", (DESCRIBE, DOING)),
    Declining("greeting", "Hello! Ask me something about the photo.", (DESCRIBE, WHO)),
    Declining("thanks", "You're welcome! Ask me more about the photo if you like.", (DESCRIBE, WHERE)),
    Declining(
        "about_program",
        "I am a small model on this computer. I describe photos, count, name colours and places, and answer yes or no.",
        (DESCRIBE, PEOPLE),
    ),
    Declining("task", "I can only answer short questions about the photo, nothing else.", (DESCRIBE, DOING)),
    Declining("language", "I only understand English. Please ask in English.", (DESCRIBE, PEOPLE)),
    Declining("gibberish", "I didn't understand that. Please ask in other words.", (DESCRIBE, WHO)),
    Declining("empty", "Please type a question about the photo.", (DESCRIBE, WHO)),
    Declining("statement", "I can answer questions, but not chat. Ask me something about the photo.", (DESCRIBE, DOING)),
    Declining("follow_up", "I'm not sure what you mean. Please ask the whole question.", (DESCRIBE,)),
)}
"""One entry for each declined kind."""

UNSURE = Declining("unsure", "I'm not sure enough to answer that.", (DESCRIBE,))
"""For an answer that would be wrong more often than right."""

NO_CLASS = Declining("no_class", "This looks like none of the classes that I learnt.", (DESCRIBE,))
"""For a photo that is unlike those of every class."""

GUESSES: dict[str, Declining] = {declining.kind: declining for declining in (UNSURE, NO_CLASS)}
"""Those behind which there is an answer."""

WITHOUT_SUBJECT = Declining("follow_up", "I'm not sure what you mean by that. Please name it in the question.", (DESCRIBE,))
"""For a pronoun that nothing before explains."""


def other_model(name: str) -> Declining:
    """For a class question that was learnt with another model. name: of that model."""
    return Declining("other_model", f"I learnt the classes for this question with another model, “{name}”. Learn them again.", ())


def declining_of(question: UnderstoodQuestion) -> Declining | None:
    """What is said instead of an answer to a question in full; None where the model can try it."""
    if is_declined_kind(question.kind):
        return DECLININGS[question.kind]
    return WITHOUT_SUBJECT if question.needs_previous in ("subject", "question") else None
