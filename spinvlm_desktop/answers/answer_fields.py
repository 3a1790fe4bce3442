"""What stored and exported answers have in common: the fields of each record, by name, with what reads each value."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, get_args

import numpy as np

from core.answers import (
    Answer,
    AnswerToken,
    CellToken,
    Declining,
    Divergence,
    FinishReason,
    FloatArray,
    HeadIndex,
    ModelOrigin,
    PatchToken,
)
from core.errors import SpinVlmError
from core.photo_layout import Box, CellGrid, PhotoLayout
from core.text.question_kinds.declining import GUESSES


class AnswerRecordError(SpinVlmError):
    """A stored answer can't be read."""


def expect(condition: bool) -> None:
    """Raises ValueError where a record isn't as it should be."""
    if not condition:
        raise ValueError


def _text(value: Any) -> str:
    expect(isinstance(value, str))
    return value


def _optional_text(value: Any) -> str | None:
    return None if value is None else _text(value)


def _number(value: Any) -> float:
    number = float(value)
    expect(bool(np.isfinite(number)))
    return number


def _finish(value: Any) -> FinishReason:
    expect(value in get_args(FinishReason))
    return value


def _flag(value: Any) -> bool:
    expect(isinstance(value, bool))
    return value


def _certainty(value: Any) -> float | None:
    expect(value is None or 0 <= _number(value) <= 1)
    return None if value is None else float(value)


def _box(values: Any) -> Box:
    left, top, right, bottom = map(_number, values)
    return left, top, right, bottom


Fields = Mapping[str, Callable[[Any], Any]]
"""The names of a record's fields that aren't arrays, each with what reads its value."""
ANSWER: Fields = {"question": _text, "text": _text, "finish": _finish, "log_probability": _number, "seconds": _number}
ADDED: Fields = {"asked": _text, "certainty": _certainty, "is_sentence": _flag, "forgotten_turns": int, "finer": _flag}
"""Fields of an answer that records of earlier versions lack, and of which each has a default."""
TOKEN: Fields = {"index": int, "token_id": int, "text": _text, "probability": _number}
DIVERGENCE: Fields = {
    "index": int, "baseline_text": _text, "baseline_probability": _number, "spin_text": _text, "spin_probability": _number,
}
_ORIGIN: Fields = {"engine": _text, "name": _text, "revision": _optional_text, "precision": _text}
_GRID: Fields = {
    "rows": int, "columns": int, "box": _box, "first_token": int, "row_stride": int, "is_overview": bool,
}
PATCH_HEADS = ("image_mass", "head_gate", "class_attention")
"""A PatchToken's arrays of [L, H]."""
CELL_HEADS = ("image_mass", "head_gate")
"""A CellToken's."""


def field_values(record: Answer | AnswerToken | Divergence, fields: Fields) -> dict[str, Any]:
    """The record's fields by name."""
    return {name: getattr(record, name) for name in fields}


def read_fields(values: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    """The values of all fields. Raises KeyError, ValueError or TypeError where one is missing or wrong."""
    return {name: read(values[name]) for name, read in fields.items()}


def answer_values(answer: Answer) -> dict[str, Any]:
    """All but the tokens. Of a declined question: `declined` is its kind, else empty; the sentence is the answer's text.

    What only pretrained models have is left out for others: the layout of their cells, turns that they forgot, whether they
    looked finer, their origin; so are the shares of classes where no class question was asked.
    """
    declined, layout, origin, shares = answer.declined, answer.layout, answer.origin, answer.class_shares
    values = field_values(answer, {**ANSWER, **ADDED})
    if layout is None:
        del values["forgotten_turns"], values["finer"]
    return {
        **values, "declined": "" if declined is None else declined.kind,
        "suggestions": [] if declined is None else list(declined.suggestions),
        **({} if layout is None else {"layout": asdict(layout)}), **({} if origin is None else {"origin": asdict(origin)}),
        **({"class_shares": [list(share) for share in shares]} if shares else {}),
    }


def answer_of(values: Mapping[str, Any], tokens: Sequence[AnswerToken]) -> Answer:
    """The answer of what `answer_values` gave, with these tokens."""
    added = read_fields(values, {name: read for name, read in ADDED.items() if name in values})
    origin = values.get("origin")
    return Answer(
        tokens=tuple(tokens), declined=_declined(values), layout=layout_of(values),
        origin=None if origin is None else ModelOrigin(**read_fields(origin, _ORIGIN)), **added, **read_fields(values, ANSWER),
        class_shares=tuple((_text(name), _number(share)) for name, share in values.get("class_shares", ())),
    )


def _declined(values: Mapping[str, Any]) -> Declining | None:
    kind = values.get("declined", "")
    if not kind:
        return None
    if kind in GUESSES:
        return GUESSES[kind]  # the record's text is the guess
    return Declining(
        _text(kind),  # pyright: ignore[reportArgumentType]  # another version may have other kinds; the sentence stays readable
        _text(values["text"]), tuple(map(_text, values["suggestions"])),
    )


def layout_of(values: Mapping[str, Any]) -> PhotoLayout | None:
    """Where an answer's cells lie; None for an answer of the small model."""
    found = values.get("layout")
    if found is None:
        return None
    grids = tuple(CellGrid(**read_fields(grid, _GRID)) for grid in found["grids"])
    expect(all(grid.rows >= 1 and grid.columns >= 1 for grid in grids))
    return PhotoLayout(int(found["width"]), int(found["height"]), grids, int(found["image_tokens"]))


def patch_token(values: Mapping[str, Any], heads: Sequence[Any] | FloatArray, patches: Any) -> PatchToken:
    """heads: as PATCH_HEADS has them, each [L, H]; patches: [L, H, S, S]."""
    arrays = {name: _array(value) for name, value in zip(PATCH_HEADS, heads, strict=True)}
    attention = _array(patches)
    expect(attention.ndim == 4 and {array.shape for array in arrays.values()} == {attention.shape[:2]})
    return PatchToken(patch_attention=attention, **arrays, **read_fields(values, TOKEN))


def cell_token(values: Mapping[str, Any], heads: Sequence[Any] | FloatArray, cells: Any, *, count: int) -> CellToken:
    """heads: as CELL_HEADS has them, each [L, H]; cells: [L, C]; count: C of the answer's layout."""
    mass, gate = (_array(value) for value in heads)
    attention = _array(cells)
    expect(mass.ndim == 2 and mass.shape == gate.shape and attention.shape == (len(mass), count))
    return CellToken(
        image_mass=mass, head_gate=gate, cell_attention=attention.astype(np.float16), **read_fields(values, TOKEN)
    )


def divergence_of(values: Mapping[str, Any] | None) -> Divergence | None:
    return None if values is None else Divergence(**read_fields(values, DIVERGENCE))


def heads_from_json(values: Any) -> frozenset[HeadIndex]:
    """Of a list of pairs: layer and head. Raises ValueError or TypeError."""
    return frozenset((int(layer), int(head)) for layer, head in values)


def _array(values: Any) -> FloatArray:
    array = np.asarray(values, dtype=np.float32)
    expect(bool(np.isfinite(array).all()))
    return array


@contextmanager
def damage_as_record_error() -> Iterator[None]:
    """Whatever reading a record raises inside becomes an AnswerRecordError."""
    try:
        yield
    except (
        ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, RecursionError, struct.error, zlib.error,
    ) as error:
        raise AnswerRecordError("The record of an answer is damaged.") from error
