"""Groups of shapes in words."""

from __future__ import annotations

from collections.abc import Sequence

from training.language.object_lexicon import plural_of
from training.scenes.scene import Group

NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def with_article(text: str) -> str:
    """a red circle, an orange circle."""
    return f"{'an' if text[0] in 'aeiou' else 'a'} {text}"


def counted(count: int, text: str) -> str:
    """a red circle, two red circles."""
    return with_article(text) if count == 1 else f"{NUMBER_WORDS[count]} {plural_of(text)}"


def group_phrase(group: Group, *, sized: bool) -> str:
    """a small red circle; two red circles. sized: says whether they are small or large."""
    size = f"{group.first.size} " if sized and group.first.size != "medium" else ""
    return counted(len(group), size + group.first.name)


def listed(parts: Sequence[str]) -> str:
    """a, b and c."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
