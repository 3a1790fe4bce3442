"""Makes resources/question_kinds/words.txt: the words that spelling is checked against.

    python -m training.question_kinds.word_list FREQUENCIES

FREQUENCIES: frequency_dictionary_en_82_765.txt of SymSpell (MIT), "word count" a line, the most frequent first.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from core.text.question_kinds.words.word_forms import in_full, split_words
from training.language.object_lexicon import load_object_lexicon
from training.language.word_lists import load_word_lists
from training.question_kinds.wordings import authored_wordings, people_questions

KNOWN_WORDS = 11_000
"""Words taken from the frequency dictionary."""
LEAST_SEEN = 3
"""Times that a word stands in questions for mistakes to be corrected to it."""
ALSO_KNOWN = [
    "selfie", "selfies", "emoji", "emojis", "wifi", "app", "apps", "online", "offline", "internet", "chatgpt", "gpt", "ai",
    "ocr", "gps", "pdf", "jpg", "png", "html", "javascript", "sql", "python", "hashtag", "hashtags", "youtube", "instagram",
    "tiktok", "twitter", "snapchat", "facebook", "google", "photoshop", "photoshopped", "bot", "bots", "chatbot", "robot",
    "lol", "omg", "wtf", "haha", "hahaha", "rofl", "yeah", "yep", "nope", "nah", "hmm", "wow", "oops", "yay", "hiya",
    "howdy", "thx", "ty", "thanx", "tnx", "merci", "gracias", "danke", "hola", "ciao", "salut", "namaste", "aloha", "shalom",
    "heya", "sup", "wassup", "bye", "cya", "okay", "ok", "pls", "please", "dude", "bro", "mate", "buddy", "mum", "mom",
    "dad", "grandma", "grandpa", "vs", "etc", "aha", "huh", "meh", "mhm", "uh", "um", "hm", "ha", "he", "she", "it", "whats",
    "isnt", "arent", "doesnt", "dont", "wont", "cant", "didnt", "wasnt", "ain't", "a", "i", "o'clock", "oclock", "minor",
    "poisonous", "edible", "rash", "mole", "oh", "ah", "eh", "ooh", "huh", "gps", "colorize", "resize", "crop", "haiku",
    "limerick", "rap", "uni", "unis", "photoshop",
]
HEAD = """# Words that spelling is checked against: [common] are those that mistakes are corrected to, the most frequent first;
# [known] are further English words, which are left alone.
# [known] are the most frequent words of SymSpell's English frequency dictionary: MIT License, Copyright (c) 2025 mmb L,
# Copyright (c) 2021 Wolf Garbe; made from Google Books Ngram (CC BY 3.0) and SCOWL (Copyright Kevin Atkinson).
"""
TARGET = Path(__file__).parents[2] / "resources" / "question_kinds" / "words.txt"


def main() -> int:
    """Write the list. Returns the exit status."""
    dictionary = Path(sys.argv[1]).read_text(encoding="utf-8-sig").splitlines()
    ranked = [line.split()[0] for line in dictionary]
    seen = question_words()
    english = set(ranked)
    often = [word for word, times in seen.most_common() if times >= (LEAST_SEEN if word in english else 2 * LEAST_SEEN)]
    common = [word for word in often if word.isalpha() and word.isascii()]
    known = dict.fromkeys([*ranked[:KNOWN_WORDS], *ALSO_KNOWN, *lexicon_words()])
    known |= dict.fromkeys(w for w in seen if w in english)
    rest = sorted(w for w in known if w not in set(common) and "'" not in w[1:2])
    TARGET.write_text(f"{HEAD}[common]\n{_lines(common)}\n[known]\n{_lines(rest)}\n", encoding="utf-8")
    return 0


def question_words() -> Counter[str]:
    """How often each word stands in the training questions, slots filled and in full forms."""
    counts: Counter[str] = Counter()
    wordings = [w for w in authored_wordings(seed=0) if w.kind not in ("gibberish", "language")]
    for wording in [*wordings, *people_questions(held_out=False)]:
        counts.update(in_full(split_words(wording.text)))
    return counts


def lexicon_words() -> list[str]:
    """Every word of the object lexicon and of the verb list."""
    lists = load_word_lists()
    objects = [word for form in load_object_lexicon().forms for word in form]
    return sorted({*objects, *lists.participles, *lists.third_person, *lists.base_form, *lists.colours})


def _lines(words: list[str]) -> str:
    lines: list[str] = [""]
    for word in words:
        if len(lines[-1]) + len(word) > 126:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
