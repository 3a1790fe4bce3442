"""Where is X?"""

from __future__ import annotations

from training.language.caption_parser import ParsedCaption, Phrase
from training.questions.rules.action import references_of
from training.questions.rules.clauses import find_clauses
from training.questions.rules.read_image import Candidate, ReadImage, Reference

PREPOSITIONS = {"in": "in", "on": "on", "at": "at", "near": "near", "by": "by", "beside": "beside", "inside": "inside",
                "under": "under", "along": "along", "through": "in", "across": "on", "outside": "outside",
                "underneath": "under", "atop": "on", "behind": "behind", "around": "in"}
ON_SURFACES = frozenset({
    "street", "road", "sidewalk", "path", "track", "beach", "ramp", "hill", "ice", "sand", "bridge", "trail",
    "court", "floor", "grass",
})
SEATS = frozenset({
    "bench", "chair", "couch", "bed", "boat", "canoe", "kayak", "swing", "slide", "trampoline", "table", "car",
    "train", "bus", "ramp", "sled", "bike", "motorcycle", "bicycle", "tent",
})
NOT_PLACES = frozenset({
    "wall", "door", "window", "sun", "sky", "midair", "air", "night", "day", "view", "left", "right", "edge",
    "end", "event", "front", "side", "middle", "ball", "outside", "dark", "sunset", "outdoors", "spots",
    "medium", "position", "progress", "target", "sheet", "corner", "bars", "hole", "way", "seat", "point",
    "board", "scene", "background", "distance", "open", "post", "shadow",
})
WATCHING = frozenset({
    "looking", "looks", "look", "staring", "stares", "stare", "pointing", "points", "watching", "gazing",
    "gazes", "peering", "smiling", "smiles", "photographed", "throwing", "talking",
})
MAX_WORDS = 6


def where_pairs(image: ReadImage) -> list[Candidate]:
    """Questions about the place that a caption names for somebody or for the whole photo."""
    found: list[Candidate] = []
    for caption in image.captions:
        clauses = find_clauses(caption)
        for phrase in caption.phrases:
            answer = _place(caption, phrase)
            if answer is None:
                continue
            before = [clause for clause in clauses if clause.subjects[-1].end <= phrase.start]
            if not before:
                continue
            for reference in references_of(image, before[-1]):
                found.append(Candidate(image.name, "where", reference.text, _questions(reference), answer))
            if phrase.type == "scene" and answer.split()[0] in PLACING:
                found.append(Candidate(image.name, "where", "photo", PHOTO_QUESTIONS, answer))
    return found


PLACING = ("in", "on", "at")
"""Prepositions that say where the whole photo is."""
PHOTO_QUESTIONS = (
    "Where was this photo taken?", "Where is this?", "Where does this take place?",
    "What is the setting of the picture?",
)


def _place(caption: ParsedCaption, phrase: Phrase) -> str | None:
    """The place as an answer: a preposition with the phrase."""
    if phrase.start == 0 or phrase.head in NOT_PLACES or phrase.end - phrase.start > MAX_WORDS:
        return None
    if phrase.type != "scene" and phrase.name not in SEATS:
        return None
    before = caption.tokens[phrase.start - 1]
    earlier = caption.tokens[phrase.start - 2] if phrase.start > 1 else ""
    if before not in PREPOSITIONS or earlier in WATCHING or phrase.words[0] in ("his", "her", "its", "their"):
        return None
    preposition = PREPOSITIONS[before]
    if before == "through" and phrase.name in ON_SURFACES:
        preposition = "on"
    if phrase.type != "scene" and preposition not in PLACING:
        return None
    return f"{preposition} {caption.text(phrase.start, phrase.end)}"


def _questions(who: Reference) -> tuple[str, ...]:
    return (
        f"Where {who.be} {who.text}?", f"Where {who.be} {who.text}?", f"Where {who.be} {who.text} in the picture?",
        f"Can you tell me where {who.text} {who.be}?",
    )
