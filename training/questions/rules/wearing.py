"""What is X wearing?"""

from __future__ import annotations

from training.language.caption_parser import ParsedCaption
from training.language.word_lists import load_word_lists
from training.questions.rules.clothes import Outfit, find_outfits
from training.questions.rules.colour import agreed_colours
from training.questions.rules.read_image import Candidate, ReadImage, Reference

MAX_WORDS = 9
NO_ARTICLE = frozenset({
    "clothing", "attire", "gear", "garb", "camouflage", "apparel", "underwear", "swimwear", "jewelry",
    "equipment", "clothes", "armor", "makeup", "wear", "denim", "leather", "paint", "dress", "headgear",
    "lingerie", "protection", "formal",
})


def wearing_pairs(image: ReadImage) -> list[Candidate]:
    """Questions about clothes."""
    found: list[Candidate] = []
    agreed = agreed_colours(image)
    for caption in image.captions:
        for outfit in find_outfits(caption):
            answer = _answer(caption, outfit)
            disputed = any(item.colours and item.name is not None and item.name not in agreed for item in outfit.items)
            if answer is None or (image.lone_person and disputed):
                continue
            for reference in image.references(outfit.owner):
                found.append(Candidate(image.name, "wearing", reference.text, _questions(reference), answer))
    return found


def _answer(caption: ParsedCaption, outfit: Outfit) -> str | None:
    lists = load_word_lists()
    items = [item for item in outfit.items if item.head not in lists.colours]
    if not items:
        return None
    start, end = items[0].start, items[0].end
    for item in items[1:]:
        if item.end - start <= MAX_WORDS:
            end = item.end
    words = caption.tokens[start:end]
    if words[0] in lists.possessives or end - start > MAX_WORDS:
        return None
    text = caption.text(start, end)
    if words[0] == "the":
        text = text[4:]
    elif words[0] in lists.determiners or words[0] in lists.counts:
        return text
    if items[0].plural or items[0].head in NO_ARTICLE:
        return text
    return f"{'an' if text[0] in 'aeiou' else 'a'} {text}"


def _questions(who: Reference) -> tuple[str, ...]:
    return (
        f"What {who.be} {who.text} wearing?", f"What {who.be} {who.text} wearing?",
        f"What {who.be} {who.text} wearing in the picture?", f"What clothes {who.be} {who.text} wearing?",
        f"What {who.be} {who.text} dressed in?", f"Describe what {who.text} {who.be} wearing.",
    )
