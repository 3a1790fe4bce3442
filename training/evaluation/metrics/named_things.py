"""Which words of a caption claim that an object is in the photo: nouns, and of compounds the last one.

"A boy swings" names no swing, "a dog house" of no dog, and "a horse race" of no horse that was named for itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from training.language.object_lexicon import Mention, ObjectLexicon
from training.language.word_lists import WordLists, load_word_lists

DOERS = ("people", "animals", "vehicles")
BEFORE_VERBS = frozenset({"who", "which", "that", "to", "they", "he", "she", "it", "can", "will"})


def named_things(lexicon: ObjectLexicon, words: Sequence[str]) -> list[Mention]:
    """The mentions among lower-case words that stand for something in the photo, in their order."""
    lists = load_word_lists()
    found = lexicon.mentions(words)
    nouns = [mention for mention in found if not _is_verb(mention, words, found, lexicon, lists)]
    starts = {mention.start: mention for mention in nouns}
    return [mention for mention in nouns if not _is_modifier(mention, words, starts, lexicon, lists)]


def _is_verb(
    mention: Mention, words: Sequence[str], found: Sequence[Mention], lexicon: ObjectLexicon, lists: WordLists
) -> bool:
    """Whether the word is what somebody does: it can be a verb, and stands where one does."""
    word = words[mention.start]
    if mention.end - mention.start > 1 or not (word in lists.third_person or word in lists.base_form):
        return False
    if mention.start == 0:
        return False
    before = words[mention.start - 1]
    after = words[mention.end] if mention.end < len(words) else ""
    if before in BEFORE_VERBS or before in lists.adverbs or (after == "down" and before not in lists.determiners):
        return True
    if before == "and":  # "runs and slides down", but not "swings and slides"
        return word in lists.third_person and (after in lists.prepositions or after in lists.determiners)
    doer = next((other for other in found if other.end == mention.start), None)
    return doer is not None and _type_of(doer, lexicon) in DOERS


def _is_modifier(
    mention: Mention, words: Sequence[str], starts: dict[int, Mention], lexicon: ObjectLexicon, lists: WordLists
) -> bool:
    """Whether the words only describe the next noun."""
    if mention.plural or mention.end >= len(words):
        return False
    if words[mention.end] in lists.compound_heads:
        return True
    after = starts.get(mention.end)
    if after is None:
        return False
    # People seldom are modifiers, and "a man, woman and child" has lost its comma.
    return _type_of(mention, lexicon) != "people"


def _type_of(mention: Mention, lexicon: ObjectLexicon) -> str:
    return lexicon.objects[mention.names[0]].type
