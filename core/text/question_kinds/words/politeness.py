"""Drops what is said around a question: greetings before it, please, "can you tell me"."""

from __future__ import annotations

import re

LEADING = re.compile(
    r"(?:(?:hello|hi|hey|yo|hiya|good (?:morning|day|evening|afternoon))(?: (?:there|buddy|mate|friend|all"
    r"|you))? ?[,.!]* (?=\S+ \S)"
    r"|(?:please|kindly|ok|okay|so|well|um+|uh+|hm+|alright|now|and now|excuse me|sorry|listen|by the way|question|(?:one"
    r"|another|quick|short|my) question(?: is)?"
    r"|one more (?:thing|question)|thanks|thank you|great|cool|nice|oh)(?: (?:but|and))? ?[,.:;!-]+ "
    r"|(?:please|kindly|so|well|um+|uh+|ok|okay|by the way|excuse me|just wondering) (?=\S+ \S)"
    r"|(?!what|how|who|which|where).{0,80}?\b(?:can|could|would|will) you (?:please |kindly |possibly |maybe |perhaps "
    r"|quickly |just )*"
    r"(?:have a look (?:at \w+ \w+ )?(?:and )?)?(?:tell me|let me know|say|explain to me|show me|check|look up|find out"
    r"|inform me|guess"
    r"|help me (?:see|know|find out|understand))(?: please)?(?! (?:about|more|all|something|everything|a|an|the)\b) ?,? (?=\S)"
    r"|(?:can|could|would|will) you (?:please |kindly )?(?=(?:tell me|describe|count|read|name|list|write|draw|show"
    r"|explain|give|make|translate)\b)"
    r"|(?:i (?:want|would like|need|wish|am trying|would love) to (?:know|see|find out)|(?:i am|i was|just) (?:wondering"
    r"|curious)|i wonder"
    r"|(?:do|did) you (?:happen to )?(?:know|see)(?= (?:what|where|how|if|whether|when|why|which|who)\b)|any idea|may i ask"
    r"|let me know|tell (?:me|us)(?! (?:about|more|all|something|everything|a|an|the)\b)|say(?= (?:what|where|how|if|whether"
    r"|who|which))|please tell"
    r"|(?:my|the) question is|what i want to know is|can you (?:see|tell|make out|find|find out|spot)(?= (?:what|where"
    r"|how|if|whether|when"
    r"|why|which|who)\b)"
    r"|can you (?:see|tell|make out|name|say) (?=the (?:colors?|number) of\b)|(?:are you able to"
    r"|is it possible to) (?:see|tell|say)(?: me)?|check|guess(?= (?:what|where|how|if|whether|who|which)))"
    r" ?[,:]* (?=\S))"
)
TRAILING = re.compile(
    r"(?:(?:[ ,.!?;-]+(?:please|pls|thanks|thank you|thank you (?:very|so) much|thanks (?:a lot|in advance)|for me"
    r"|if you can|if possible"
    r"|if you do not mind|would you|can you tell me|by the way|right now|do you think|would you say|at all|do you know"
    r"|can you tell|i wonder|exactly|or not|or what|or so|or something|yes or no)"
    r"|[.!?;-]* ?, (?:my friend|buddy|mate|sir|bro|man|dude|can you|do you know|tell me|then|actually|exactly|though"
    r"|anyway|now|you think))"
    r"[ .!?]*$)"
)
NOT_ALONE = frozenset({"what", "who", "where", "how", "why", "which", "is", "are", "the"})
WH_WORDS = frozenset({"what", "who", "where", "how", "why", "which", "when", "whose"})
SHORT_SUBJECTS = frozenset({"there", "this", "that", "it", "he", "she", "they", "these", "those"})
INDIRECT = re.compile(r"^(?:if|whether) (.+?) (is|are|was|were|has|have|can)\b ?(.*)$")
OPINION = re.compile(
    r"^(?:do you (?:think|believe|suppose|reckon|guess)|would you say|is it (?:true|right|correct|possible) that"
    r"|are you sure|am i right"
    r"|can you confirm)(?: that)? (?=(?:the|a|an|this|that|these|those|his|her|he|she|it|they|there)\b)"
)
ORDER = re.compile(
    r"^((?:what|which) color|how many [\w' -]+?|what|where|who|which (?!of\b|one\b)\w+(?: (?!of\b)\w+)?) ((?:the|a|an"
    r"|this|that|these|those|his|her|their|he|she|it|they|there)"
    r"(?: [\w'-]+){0,6}?) (is|are|was|were)\b ?(.*)$"
)
NOT_INSIDE = re.compile(r"^(?:is|are|was|were|do|does|did|has|have)\b")
TAG = re.compile(
    r"^(.+?) (is|are|was|were|has|have|can) (.+?) ?,? (?:right|correct|yes or no|yes|no|or not"
    r"|(?:is|are|was|were|does|do|has|have|can)(?: not)? (?:he|she|it|they|there|that|this|these|those)(?: not)?)$"
)
SEE = re.compile(
    r"^(?:can|could|do|did) (?:you|we|i|u) (?:spot|find|notice|make out|detect|observe|recognize|identify) (?=(?:a|an|any"
    r"|some|the)\b)"
)


def without_politeness(text: str) -> str:
    """Lower-case words on one line without what is only said around them; never less than one word."""
    for _ in range(6):
        shorter = _shorter(text)
        if shorter == text or not shorter:
            break
        text = shorter
    return text


def _shorter(text: str) -> str:
    text = OPINION.sub("if ", text)
    match = LEADING.match(text)
    if match is not None and len(text) - match.end() > 1:
        text = text[match.end():]
    match = TRAILING.search(text)
    if match is not None and match.start() > 1:
        rest = text[: match.start()]
        if len(rest.split()) >= 2 or rest not in NOT_ALONE:
            text = rest
    return text.strip(" ,;")


def direct_question(text: str) -> str:
    """A question in its plain order; other texts as they are.

    "where the dog is" -> "where is the dog"; "if there is a dog", "there is a dog, isn't there" -> "is there a dog".
    """
    end = "?" if text.endswith("?") else ""
    text = text.rstrip(" ?.!")
    match = INDIRECT.match(text)
    if match is not None:
        return f"{match[2]} {match[1]} {match[3]}".strip() + end
    text = re.sub(r"^(?:if|whether) ", "", text)
    match = TAG.match(text)
    if match is not None and text.endswith((
        " right", " correct", " no", " yes",
    )) and "," not in text and match[1] not in SHORT_SUBJECTS:
        match = None  # "the dog on the right"
    if match is not None and not NOT_INSIDE.match(text) and len(match[1].split()) <= 5 and match[1].split()[0] not in WH_WORDS:
        return f"{match[2]} {match[1]} {match[3]}" + end
    match = ORDER.match(text)
    if match is not None and not NOT_INSIDE.match(match[2]):
        return f"{match[1]} {match[3]} {match[2]} {match[4]}".strip() + end
    return SEE.sub("can you see ", text) + end
