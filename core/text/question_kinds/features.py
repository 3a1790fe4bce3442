"""Features of a question for the classifier: words, runs of words, word classes and parts of words, hashed."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence

from core.text.question_kinds.words.spelling import is_known
from core.text.question_kinds.words.word_data import classes_of_phrases
from core.text.question_kinds.words.word_forms import is_word

BUCKETS = 4096
MOST_WORDS = 40
PART = 4
"""Letters of a part of a word."""
LONGEST_PHRASE = 3
SUM = re.compile(r"\d\s*[-+*/x×÷^]\s*\d|\d\s*=")
AUXILIARIES = frozenset([
    "is", "are", "was", "were", "do", "does", "did", "has", "have", "had", "can", "could", "will", "would", "should", "may",
    "might", "am",
])
QUESTION_WORDS = frozenset(["what", "which", "who", "whom", "whose", "where", "when", "why", "how"])


def feature_buckets(words: Sequence[str]) -> list[int]:
    """Numbers below BUCKETS of the features that lower-case words have, each once, ascending."""
    return sorted({zlib.crc32(feature.encode()) % BUCKETS for feature in features(words)})


def features(words: Sequence[str]) -> Iterator[str]:
    """Names of the features, some more than once."""
    spoken = [word for word in words if is_word(word)][:MOST_WORDS]
    classes = word_classes_in(spoken)
    yield "length " + str(min(len(spoken), 6))
    yield "?" if "?" in words else "no ?"
    unknown = sum(not is_known(word) for word in spoken)
    yield "unknown " + str(min(unknown, 3))
    yield "share unknown " + str(4 * unknown // max(1, len(spoken)))
    if SUM.search(" ".join(words)):
        yield "sum"
    if spoken:
        yield "first kind " + _function(spoken[0])
    if not QUESTION_WORDS & set(spoken) and not AUXILIARIES & set(spoken):
        yield "no verb of a question"
    padded = ["<", *spoken, ">"]
    tagged = ["<", *(classes[i] or word for i, word in enumerate(spoken)), ">"]
    for i, word in enumerate(padded):
        yield "1 " + word
        yield "2 " + " ".join(padded[i : i + 2])
        yield "3 " + " ".join(padded[i : i + 3])
    for i, tag in enumerate(tagged):
        yield "t1 " + tag
        yield "t2 " + " ".join(tagged[i : i + 2])
        yield "t3 " + " ".join(tagged[i : i + 3])
        yield "t skip " + " ".join(tagged[i : i + 3 : 2])
    if len(tagged) > 3:
        yield "start " + " ".join(tagged[1:3]) + " ... " + tagged[-2]
        yield "ends " + tagged[1] + " ... " + tagged[-2]
    for word in spoken:
        marked = f"<{word}>"
        for start in range(max(1, len(marked) - PART + 1)):
            yield "p " + marked[start : start + PART]


def word_classes_in(words: Sequence[str]) -> list[str]:
    """For each word the class of the longest phrase that it begins or is part of, such as "<place>"; empty without one."""
    found = [""] * len(words)
    position = 0
    table = classes_of_phrases()
    while position < len(words):
        for length in range(min(LONGEST_PHRASE, len(words) - position), 0, -1):
            classes = table.get(" ".join(words[position : position + length]))
            if classes is not None:
                found[position : position + length] = ["<" + "+".join(classes) + ">"] * length
                position += length
                break
        else:
            word = words[position]
            if word.isdigit():
                found[position] = "<number>"
            elif not is_known(word):
                found[position] = "<unknown>"
            elif word.endswith("ing") and len(word) > 5 and word not in ("something", "anything", "everything", "nothing"):
                found[position] = "<ing>"
            position += 1
    return found


def _function(word: str) -> str:
    if word in AUXILIARIES:
        return "auxiliary"
    return "question word" if word in QUESTION_WORDS else "other"
