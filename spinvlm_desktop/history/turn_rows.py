"""A turn as a row of the database, and back."""

from __future__ import annotations

import json
from typing import Any

from core.answers import Answer, Comparison, HeadIndex
from core.config import ConfigError, GenerationConfig, SpinConfig
from spinvlm_desktop.answers.answer_bytes import result_from_bytes, result_to_bytes
from spinvlm_desktop.answers.answer_fields import AnswerRecordError, heads_from_json
from spinvlm_desktop.history.records import Turn

TURN_COLUMNS = "id, conversation_id, question, spin, generation, model, error, partial_text, result, ablated"


def how_values(
    *, spin: SpinConfig | None, generation: GenerationConfig, model: str, ablated: frozenset[HeadIndex]
) -> dict[str, Any]:
    """How a turn is answered."""
    return {
        "spin": None if spin is None else json.dumps(spin.to_dict()), "generation": json.dumps(generation.to_dict()),
        "model": model, "ablated": json.dumps(sorted(ablated)),
    }


def result_values(result: Answer | Comparison | None) -> dict[str, Any]:
    """What came of a turn; answer_text is what is searched."""
    if result is None:
        return {"result": None, "answer_text": ""}
    text = f"{result.baseline.text}\n{result.spin.text}" if isinstance(result, Comparison) else result.text
    return {"result": result_to_bytes(result), "answer_text": text}


def turn_of(
    number: int, conversation_id: int, question: str, spin: str | None, generation: str, model: str, error: str | None,
    partial_text: str, stored: bytes | None, ablated: str,
) -> Turn:
    """From the columns in their order; a record that is damaged gives a turn with an error."""
    settings: SpinConfig | None = None
    how, result, heads = GenerationConfig(), None, frozenset[HeadIndex]()
    try:
        settings = None if spin is None else SpinConfig.from_dict(json.loads(spin))
        how = GenerationConfig.from_dict(json.loads(generation))
        result = None if stored is None else result_from_bytes(stored)
        heads = heads_from_json(json.loads(ablated))
    except (AnswerRecordError, ConfigError, ValueError, TypeError):
        error = "The record of this answer is damaged."
    return Turn(
        number, conversation_id, question, result if isinstance(result, Answer) else None,
        result if isinstance(result, Comparison) else None, settings, how, model, error, partial_text, heads,
    )
