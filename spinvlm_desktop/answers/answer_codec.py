"""Answers as plain dicts, as exported files hold them, and as compact bytes, as the database holds them."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast, get_args

import numpy as np

from core.answers import Answer, AnswerToken, Comparison, Divergence, FinishReason, FloatArray, HeadIndex
from core.errors import SpinVlmError

_MAGIC = b"SVA1"
_HEADER_LENGTH = struct.Struct("<I")
_COMPRESSION = 1
"""zlib's fastest: higher levels take several times as long for a few percent, in the window's thread."""
_HEAD_FIELDS = ("image_mass", "head_gate", "class_attention")
_ANSWER_FIELDS = ("question", "text", "finish", "log_probability", "seconds")
_TOKEN_FIELDS = ("index", "token_id", "text", "probability")


class AnswerRecordError(SpinVlmError):
    """A stored answer can't be read."""


def answer_from_dict(values: dict[str, Any]) -> Answer:
    """An answer of what `answer_dicts.answer_to_dict` wrote: numbers have 6 digits. Raises AnswerRecordError."""
    with _damage_told():
        tokens = values["tokens"]
        return _answer(
            {**values, "text": values["answer"]},
            tokens=[_token(token, [token[name] for name in _HEAD_FIELDS], token["patch_attention"]) for token in tokens],
        )


def comparison_from_dict(values: dict[str, Any]) -> Comparison:
    """A comparison of what `answer_dicts.comparison_to_dict` wrote. Raises AnswerRecordError."""
    with _damage_told():
        return Comparison(
            answer_from_dict(values["baseline"]), answer_from_dict(values["spin"]), _divergence(values["divergence"])
        )


def heads_from_json(values: Any) -> frozenset[HeadIndex]:
    """Of a list of pairs: layer and head. Raises ValueError or TypeError."""
    return frozenset((int(layer), int(head)) for layer, head in values)


def result_to_bytes(result: Answer | Comparison) -> bytes:
    """The database's form: a JSON header and the records of all tokens, compressed.

    Attention on patches has 11 significant bits, everything else is exact. All tokens of an answer must have the same
    shapes; `request_id` isn't kept.
    """
    answers = (result.baseline, result.spin) if isinstance(result, Comparison) else (result,)
    header: dict[str, Any] = {"answers": [_header(answer) for answer in answers]}
    if isinstance(result, Comparison):
        parts = result.divergence
        header["divergence"] = None if parts is None else vars(parts)
    text = json.dumps(header, ensure_ascii=False).encode("utf-8", "surrogatepass")
    arrays = b"".join(_arrays(answer) for answer in answers if answer.tokens)
    return _MAGIC + zlib.compress(_HEADER_LENGTH.pack(len(text)) + text + arrays, _COMPRESSION)


def result_from_bytes(content: bytes) -> Answer | Comparison:
    """What `result_to_bytes` wrote. Raises AnswerRecordError."""
    with _damage_told():
        _expect(content.startswith(_MAGIC))
        raw = zlib.decompress(content[len(_MAGIC):])
        (length,) = _HEADER_LENGTH.unpack_from(raw)
        start = _HEADER_LENGTH.size + length
        header = json.loads(raw[_HEADER_LENGTH.size:start].decode("utf-8", "surrogatepass"))
        answers: list[Answer] = []
        for values in header["answers"]:
            tokens, start = _tokens_of(values, raw, start)
            answers.append(_answer(values, tokens=tokens))
        _expect(start == len(raw))
        if "divergence" in header:
            return Comparison(answers[0], answers[1], _divergence(header["divergence"]))
        return answers[0]


def _header(answer: Answer) -> dict[str, Any]:
    values = {name: getattr(answer, name) for name in _ANSWER_FIELDS}
    values["tokens"] = [{name: getattr(token, name) for name in _TOKEN_FIELDS} for token in answer.tokens]
    values["shape"] = list(answer.tokens[0].patch_attention.shape) if answer.tokens else [0, 0, 0, 0]  # L, H, S, S
    return values


def _arrays(answer: Answer) -> bytes:
    heads = np.stack([np.stack([getattr(token, name) for name in _HEAD_FIELDS]) for token in answer.tokens])  # [T, 3, L, H]
    patches = np.stack([token.patch_attention for token in answer.tokens])  # [T, L, H, S, S]
    return heads.astype("<f4").tobytes() + patches.astype("<f2").tobytes()


def _tokens_of(values: dict[str, Any], raw: bytes, start: int) -> tuple[list[AnswerToken], int]:
    """The tokens whose arrays begin here, and where those of the next answer do."""
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


def _token(values: dict[str, Any], heads: Sequence[Any] | FloatArray, patches: Any) -> AnswerToken:
    """heads: image mass, gate and class attention, each [L, H]; patches: [L, H, S, S]."""
    mass, gate, of_class = (_array(value) for value in heads)
    attention = _array(patches)
    _expect(mass.ndim == 2 and mass.shape == gate.shape == of_class.shape == attention.shape[:2] and attention.ndim == 4)
    return AnswerToken(
        index=int(values["index"]), token_id=int(values["token_id"]), text=_text(values["text"]),
        probability=_number(values["probability"]), image_mass=mass, head_gate=gate, class_attention=of_class,
        patch_attention=attention,
    )


def _answer(values: dict[str, Any], *, tokens: Sequence[AnswerToken]) -> Answer:
    _expect(values["finish"] in get_args(FinishReason))
    _expect(len({token.patch_attention.shape for token in tokens}) <= 1)
    return Answer(
        question=_text(values["question"]), text=_text(values["text"]), tokens=tuple(tokens),
        finish=cast("FinishReason", values["finish"]), log_probability=_number(values["log_probability"]),
        seconds=_number(values["seconds"]),
    )


def _divergence(values: dict[str, Any] | None) -> Divergence | None:
    if values is None:
        return None
    return Divergence(
        index=int(values["index"]), baseline_text=_text(values["baseline_text"]),
        baseline_probability=_number(values["baseline_probability"]), spin_text=_text(values["spin_text"]),
        spin_probability=_number(values["spin_probability"]),
    )


def _array(values: Any) -> FloatArray:
    array = np.asarray(values, dtype=np.float32)
    _expect(bool(np.isfinite(array).all()))
    return array


def _text(value: Any) -> str:
    _expect(isinstance(value, str))
    return value


def _number(value: Any) -> float:
    number = float(value)
    _expect(bool(np.isfinite(number)))
    return number


def _expect(condition: bool) -> None:
    if not condition:
        raise ValueError


@contextmanager
def _damage_told() -> Iterator[None]:
    try:
        yield
    except (ValueError, KeyError, IndexError, TypeError, OverflowError, RecursionError, struct.error, zlib.error) as error:
        raise AnswerRecordError("The record of an answer is damaged.") from error
