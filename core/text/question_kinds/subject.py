"""The thing that a question asks about."""

from __future__ import annotations

from collections.abc import Sequence

DETERMINERS = frozenset([
    "a", "an", "the", "this", "that", "these", "those", "his", "her", "its", "their", "my", "your", "our", "any", "some",
])
PRONOUNS = frozenset([
    "it", "they", "them", "he", "she", "him", "her", "his", "hers", "its", "their", "theirs", "this", "that", "these",
    "those", "one", "ones",
])
REFERRING = frozenset(["it", "its", "they", "them", "their", "he", "she", "him", "her", "his"])
PICTURE = frozenset([
    "picture", "photo", "image", "photograph", "scene", "shot", "pic", "here", "there", "pictures", "photos", "images",
    "foreground", "background",
])
VERBS = frozenset([
    "is", "are", "was", "were", "be", "been", "being", "do", "does", "did", "has", "have", "had", "can", "could", "will",
    "would", "should", "may", "might", "doing", "wearing", "holding", "sitting", "standing", "made", "wear", "wears", "hold",
    "holds", "sit", "sits", "stand", "stands", "look", "looks", "looking", "called", "located", "painted", "dressed", "have",
    "having", "got", "see", "seen", "shown", "running", "walking", "playing", "eating", "riding", "lying", "laying",
    "swimming", "jumping", "smiling",
])
PREPOSITIONS = frozenset([
    "in", "on", "at", "of", "to", "for", "from", "with", "by", "near", "behind", "under", "above", "below", "between",
    "beside", "over", "around", "across", "into", "onto", "off", "out", "up", "down", "next", "inside", "outside", "through",
])
OTHERS = frozenset([
    "you", "i", "we", "us", "u", "shows", "show", "what", "which", "who", "whom", "whose", "where", "when", "why", "how",
    "many", "much", "and", "or", "if", "whether", "not", "also", "there", "here", "please", "color", "colors", "kind",
    "type", "sort", "number", "count", "describe", "tell", "about", "me", "show", "name", "same", "question", "now", "but",
    "then",
])
STOPS = VERBS | PREPOSITIONS | OTHERS
MOST_WORDS = 4


def find_subject(words: Sequence[str]) -> str:
    """The first thing that lower-case words name, without its article: "what color is the dog" -> "dog"; else empty."""
    words = [word for word in words if word[0].isalnum() or word == ","]
    if len(words) > 3 and words[0] in ("is", "are", "was", "were") and words[1] in DETERMINERS:
        phrase, end = _phrase(words, 2)
        if len(phrase) > 1 and (end == len(words) or words[end] == "or"):
            return " ".join(phrase[:-1])  # its last word is what is asked: "is the light red or green"
    if words[:2] == ["how", "many"]:
        counted, _ = _phrase(words, 2)  # without an article, and so before any other: "how many beds in the room"
        if counted:
            return " ".join(counted)
    position = 0
    bare = ""
    while position < len(words):
        word = words[position]
        if word in DETERMINERS or (word.isdigit() and position):
            phrase, position = _phrase(words, position + 1)
            if phrase and phrase[-1] not in PICTURE:
                return " ".join(phrase)
        elif word in STOPS or word in PRONOUNS or not word[0].isalnum() or (word.endswith("ing") and len(word) > 5):
            position += 1
        else:
            phrase, position = _phrase(words, position)
            if phrase and phrase[-1] not in PICTURE and not bare:
                bare = " ".join(phrase)
    return bare


def _phrase(words: Sequence[str], start: int) -> tuple[list[str], int]:
    end = start
    while end < len(words) and end - start < MOST_WORDS and words[end] not in STOPS and words[end][0].isalnum():
        if words[end] in DETERMINERS or words[end] in PRONOUNS or (end > start and words[end].endswith(
            "ing",
        ) and len(words[end]) > 5):
            break
        end += 1
    return list(words[start:end]), max(end, start)


def refers_back(words: Sequence[str]) -> bool:
    """Whether a pronoun stands for something that isn't named."""
    return not REFERRING.isdisjoint(words)


def is_plural(subject: str) -> bool:
    """Whether a verb in the plural goes with the thing."""
    last = subject.split(" ")[-1] if subject else ""
    if last in (
        "men", "women", "children", "people", "feet", "teeth", "mice", "geese", "glasses", "trousers", "pants", "jeans",
        "shorts",
    ):
        return True
    return last.endswith("s") and not last.endswith(("ss", "us", "is", "dress", "tennis", "bus")) and len(last) > 3
