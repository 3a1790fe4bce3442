"""Whole sentences that are no question about a photo, and the few shapes that need no encoder."""

from __future__ import annotations

import re

from core.text.question_kinds.kinds import QuestionKind
from core.text.question_kinds.words.word_data import word_classes

HELLO = (
    r"(?:hello+|hi+|hey+|hiya|heya|yo|howdy|greetings|hallo+|helo|hullo|good (?:morning|afternoon|evening|night|day)|morning"
    r"|evening)"
)
NAMES = r"(?: (?:there|you|all|everyone|again|buddy|mate|friend|bot|computer|my friend|to you))*"
WELL = r"(?:how are you(?: doing)?(?: today)?|how is it going|what is up|how do you do|how have you been|nice to meet you)"
BYE = r"(?:bye|goodbye|good bye|bye bye|see you|see ya|cya|farewell|take care)(?: (?:later|soon|tomorrow|then))?"
SUBJECTS = r"(?:very much|so much|a lot|again|anyway|for (?:the|your|all) .+|you)"
THANKS = rf"(?:thank you|thanks|thx|ty|thank|(?:many )+thanks|tnx|thanx|tysm|cheers)(?: {SUBJECTS})*"

WHOLE: tuple[tuple[QuestionKind, re.Pattern[str]], ...] = (
    ("greeting", re.compile(rf"^(?:{HELLO}{NAMES}(?: ?[,!.]* ?{WELL})?|{WELL}|{BYE})[ !.?,]*$")),
    ("statement", re.compile(
        r"^(?:yes|yeah|yep|yup|no|nope|nah|ok|okay|fine|sure|right|wow|cool|lol|haha|wrong|great|good|nice|stop|sorry)[ !.]*$"
    )),
    ("thanks", re.compile(rf"^(?:(?:ok|okay|great|perfect|cool|nice|good|alright|well|super|awesome)[ ,!.]+)?{THANKS}[ !.,]*$")),
)
ABOUT_YOU = re.compile(
    r"^(?:(?:how|what|who|where|why|which|how old|how smart|what model|what kind of \w+) )?(?:are|were) you\b"
    r"(?! (?:sure|certain|able to see)\b)"
)
START: tuple[tuple[QuestionKind, re.Pattern[str]], ...] = (
    ("quantity", re.compile(r"^[\d\s.,()]*\d\s*[-+*/x×÷^]\s*\d[\d\s.,()+*/x×÷^=-]*\??$")),
)
UNITS = (
    r"(?:meters?|metres?|centimeters?|cm|kilometers?|km|miles?|inch(?:es)?|yards?|pounds?|kg|kilos?|kilograms?|grams?"
    r"|tons?|liters?"
    r"|litres?|gallons?|degrees|dollars?|euros?|cents?|calories|percent|seconds?|minutes?|hours?|days?|weeks?|months?"
    r"|years?|times)"
)
COUNT_START = re.compile(rf"^(?:(?:and|so) )?how many (?!{UNITS}\b)(?!feet (?:tall|high|long|wide|away|deep|is)\b)")
MEASURE_START = re.compile(rf"^(?:and )?how many {UNITS}\b(?!.*\b(?:old|lived|ago)\b)")
NUMBER_OF = re.compile(
    r"^(?:what is )?(?:the )?(?:total )?number of (?!the (?:bus|dress)\b)(?:(?!bus\b|dress\b|'s\b)[\w-]+ )*?(?:\w+[^s\W]s"
    r"|people|men|women|children|sheep)\b(?! (?:shirt|jersey))"
)
WRITTEN = re.compile(
    r"^(?:what|is|are|was|whats|which words?|which text)\b.*\b(?:written|printed)\b|^what do(?:es)? [\w' -]*(?:sign|text"
    r"|label|logo|writing|words?|letters?|banner|poster)s?\b[\w' -]* (?:say|read|mean)\b"
)
COLOUR_START = re.compile(r"^(?:and )?(?:what|which) (?:\w+ )?colors?\b(?!.*\b(?:same|should|would|will|best|favou?rite)\b)")


DESCRIBE_START = re.compile(
    r"^(?:describe|caption|summarize)\b(?!.*\b(?:wear|wears|wearing|clothes|clothing|outfit|dressed|doing|as|like|poem"
    r"|style|rhyme)\b)"
)
CLOCK = re.compile(
    r"\b(?:clock|watch)\b.*\b(?:say|says|saying|show|shows|read|reads)\b|^what (?:is|are) (?:the )?(?:time|date)\b"
    r"|\b(?:years|days|weeks|months) ago\b"
    r"|^(?:is|was) (?:it|this|that) .*\b(?:o'clock|am|pm|\d+ in the (?:morning|afternoon|evening))\b"
    r"|\b(?:before|after|since|from|in) (?:the )?(?:1[6-9]|20)\d\ds?\b"
)
KIND_OF = re.compile(
    r"^(?:what|which) (?:exact )?(?:kinds?|types?|sorts?) of (?:an? )?(?!people|person|place|location|clothes|shoes"
    r"|hat)(?P<thing>[\w-]+)\b(?!.*\b(?:wear|wears|wearing)\b)"
)
NAMED_PLACE = (
    r"(?:city|town|village|country|state|continent|river|lake|mountain|hill|island|street|avenue|ocean|sea|airport|museum|stadium"
    r"|national park|hotel|university|desert|valley|region|beach|harbor|capital)"
)
PLACE_NAME = re.compile(
    rf"^(?:in |on |at |to )?(?:what|which) {NAMED_PLACE}s?\b(?! (?:sign|lamp|light|ball))|\bnames? of (?:the|this"
    rf"|that) (?:{NAMED_PLACE}|tower|bridge|church"
    rf"|building|place|restaurant|shop|store|park|square|road|station)\b|^what is (?:the|this|that) (?:{NAMED_PLACE}|tower"
    rf"|bridge|church|building|place|park) called"
)


def kind_of_whole(text: str) -> QuestionKind | None:
    """The kind of lower-case words that are a greeting, thanks or a sum from end to end."""
    for kind, pattern in (*WHOLE, *START):
        if pattern.match(text):
            return kind
    return None


def kind_of_start(text: str) -> QuestionKind | None:
    """The kind of lower-case words whose first words leave no doubt."""
    if ABOUT_YOU.match(text):
        return "about_program"
    if MEASURE_START.match(text):
        return "quantity"
    if COUNT_START.match(text) and not re.search(r"\b(?:more|fewer|less) .*\bthan\b|\bwould\b|\bcould\b|\bwill\b|\bold\b", text):
        return "count"
    if CLOCK.search(text) and not re.match(r"^(?:how many|what color|where|who)\b(?!.* ago\b)", text):
        return "time"
    if DESCRIBE_START.match(text):
        return "describe"
    if PLACE_NAME.search(text) or _asks_where_in_a_country(text):
        return "place_name"
    match = KIND_OF.match(text)
    if match is not None and match["thing"] in word_classes()["broad"]:
        return "object"
    if match is not None and match["thing"] in word_classes()["finer"] | word_classes()["animal"]:
        return "breed"
    if NUMBER_OF.match(text):
        return "count"
    if WRITTEN.match(text):
        return "text"
    if COLOUR_START.match(text) and " or " not in text:
        return "colour"
    return None


def _asks_where_in_a_country(text: str) -> bool:
    """"where in Italy is this": the answer would be a name."""
    match = re.match(r"^where(?:abouts)? in (?:the )?(\w+(?: \w+)?)", text)
    return match is not None and not word_classes()["place"].isdisjoint((match[1], match[1].split(" ")[0]))
