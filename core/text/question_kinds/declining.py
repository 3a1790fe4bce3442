"""What is said instead of an answer, in one table."""

from __future__ import annotations

from dataclasses import dataclass

from core.text.question_kinds.kinds import DeclinedKind

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

    sentence: str
    suggestions: tuple[str, ...]
    """At most two, each one that can be answered."""


DECLININGS: dict[DeclinedKind, Declining] = {
    "text": Declining("I can't read text or numbers. I can tell you what is in the photo.", (DESCRIBE,)),
    "identity": Declining("I don't know who people are. I can say what kind of person I see.", (WHO, DOING)),
    "breed": Declining("I can't tell breeds, makes or brands apart. I can name the animal or thing.", (ANIMAL, DESCRIBE)),
    "age": Declining("I can't tell how old someone or something is. I can say what kind of person I see.", (WHO,)),
    "time": Declining("I can't tell the time or the date. I can try to tell day from night.", (DAY,)),
    "place_name": Declining("I don't know places by name. I can say what kind of place it is.", (WHERE,)),
    "why": Declining("I can't tell why something happens or how it works. I can say what is happening.", (DESCRIBE, DOING)),
    "advice": Declining("I can't judge or give advice. I can only say what I see.", (DESCRIBE,)),
    "comparison": Declining("I can't compare things. I can describe each of them.", (DESCRIBE, PEOPLE)),
    "quantity": Declining("I can't measure or calculate. I can count a few things.", (PEOPLE, DESCRIBE)),
    "unseen": Declining("I only know what the photo shows, not what is beyond it.", (DESCRIBE, DOING)),
    "greeting": Declining("Hello! Ask me something about the photo.", (DESCRIBE, WHO)),
    "thanks": Declining("You're welcome! Ask me more about the photo if you like.", (DESCRIBE, WHERE)),
    "about_program": Declining(
        "I am a small model on this computer. I describe photos, count, name colours and places, and answer yes or no.",
        (DESCRIBE, PEOPLE),
    ),
    "task": Declining("I can only answer short questions about the photo, nothing else.", (DESCRIBE, DOING)),
    "language": Declining("I only understand English. Please ask in English.", (DESCRIBE, PEOPLE)),
    "gibberish": Declining("I didn't understand that. Please ask in other words.", (DESCRIBE, WHO)),
    "empty": Declining("Please type a question about the photo.", (DESCRIBE, WHO)),
    "statement": Declining("I can answer questions, but not chat. Ask me something about the photo.", (DESCRIBE, DOING)),
    "follow_up": Declining("I'm not sure what you mean. Please ask the whole question.", (DESCRIBE,)),
}
"""One entry for each declined kind."""

WITHOUT_SUBJECT = Declining("I'm not sure what you mean by that. Please name it in the question.", (DESCRIBE,))
"""For a pronoun that nothing before explains."""
