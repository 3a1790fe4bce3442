"""Answers as compact bytes, as the history's database holds them."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping, Sequence
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

_MAGIC = b"SVA1"
_HEADER_LENGTH = struct.Struct("<I")
_COMPRESSION = 1
"""zlib's fastest: higher levels take several times as long for a few percent, in the window's thread."""


def result_to_bytes(result: Answer | Comparison) -> bytes:
    """A JSON header and the records of all tokens, compressed.

    Maps have 11 significant bits, everything else is exact. All tokens of an answer must be of one kind and of the same
    shapes; `request_id` isn't kept.
    """
    answers = (result.baseline, result.spin) if isinstance(result, Comparison) else (result,)
    header: dict[str, Any] = {"answers": [_header(answer) for answer in answers]}
    if isinstance(result, Comparison):
        parts = result.divergence
        header["divergence"] = None if parts is None else field_values(parts, DIVERGENCE)
    text = json.dumps(header, ensure_ascii=False).encode("utf-8", "surrogatepass")
    arrays = b"".join(_arrays(answer.tokens) for answer in answers if answer.tokens)
    return _MAGIC + zlib.compress(_HEADER_LENGTH.pack(len(text)) + text + arrays, _COMPRESSION)


def result_from_bytes(content: bytes) -> Answer | Comparison:
    """What `result_to_bytes` wrote. Raises AnswerRecordError."""
    with damage_as_record_error():
        expect(content.startswith(_MAGIC))
        raw = zlib.decompress(content[len(_MAGIC):])
        (length,) = _HEADER_LENGTH.unpack_from(raw)
        start = _HEADER_LENGTH.size + length
        header = json.loads(raw[_HEADER_LENGTH.size:start].decode("utf-8", "surrogatepass"))
        answers: list[Answer] = []
        for values in header["answers"]:
            tokens, start = _tokens_at(values, raw, start)
            answers.append(answer_of(values, tokens))
        expect(start == len(raw))
        if "divergence" in header:
            return Comparison(answers[0], answers[1], divergence_of(header["divergence"]))
        return answers[0]


def _header(answer: Answer) -> dict[str, Any]:
    """With the shape of a token's maps: [L, H, S, S] on patches, [L, H, C] on cells."""
    shape = [0, 0, 0, 0]
    if answer.tokens:
        token = answer.tokens[0]
        shape = [*token.image_mass.shape, *_maps(token).shape[-1 if isinstance(token, CellToken) else 2 :]]
    return {**answer_values(answer), "tokens": [field_values(token, TOKEN) for token in answer.tokens], "shape": shape}


def _maps(token: AnswerToken) -> np.ndarray[Any, Any]:
    return token.cell_attention if isinstance(token, CellToken) else token.patch_attention  # type: ignore[attr-defined]


def _head_names(token: AnswerToken) -> tuple[str, ...]:
    return CELL_HEADS if isinstance(token, CellToken) else PATCH_HEADS


def _arrays(tokens: Sequence[AnswerToken]) -> bytes:
    heads = np.stack([np.stack([getattr(token, name) for name in _head_names(token)]) for token in tokens])  # [T, 2|3, L, H]
    maps = np.stack([_maps(token) for token in tokens])  # [T, L, H, S, S] or [T, L, C]
    return heads.astype("<f4").tobytes() + maps.astype("<f2").tobytes()


def _tokens_at(values: Mapping[str, Any], raw: bytes, start: int) -> tuple[list[AnswerToken], int]:
    """The tokens whose arrays begin at `start`, and where the arrays of the next answer begin."""
    count, layout = len(values["tokens"]), layout_of(values)
    if not count:
        return [], start
    layers, heads, *places = values["shape"]
    kinds = len(PATCH_HEADS if layout is None else CELL_HEADS)
    of_heads = np.frombuffer(raw, "<f4", count * kinds * layers * heads, start).reshape(count, kinds, layers, heads)
    start += of_heads.nbytes
    map_shape = (layers, heads, *places) if layout is None else (layers, *places)
    maps = np.frombuffer(raw, "<f2", count * int(np.prod(map_shape)), start).reshape(count, *map_shape)
    start += maps.nbytes
    records = zip(values["tokens"], of_heads, maps, strict=True)
    if layout is None:
        return [patch_token(*record) for record in records], start
    return [cell_token(*record, count=layout.cell_count) for record in records], start
