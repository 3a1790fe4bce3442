"""Answers as plain dicts, for JSON files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from core.answers import Answer, AnswerToken, Comparison, FloatArray


def to_json(content: dict[str, Any], *, indent: int | None = 1) -> str:
    return json.dumps(content, ensure_ascii=False, indent=indent)


def token_to_dict(token: AnswerToken) -> dict[str, Any]:
    """A token with its full records; numbers rounded to 6 digits."""
    return {
        "index": token.index,
        "token_id": token.token_id,
        "text": token.text,
        "probability": round(token.probability, 6),
        "image_mass": _rounded(token.image_mass),
        "head_gate": _rounded(token.head_gate),
        "class_attention": _rounded(token.class_attention),
        "patch_attention": _rounded(token.patch_attention),
    }


def answer_to_dict(answer: Answer, *, image: Path | None = None) -> dict[str, Any]:
    """A whole answer with all token records."""
    return {
        **({} if image is None else {"image": str(image)}),
        "question": answer.question,
        "answer": answer.text,
        "finish": answer.finish,
        "log_probability": round(answer.log_probability, 6),
        "seconds": round(answer.seconds, 4),
        "tokens": [token_to_dict(token) for token in answer.tokens],
    }


def comparison_to_dict(comparison: Comparison) -> dict[str, Any]:
    """Both answers and where they part."""
    divergence = comparison.divergence
    return {
        "baseline": answer_to_dict(comparison.baseline),
        "spin": answer_to_dict(comparison.spin),
        "divergence": None if divergence is None else {
            "index": divergence.index,
            "baseline_text": divergence.baseline_text,
            "baseline_probability": round(divergence.baseline_probability, 6),
            "spin_text": divergence.spin_text,
            "spin_probability": round(divergence.spin_probability, 6),
        },
    }


def _rounded(values: FloatArray) -> Any:
    return np.round(values.astype(np.float64), 6).tolist()
