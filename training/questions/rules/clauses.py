"""Who does what in a caption: subjects with the words for their action."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from training.language.caption_parser import ParsedCaption, Phrase
from training.language.word_lists import WordLists, load_word_lists
from training.questions.rules.read_image import LIVING

LONGEST_ACTION = 9
SHORT_ACTION = 5
"""Actions of more words are cut before their second preposition."""
ENDS = frozenset({
    ".", ",", ";", ":", "!", "?", "while", "whilst", "as", "who", "that", "which", "where", "because", "when",
    "but", "so", "than", "is", "are", "was", "were", "has", "have", "if",
})
DANGLING = frozenset({"a", "an", "the", "and", "or", "to", "of", "his", "her", "its", "their", "in", "on", "at", "with",
                      "by", "near", "for", "from", "into", "onto", "some", "two", "another", "each", "very", "while"})
LINKS = frozenset({
    "who", "that", "which", "is", "are", "'s", "and", ",", "in", "with", "on", "wearing", "wears", "dressed",
    "covered", "of", "carrying", "holding", "being", "also", "very", "both", "all", "at", "near", "by", "from",
    "wear", "one", "together", "just", "each", "outside", "inside", "there", "playfully", "happily",
})
NEED_AN_OBJECT = frozenset({
    "being", "taking", "making", "getting", "putting", "giving", "having", "using", "looking", "trying",
    "doing", "going", "holding", "carrying", "throwing", "facing", "helping", "showing", "attempting",
    "preparing", "coming", "pulling", "pushing", "watching", "appearing", "enjoying", "placing", "raising",
    "reaching", "covering", "catching", "starting", "stepping", "turning", "touching", "following", "leading",
    "hitting", "pointing", "approaching",
})
"""Verbs that say nothing alone."""
ADJECTIVES = frozenset({
    "big", "large", "small", "little", "long", "short", "tall", "old", "young", "bright", "dark", "dirty",
    "grassy", "sandy", "snowy", "rocky", "shallow", "deep", "wet", "dry", "wooden", "huge", "steep",
})
NEVER_NOUNS = frozenset({
    "lies", "sits", "stands", "looks", "holds", "carries", "lays", "leans", "wears", "smiles", "go", "goes",
})
"""Verbs that begin the main clause after a participle: "a boy playing hockey lies on the ice"."""
MAX_GAP = 14


@dataclass(frozen=True)
class Clause:
    """A subject and its action."""

    subjects: tuple[Phrase, ...]
    """One noun phrase, or several joined by "and"."""
    action: str
    """As an answer to "what is X doing?": "riding a bike"."""
    start: int
    """Where the verb stands in the caption."""

    @property
    def plural(self) -> bool:
        return is_plural(self.subjects)


def is_plural(subjects: Sequence[Phrase]) -> bool:
    """Whether a verb in the plural follows."""
    return len(subjects) > 1 or any(subject.plural for subject in subjects)


def find_clauses(caption: ParsedCaption) -> list[Clause]:
    """Every subject of the caption for which an action is given, at most one action each."""
    clauses: list[Clause] = []
    used: set[int] = set()
    for subjects in _subjects(caption):
        found = _find_verb(caption, subjects)
        if found is None or found[0] in used:
            continue
        position, participle = found
        used.add(position)
        action = _action_text(caption, position, participle)
        if action is not None:
            clauses.append(Clause(subjects, action, position))
    return clauses


def _subjects(caption: ParsedCaption) -> list[tuple[Phrase, ...]]:
    """People and animals, those joined by "and" together."""
    groups: list[tuple[Phrase, ...]] = []
    phrases = [phrase for phrase in caption.phrases if phrase.type in LIVING]
    index = 0
    while index < len(phrases):
        group = [phrases[index]]
        while index + 1 < len(phrases):
            if caption.tokens[group[-1].end : phrases[index + 1].start] not in (("and",), (",",)):
                break
            index += 1
            group.append(phrases[index])
        groups.append(tuple(group))
        index += 1
    return groups


def _find_verb(caption: ParsedCaption, subjects: tuple[Phrase, ...]) -> tuple[int, str] | None:
    """(position, -ing form) of the subject's verb: the words between may only be links and other phrases."""
    lists = load_word_lists()
    tokens = caption.tokens
    phrase_at = {phrase.start: phrase for phrase in caption.phrases}
    position = subjects[-1].end
    plural = is_plural(subjects)
    limit = min(len(tokens), position + MAX_GAP)
    while position < limit:
        word = tokens[position]
        if (participle := _verb_form(tokens, position, plural=plural, lists=lists)) is not None:
            return position, participle
        phrase = phrase_at.get(position)
        if phrase is not None:
            if phrase.type in LIVING:
                return None
            position = phrase.end
        elif word in LINKS or word in lists.adverbs:
            position += 1
        else:
            return None
    return None


def _verb_form(tokens: Sequence[str], position: int, *, plural: bool, lists: WordLists) -> str | None:
    word = tokens[position]
    before = tokens[position - 1] if position else ""
    if before in lists.determiners or before in ("in", "of", "with", "by") or before in lists.colours:
        return None
    if word == "fly" and tokens[position + 1 : position + 2] == ("fishing",):
        return None
    if word in lists.not_actions or lists.third_person.get(word, word) in lists.not_actions:
        return None
    if lists.is_participle(word):
        return word if word not in ("holding", "carrying") or _last_verb(tokens, position, lists) else None
    if before in ("is", "are", "to"):
        return None
    if word in lists.third_person and not (plural and word in lists.base_form):
        return lists.third_person[word]
    if plural and word in lists.base_form:
        return lists.base_form[word]
    return None


def _last_verb(tokens: Sequence[str], position: int, lists: WordLists) -> bool:
    """Whether no finite verb follows: "a man holding a cup sits" is sitting."""
    later = tokens[position + 1 : position + MAX_GAP]
    return not any(word in ("is", "are") or word in lists.third_person for word in later)


def _action_text(caption: ParsedCaption, position: int, participle: str) -> str | None:
    """The action's words, cut where the clause ends or grows long; None where nothing sensible is left."""
    lists = load_word_lists()
    tokens = caption.tokens
    end = position + 1
    starts = {phrase.start: phrase for phrase in caption.phrases}
    prepositions = 0
    while end < len(tokens) and end - position < LONGEST_ACTION:
        word = tokens[end]
        if word in ENDS or (word == "and" and not _joins_objects(tokens, end, starts, lists)):
            break
        companion = starts.get(end + 1) if word == "with" and end - position > 2 else None
        if companion is not None and companion.type in (*LIVING, "clothing"):
            break
        if word in lists.prepositions and word not in ("of", "to") and tokens[end - 1] not in lists.prepositions:
            prepositions += 1
            if prepositions > 1 and end - position >= SHORT_ACTION:
                break
        if end > position + 1 and (word in lists.participles or _is_new_verb(tokens, end, lists)):
            break
        end += 1
    if end - position >= LONGEST_ACTION:
        end = _back_to_boundary(tokens, position, end, lists)
    if end < len(tokens) and tokens[end] == "," and (tokens[end - 1] in lists.colours or tokens[end - 1] in ADJECTIVES):
        end = _back_to_boundary(tokens, position, end - 1, lists)  # the comma stands between two adjectives
    end = min([end, *(phrase.start for phrase in caption.phrases if position < phrase.start < end < phrase.end)])
    while end > position + 1 and (tokens[end - 1] in DANGLING or _is_cut_preposition(tokens, end, lists)):
        end -= 1
    words = [participle, *tokens[position + 1 : end]]
    if len(words) == 1 and participle in NEED_AN_OBJECT:
        return None
    return " ".join(words).replace(" 's", "'s")


def _is_cut_preposition(tokens: Sequence[str], end: int, lists: WordLists) -> bool:
    """Whether the last word before the end is a preposition whose object was cut off."""
    at_end = end >= len(tokens) or tokens[end] in ENDS
    return not at_end and tokens[end - 1] in lists.prepositions and tokens[end - 1] not in ("up", "down", "off", "out")


def _joins_objects(tokens: Sequence[str], position: int, starts: dict[int, Phrase], lists: WordLists) -> bool:
    """Whether the "and" at this position joins two things rather than two clauses."""
    after = tokens[position + 1] if position + 1 < len(tokens) else ""
    if after in lists.colours:
        return True
    if after == "one":
        return False
    phrase = starts.get(position + 1)
    return phrase is not None and phrase.type not in LIVING and not lists.is_participle(after)


def _is_new_verb(tokens: Sequence[str], position: int, lists: WordLists) -> bool:
    word, before = tokens[position], tokens[position - 1]
    if word in NEVER_NOUNS:
        return before != "to"
    if before in lists.determiners or before in lists.prepositions or before in lists.colours or before == "to":
        return False
    return word in lists.third_person and word not in lists.base_form and not word.endswith("ss") and before == "and"


def _back_to_boundary(tokens: Sequence[str], position: int, end: int, lists: WordLists) -> int:
    """The last preposition or "and" before the end, so that no noun phrase is cut in two."""
    if end >= len(tokens) or tokens[end] in ENDS:
        return end
    for cut in range(end - 1, position + 1, -1):
        if tokens[cut] in lists.prepositions or tokens[cut] == "and":
            return cut
    return end
