"""Words of a question: split, in full forms, slang and British spelling replaced by the words that the model learnt."""

from __future__ import annotations

import re

WORD = re.compile(r"[^\W_]+(?:['.:-][^\W_]+)*|[^\w\s]|_", re.UNICODE)
"""A word with inner apostrophes and hyphens, or one other sign."""
LONGEST_WORD = 40

FULL_FORMS = {
    "what's": "what is", "whats": "what is", "what're": "what are", "what'd": "what did", "who's": "who is", "whos": "who is",
    "who're": "who are", "where's": "where is", "wheres": "where is", "where're": "where are", "how's": "how is",
    "hows": "how is", "when's": "when is", "whens": "when is", "why's": "why is", "which's": "which is",
    "it's": "it is", "that's": "that is", "thats": "that is", "there's": "there is", "theres": "there is",
    "here's": "here is", "he's": "he is", "she's": "she is", "they're": "they are", "theyre": "they are",
    "we're": "we are", "you're": "you are", "youre": "you are", "i'm": "i am", "im": "i am", "let's": "let us",
    "lets": "let us", "i've": "i have", "i'd": "i would", "i'll": "i will", "you'd": "you would", "he'll": "he will",
    "she'll": "she will", "they'll": "they will", "it'll": "it will",
    "isn't": "is not", "isnt": "is not", "aren't": "are not", "arent": "are not", "wasn't": "was not", "wasnt": "was not",
    "weren't": "were not", "don't": "do not", "dont": "do not", "doesn't": "does not", "doesnt": "does not",
    "didn't": "did not", "didnt": "did not", "hasn't": "has not", "hasnt": "has not", "haven't": "have not",
    "can't": "can not", "cant": "can not", "cannot": "can not", "couldn't": "could not", "won't": "will not",
    "wouldn't": "would not", "shouldn't": "should not",
    "gonna": "going to", "wanna": "want to", "gotta": "got to", "dunno": "do not know", "gimme": "give me", "lemme": "let me",
    "wat": "what", "wut": "what", "wot": "what", "wht": "what", "waht": "what", "whut": "what", "wats": "what is",
    "hw": "how", "hwat": "what", "wich": "which", "wher": "where", "whre": "where", "meny": "many", "hwo": "how", "teh": "the",
    "da": "the", "dis": "this", "dat": "that", "dere": "there", "n": "and",
    "r": "are", "u": "you", "ur": "your", "ya": "you", "pls": "please", "plz": "please", "plse": "please", "pleas": "please",
    "ppl": "people", "clr": "color", "colur": "color", "coulor": "color", "bc": "because", "cuz": "because", "coz": "because",
    "doin": "doing", "wearin": "wearing", "holdin": "holding", "eatin": "eating", "sittin": "sitting", "goin": "going",
    "pic": "picture", "pics": "pictures", "img": "image", "imgs": "images", "foto": "photo", "fotos": "photos",
    "colour": "color", "colours": "colors", "coloured": "colored", "colouring": "coloring", "grey": "gray",
    "btw": "by the way", "kinda": "kind of", "doggo": "dog", "doggy": "dog", "doggie": "dog", "kitty": "cat",
    "y'all": "you all", "smth": "something",
    "sb": "somebody", "sth": "something", "bf": "boyfriend", "gf": "girlfriend", "b/w": "black and white", "nite": "night",
    "summarise": "summarize", "recognise": "recognize", "organise": "organize", "colourful": "colorful", "favourite": "favorite",
    "centre": "center", "theatre": "theater", "neighbour": "neighbor", "jewellery": "jewelry", "aeroplane": "airplane",
    "wether": "whether", "alot": "a lot", "thru": "through",
}
LETTER_RUN = re.compile(r"([a-z])\1{2,}")
MISHEARD = (
    (re.compile(r"\bhow (?:manny|meny|mny|mani|may|maney|man)\b(?= \w)"), "how many"),
    (re.compile(r"^were (?=is|are|was|does|do)\b"), "where "),
    (re.compile(r"\b(?:witch|wich) (?=color|\w+ (?:is|are|do|does|has)\b)"), "which "), (re.compile(r"^hos\b"), "who is"),
    (re.compile(r"^who is (?=\w+ (?:is|are) (?:this|that|it|these|those)\b)"), "whose "),
    (re.compile(r"^(?:whose|whos) (?=that|this|there|in|on|the (?:man|woman|guy|boy|girl)\b)"), "who is "),
)
"""Words that exist, but that nobody means where they stand."""
WITHOUT_NOT = frozenset({"is", "are", "was", "were", "do", "does", "did", "has", "have", "can", "could", "would", "will"})


def split_words(text: str) -> list[str]:
    """Lower-case words and signs of a plain text, in order."""
    return [word[:LONGEST_WORD] for word in WORD.findall(text.lower())]


def in_full(words: list[str]) -> list[str]:
    """Contractions, slang and British spellings replaced. The same for its own result."""
    full: list[str] = []
    for word in words:
        word = LETTER_RUN.sub(r"\1\1", word)
        full += FULL_FORMS.get(word, word).split()
    if full[:1] == ["y"] and full[1:2] and full[1] in WITHOUT_NOT:
        full[0] = "why"
    line = " ".join(full)
    for wrong, right in MISHEARD:
        line = wrong.sub(right, line)
    return line.split()


def without_leading_not(words: list[str]) -> list[str]:
    """"is not that a horse" -> "is that a horse": both are answered with yes where there is one."""
    if len(words) > 2 and words[0] in WITHOUT_NOT and words[1] == "not":
        return [words[0], *words[2:]]
    return words


def is_word(token: str) -> bool:
    """Whether a token is a word or a number rather than a sign."""
    return token[0].isalnum()
