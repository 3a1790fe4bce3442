"""Answers as plain dicts, as exported files hold them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from core.answers import Answer, AnswerToken, CellToken, Comparison
from spinvlm_desktop.answers.answer_fields import (
    CELL_HEADS,
    DIVERGENCE,
    PATCH_HEADS,
    TOKEN,
    answer_of,
    answer_values,
    cell_token,
    damage_as_record_error,
    divergence_of,
    expect,
    field_values,
    layout_of,
    patch_token,
)

_DIGITS = 6
"""After the point, of numbers in exported files."""
_PATCHES, _CELLS = "patch_attention", "cell_attention"


def answer_to_dict(answer: Answer, *, image: Path | None = None) -> dict[str, Any]:
    """A whole answer with the full records of its tokens; numbers have 6 digits after the point."""
    values = {"answer" if name == "text" else name: value for name, value in _rounded(answer_values(answer)).items()}
    values["seconds"] = round(answer.seconds, 4)
    return {**({} if image is None else {"image": str(image)}), **values, "tokens": list(map(_token_to_dict, answer.tokens))}


def comparison_to_dict(comparison: Comparison) -> dict[str, Any]:
    """Both answers and where they part."""
    parts = comparison.divergence
    return {
        "baseline": answer_to_dict(comparison.baseline),
        "spin": answer_to_dict(comparison.spin),
        "divergence": None if parts is None else _rounded(field_values(parts, DIVERGENCE)),
    }


def answer_from_dict(values: dict[str, Any]) -> Answer:
    """An answer of what `answer_to_dict` wrote. Raises AnswerRecordError."""
    with damage_as_record_error():
        tokens, layout = values["tokens"], layout_of(values)
        read: list[AnswerToken]
        if layout is None:
            read = [patch_token(token, [token[name] for name in PATCH_HEADS], token[_PATCHES]) for token in tokens]
        else:
            count = layout.cell_count
            read = [cell_token(token, [token[name] for name in CELL_HEADS], token[_CELLS], count=count) for token in tokens]
        expect(len({token.image_mass.shape for token in read}) <= 1)
        return answer_of({**values, "text": values["answer"]}, read)


def comparison_from_dict(values: dict[str, Any]) -> Comparison:
    """A comparison of what `comparison_to_dict` wrote. Raises AnswerRecordError."""
    with damage_as_record_error():
        return Comparison(
            answer_from_dict(values["baseline"]), answer_from_dict(values["spin"]), divergence_of(values["divergence"])
        )


def _token_to_dict(token: AnswerToken) -> dict[str, Any]:
    names = (*CELL_HEADS, _CELLS) if isinstance(token, CellToken) else (*PATCH_HEADS, _PATCHES)
    arrays = {name: getattr(token, name).astype(np.float64) for name in names}
    return {
        **_rounded(field_values(token, TOKEN)),
        **{name: np.round(array, _DIGITS).tolist() for name, array in arrays.items()},
    }


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {name: round(value, _DIGITS) if isinstance(value, float) else value for name, value in values.items()}
