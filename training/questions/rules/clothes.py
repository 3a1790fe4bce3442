"""Who wears what, read from a caption."""

from __future__ import annotations

from dataclasses import dataclass

from training.language.caption_parser import ParsedCaption, Phrase
from training.questions.rules.read_image import LIVING

LINKS: tuple[tuple[str, ...], ...] = tuple(tuple(link.split()) for link in (
    "wearing", "in", "with", "dressed in", "is wearing", "are wearing", "wears", "wear", "who is wearing", "who wears",
    "is in", "are in", "is dressed in", "are dressed in", "all dressed in", "that is wearing", "all wearing",
    "both wearing", "are all wearing", "are both wearing", ", wearing",
))
"""Words between somebody and what they wear."""
CARRIED = frozenset({
    "bag", "umbrella", "leash", "purse", "ring", "wings", "stripes", "float", "stripe", "watch", "feather",
    "floaties", "saddle", "bags", "umbrellas", "feathers", "leashes", "pocket", "sleeves", "flag",
})


@dataclass(frozen=True)
class Outfit:
    """What somebody wears, as one caption has it."""

    owner: Phrase
    items: tuple[Phrase, ...]


def find_outfits(caption: ParsedCaption) -> list[Outfit]:
    """People and animals with the clothes that stand right behind them."""
    outfits: list[Outfit] = []
    by_start = {phrase.start: phrase for phrase in caption.phrases}
    for owner in caption.phrases:
        if owner.type not in LIVING:
            continue
        start = _behind_link(caption, owner.end)
        first = by_start.get(start) if start is not None else None
        if first is None or not _is_worn(first):
            continue
        items = [first]
        while (item := _next_item(caption, items[-1].end, by_start)) is not None:
            items.append(item)
        outfits.append(Outfit(owner, tuple(items)))
    return outfits


def _behind_link(caption: ParsedCaption, position: int) -> int | None:
    for link in LINKS:
        if caption.tokens[position : position + len(link)] == link:
            return position + len(link)
    return None


def _is_worn(phrase: Phrase) -> bool:
    return phrase.type == "clothing" and phrase.head not in CARRIED


def _next_item(caption: ParsedCaption, end: int, by_start: dict[int, Phrase]) -> Phrase | None:
    """The next worn thing of a list: ", a hat", "and a hat", ", and a hat"."""
    for joint in (("and",), (",",), (",", "and")):
        if caption.tokens[end : end + len(joint)] == joint:
            item = by_start.get(end + len(joint))
            if item is not None and _is_worn(item):
                return item
    return None
