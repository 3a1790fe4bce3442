"""Answers as plain dicts, as exported files hold them, and as compact bytes, as the database holds them."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import numpy as np

from core.answers import (
    Answer,
    AnswerToken,
    CellToken,
    Comparison,
    Declining,
    Divergence,
    FinishReason,
    FloatArray,
    HeadIndex,
    PatchToken,
)
from core.errors import SpinVlmError
from core.photo_layout import Box, CellGrid, PhotoLayout

_MAGIC = b"SVA1"
_HEADER_LENGTH = struct.Struct("<I")
_COMPRESSION = 1
"""zlib's fastest: higher levels take several times as long for a few percent, in the window's thread."""
_DIGITS = 6
"""After the point, of numbers in exported files."""


class AnswerRecordError(SpinVlmError):
    """A stored answer can't be read."""


def _text(value: Any) -> str:
    _expect(isinstance(value, str))
    return value


def _number(value: Any) -> float:
    number = float(value)
    _expect(bool(np.isfinite(number)))
    return number


def _finish(value: Any) -> FinishReason:
    _expect(value in get_args(FinishReason))
    return value


def _array(values: Any) -> FloatArray:
    array = np.asarray(values, dtype=np.float32)
    _expect(bool(np.isfinite(array).all()))
    return array


def _flag(value: Any) -> bool:
    _expect(isinstance(value, bool))
    return value


def _certainty(value: Any) -> float | None:
    _expect(value is None or 0 <= _number(value) <= 1)
    return None if value is None else float(value)


def _box(values: Any) -> Box:
    left, top, right, bottom = map(_number, values)
    return left, top, right, bottom


def _expect(condition: bool) -> None:
    if not condition:
        raise ValueError


Fields = Mapping[str, Callable[[Any], Any]]
"""The names of a record's fields that aren't arrays, each with what reads its value."""
_ANSWER: Fields = {"question": _text, "text": _text, "finish": _finish, "log_probability": _number, "seconds": _number}
_ADDED: Fields = {"asked": _text, "certainty": _certainty, "is_sentence": _flag}
"""Fields of an answer that records of earlier versions lack, and of which each has a default."""
_TOKEN: Fields = {"index": int, "token_id": int, "text": _text, "probability": _number}
_HEADS = ("image_mass", "head_gate", "class_attention")
"""A PatchToken's arrays of [L, H]."""
_PATCH_ARRAYS = (*_HEADS, "patch_attention")
_CELL_ARRAYS = ("image_mass", "head_gate", "cell_attention")
_GRID: Fields = {
    "rows": int, "columns": int, "box": _box, "first_token": int, "row_stride": int, "is_overview": bool,
}
_DIVERGENCE: Fields = {
    "index": int, "baseline_text": _text, "baseline_probability": _number, "spin_text": _text, "spin_probability": _number,
}


# -- plain dicts


def answer_to_dict(answer: Answer, *, image: Path | None = None) -> dict[str, Any]:
    """A whole answer with the full records of its tokens; numbers have 6 digits after the point."""
    values = {"answer" if name == "text" else name: value for name, value in _rounded(_answer_values(answer)).items()}
    values["seconds"] = round(answer.seconds, 4)
    if answer.layout is not None:
        values |= {"forgotten_turns": answer.forgotten_turns, "layout": asdict(answer.layout)}
    return {**({} if image is None else {"image": str(image)}), **values, "tokens": list(map(_token_to_dict, answer.tokens))}


def comparison_to_dict(comparison: Comparison) -> dict[str, Any]:
    """Both answers and where they part."""
    parts = comparison.divergence
    return {
        "baseline": answer_to_dict(comparison.baseline),
        "spin": answer_to_dict(comparison.spin),
        "divergence": None if parts is None else _rounded(_values(parts, _DIVERGENCE)),
    }


def answer_from_dict(values: dict[str, Any]) -> Answer:
    """An answer of what `answer_to_dict` wrote. Raises AnswerRecordError."""
    with _damage_as_record_error():
        named = {**values, "text": values["answer"]}
        if "layout" in values:
            return _cell_answer(named)
        tokens = [_token(token, [token[name] for name in _HEADS], token["patch_attention"]) for token in values["tokens"]]
        return _answer(named, tokens)


def comparison_from_dict(values: dict[str, Any]) -> Comparison:
    """A comparison of what `comparison_to_dict` wrote. Raises AnswerRecordError."""
    with _damage_as_record_error():
        return Comparison(
            answer_from_dict(values["baseline"]), answer_from_dict(values["spin"]), _divergence(values["divergence"])
        )


def heads_from_json(values: Any) -> frozenset[HeadIndex]:
    """Of a list of pairs: layer and head. Raises ValueError or TypeError."""
    return frozenset((int(layer), int(head)) for layer, head in values)


def _token_to_dict(token: AnswerToken) -> dict[str, Any]:
    names = _CELL_ARRAYS if isinstance(token, CellToken) else _PATCH_ARRAYS
    arrays = {name: getattr(token, name).astype(np.float64) for name in names}
    return {
        **_rounded(_values(token, _TOKEN)), **{name: np.round(array, _DIGITS).tolist() for name, array in arrays.items()}
    }


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {name: round(value, _DIGITS) if isinstance(value, float) else value for name, value in values.items()}


# -- bytes


def result_to_bytes(result: Answer | Comparison) -> bytes:
    """The database's form: a JSON header and the records of all tokens, compressed.

    Attention on patches has 11 significant bits, everything else is exact. All tokens of an answer must be PatchTokens of the
    same shapes; `request_id` isn't kept.
    """
    answers = (result.baseline, result.spin) if isinstance(result, Comparison) else (result,)
    header: dict[str, Any] = {"answers": [_header(answer) for answer in answers]}
    if isinstance(result, Comparison):
        parts = result.divergence
        header["divergence"] = None if parts is None else _values(parts, _DIVERGENCE)
    text = json.dumps(header, ensure_ascii=False).encode("utf-8", "surrogatepass")
    arrays = b"".join(_arrays(answer) for answer in answers if answer.tokens)
    return _MAGIC + zlib.compress(_HEADER_LENGTH.pack(len(text)) + text + arrays, _COMPRESSION)


def result_from_bytes(content: bytes) -> Answer | Comparison:
    """What `result_to_bytes` wrote. Raises AnswerRecordError."""
    with _damage_as_record_error():
        _expect(content.startswith(_MAGIC))
        raw = zlib.decompress(content[len(_MAGIC):])
        (length,) = _HEADER_LENGTH.unpack_from(raw)
        start = _HEADER_LENGTH.size + length
        header = json.loads(raw[_HEADER_LENGTH.size:start].decode("utf-8", "surrogatepass"))
        answers: list[Answer] = []
        for values in header["answers"]:
            tokens, start = _tokens_at(values, raw, start)
            answers.append(_answer(values, tokens))
        _expect(start == len(raw))
        if "divergence" in header:
            return Comparison(answers[0], answers[1], _divergence(header["divergence"]))
        return answers[0]


def _header(answer: Answer) -> dict[str, Any]:
    tokens = _patch_tokens(answer)
    shape = list(tokens[0].patch_attention.shape) if tokens else [0, 0, 0, 0]  # L, H, S, S
    return {**_answer_values(answer), "tokens": [_values(token, _TOKEN) for token in answer.tokens], "shape": shape}


def _patch_tokens(answer: Answer) -> list[PatchToken]:
    return [token for token in answer.tokens if isinstance(token, PatchToken)]


def _arrays(answer: Answer) -> bytes:
    heads = np.stack([np.stack([getattr(token, name) for name in _HEADS]) for token in answer.tokens])  # [T, 3, L, H]
    patches = np.stack([token.patch_attention for token in _patch_tokens(answer)])  # [T, L, H, S, S]
    return heads.astype("<f4").tobytes() + patches.astype("<f2").tobytes()


def _tokens_at(values: dict[str, Any], raw: bytes, start: int) -> tuple[list[PatchToken], int]:
    """The tokens whose arrays begin at `start`, and where the arrays of the next answer begin."""
    count, (layers, heads, rows, columns) = len(values["tokens"]), values["shape"]
    if not count:
        return [], start
    of_heads = np.frombuffer(raw, "<f4", count * 3 * layers * heads, start).reshape(count, 3, layers, heads)
    start += of_heads.nbytes
    of_patches = np.frombuffer(raw, "<f2", count * layers * heads * rows * columns, start)
    start += of_patches.nbytes
    of_patches = of_patches.reshape(count, layers, heads, rows, columns)  # [T, L, H, S, S]
    tokens = zip(values["tokens"], of_heads, of_patches, strict=True)
    return [_token(token, heads_of_token, patches) for token, heads_of_token, patches in tokens], start


# -- both


def _values(record: Answer | AnswerToken | Divergence, fields: Fields) -> dict[str, Any]:
    return {name: getattr(record, name) for name in fields}


def _read(values: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    return {name: read(values[name]) for name, read in fields.items()}


def _answer_values(answer: Answer) -> dict[str, Any]:
    """All but the tokens. Of a declined question: `declined` is its kind, else empty; the sentence is the answer's text."""
    declined = answer.declined
    return {
        **_values(answer, _ANSWER), **_values(answer, _ADDED), "declined": "" if declined is None else declined.kind,
        "suggestions": [] if declined is None else list(declined.suggestions),
    }


def _answer(values: Mapping[str, Any], tokens: Sequence[PatchToken]) -> Answer:
    _expect(len({token.patch_attention.shape for token in tokens}) <= 1)
    added = _read(values, {name: read for name, read in _ADDED.items() if name in values})
    return Answer(tokens=tuple(tokens), declined=_declined(values), **added, **_read(values, _ANSWER))


def _declined(values: Mapping[str, Any]) -> Declining | None:
    kind = values.get("declined", "")
    if not kind:
        return None
    return Declining(
        _text(kind),  # pyright: ignore[reportArgumentType]  # another version may have other kinds; the sentence stays readable
        _text(values["text"]), tuple(map(_text, values["suggestions"])),
    )


def _token(values: Mapping[str, Any], heads: Sequence[Any] | FloatArray, patches: Any) -> PatchToken:
    """heads: as _HEADS has them, each [L, H]; patches: [L, H, S, S]."""
    arrays = {name: _array(value) for name, value in zip(_HEADS, heads, strict=True)}
    attention = _array(patches)
    _expect(attention.ndim == 4 and {array.shape for array in arrays.values()} == {attention.shape[:2]})
    return PatchToken(patch_attention=attention, **arrays, **_read(values, _TOKEN))


def _cell_answer(values: Mapping[str, Any]) -> Answer:
    """Of a pretrained model, whose tokens have maps on cells."""
    found = values["layout"]
    grids = tuple(CellGrid(**_read(grid, _GRID)) for grid in found["grids"])
    layout = PhotoLayout(int(found["width"]), int(found["height"]), grids, int(found["image_tokens"]))
    tokens = tuple(_cell_token(token, cells=len(layout.cells)) for token in values["tokens"])
    return Answer(
        tokens=tokens, layout=layout, forgotten_turns=int(values["forgotten_turns"]), **_read(values, _ANSWER)
    )


def _cell_token(values: Mapping[str, Any], *, cells: int) -> CellToken:
    mass, gate, attention = (_array(values[name]) for name in _CELL_ARRAYS)
    _expect(mass.ndim == 2 and mass.shape == gate.shape and attention.shape == (len(mass), cells))
    return CellToken(image_mass=mass, head_gate=gate, cell_attention=attention.astype(np.float16), **_read(values, _TOKEN))


def _divergence(values: Mapping[str, Any] | None) -> Divergence | None:
    return None if values is None else Divergence(**_read(values, _DIVERGENCE))


@contextmanager
def _damage_as_record_error() -> Iterator[None]:
    try:
        yield
    except (ValueError, KeyError, IndexError, TypeError, OverflowError, RecursionError, struct.error, zlib.error) as error:
        raise AnswerRecordError("The record of an answer is damaged.") from error
