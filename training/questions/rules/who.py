"""Who is ...? and what animal is it?"""

from __future__ import annotations

from training.language.caption_parser import ParsedCaption, Phrase
from training.language.object_lexicon import a_or_an, load_object_lexicon
from training.language.word_lists import load_word_lists
from training.questions.rules.clauses import find_clauses
from training.questions.rules.read_image import NOT_NOUNS, Candidate, ReadImage

MAX_WORDS = 5
VAGUE = frozenset({"person", "adult", "someone", "individual", "human"})
MAX_ACTION_WORDS = 6
PRONOUNS = frozenset({"his", "her", "himself", "herself", "their", "he", "she"})


def who_pairs(image: ReadImage) -> list[Candidate]:
    """Questions whose answer is a person, several people or an animal, where the captions agree on whom."""
    found: list[Candidate] = []
    for caption in image.captions:
        for clause in find_clauses(caption):
            if any(subject.type != "people" for subject in clause.subjects) or not _asks_nothing_else(clause.action):
                continue
            answer = _answer(image, caption, clause.subjects)
            if answer is not None and len(find_clauses(caption)) == 1:
                questions = (f"Who is {clause.action}?", f"Who is {clause.action} in the picture?")
                found.append(Candidate(image.name, "who", "doing", questions, answer))
        people = tuple(phrase for phrase in caption.phrases if phrase.type == "people")
        answer = _answer(image, caption, people) if 0 < len(people) <= 2 else None
        if answer is not None:
            found.append(Candidate(image.name, "who", "picture", PEOPLE_QUESTIONS, answer))
    return found + _animal_pairs(image)


PEOPLE_QUESTIONS = ("Who is in the picture?", "Who is in this photo?", "Who can you see?", "Who is shown here?")
ANIMAL_QUESTIONS = (
    "What animal is this?", "What animal is in the picture?", "Which animal can you see?",
    "What kind of animal is this?",
)


def _asks_nothing_else(action: str) -> bool:
    words = action.split()
    return len(words) <= MAX_ACTION_WORDS and PRONOUNS.isdisjoint(words)


def _answer(image: ReadImage, caption: ParsedCaption, subjects: tuple[Phrase, ...]) -> str | None:
    """The subjects' words, where every caption that mentions people mentions the same kinds."""
    lists = load_word_lists()
    for subject in subjects:
        if subject.name is None or subject.head in NOT_NOUNS or len(subject.words) > MAX_WORDS:
            return None
        if subject.words[0] in ("his", "her", "the", "this", "these", "other", "its", "another", "their", "one"):
            return None
        if subject.head == "people" and not set(subject.words) & (lists.determiners | lists.counts.keys()):
            return None
        if subject.name in ("person", "adult") and subject.head in VAGUE and _kinds(image) - {"person", "adult"}:
            return None
        if not _undisputed(image, subject.name) or lists.is_function_word(subject.words[-1]):
            return None
    return " and ".join(_with_article(caption, subject) for subject in subjects)


def _with_article(caption: ParsedCaption, subject: Phrase) -> str:
    """The phrase's words; captions often leave out the article of one person."""
    lists = load_word_lists()
    text = caption.text(subject.start, subject.end)
    if subject.plural or subject.words[0] in lists.determiners or subject.words[0] in lists.counts:
        return text
    return f"{'an' if text[0] in 'aeiou' else 'a'} {text}"


def _kinds(image: ReadImage) -> set[str]:
    return {phrase.name for phrase in image.phrases() if phrase.type == "people" and phrase.name is not None}


def _undisputed(image: ReadImage, name: str) -> bool:
    if image.sex_disputed:
        return False
    lexicon = load_object_lexicon()
    for caption in image.captions:
        names = [p.name for p in caption.phrases if p.type == "people" and p.name is not None]
        if names and not any(other in lexicon.related(name) for other in names):
            return False
    return True


def _animal_pairs(image: ReadImage) -> list[Candidate]:
    """One question about the animal, where all captions name the same kind."""
    names = {phrase.name for phrase in image.phrases() if phrase.type == "animals" and phrase.name is not None}
    names.discard("animal")
    if len(names) != 1 or not image.lone_animal or "person" in image.objects:
        return []
    name = names.pop()
    return [Candidate(image.name, "who", "animal", ANIMAL_QUESTIONS, a_or_an(name))]
