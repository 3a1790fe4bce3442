"""Finds the question among several sentences."""

from __future__ import annotations

import re

END = re.compile(r"(?<=[.!?;])\s+")
ASKS = re.compile(
    r"^(?:(?:and|so|but|now|please|ok|okay|well|hey|hi|hello)\b[ ,]*)*(?:what|whats|which|who|whos|whose|where|wheres"
    r"|when|why|how|hows|is|are|was|were|do|does|did|has"
    r"|have|can|could|would|will|should|am|isn't|aren't|doesn't|tell|describe|count|name|list|explain|give|show|write"
    r"|read|any)\b",
    re.IGNORECASE,
)


def asking_sentence(text: str) -> str:
    """The first sentence of a plain text that asks for something; the whole text where none or the only one does."""
    parts = [part for part in END.split(text) if any(character.isalnum() for character in part)]
    if len(parts) < 2:
        return text
    for part in parts:
        if part.rstrip().endswith("?") and len(part.split()) > 1 and ASKS.match(part):
            return part
    for part in parts:
        if part.rstrip().endswith("?") and len(part.split()) > 2:
            return part
    for part in parts:
        if ASKS.match(part) and len(part.split()) > 1:
            return part
    return text
