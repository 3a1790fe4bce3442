"""What is X doing?"""

from __future__ import annotations

from training.questions.rules.clauses import Clause, find_clauses
from training.questions.rules.read_image import Candidate, ReadImage, Reference


def action_pairs(image: ReadImage) -> list[Candidate]:
    """Questions about what the people and animals of a photo do."""
    found: list[Candidate] = []
    for caption in image.captions:
        for clause in find_clauses(caption):
            for reference in references_of(image, clause):
                found.append(Candidate(image.name, "action", reference.text, _questions(reference), clause.action))
    return found


def references_of(image: ReadImage, clause: Clause) -> list[Reference]:
    """Ways to name a clause's subjects."""
    if len(clause.subjects) == 1:
        return image.references(clause.subjects[0])
    single = [[r for r in image.references(subject) if not r.plural] for subject in clause.subjects]
    found: list[Reference] = []
    if len(single) == 2 and all(single):
        found.append(Reference(f"{single[0][0].text} and {single[1][0].text}", True))
    if all(subject.type == "people" for subject in clause.subjects):
        found.append(Reference("the people", True))
    elif all(subject.type == "animals" for subject in clause.subjects):
        found.append(Reference("the animals", True))
    return found


def _questions(who: Reference) -> tuple[str, ...]:
    questions = [
        f"What {who.be} {who.text} doing?", f"What {who.be} {who.text} doing?",
        f"What {who.be} {who.text} doing in the picture?", f"What {who.be} {who.text} doing in this photo?",
        f"Can you tell me what {who.text} {who.be} doing?", f"Describe what {who.text} {who.be} doing.",
    ]
    if who.text in ("the person", "the man", "the boy"):
        questions.append("What is he doing?" if who.text != "the person" else "What is this person doing?")
    if who.text in ("the woman", "the girl"):
        questions.append("What is she doing?")
    if who.text in ("the people", "the dogs", "the children", "the men", "the women", "the boys", "the girls"):
        questions.append("What are they doing?")
    return tuple(questions)
