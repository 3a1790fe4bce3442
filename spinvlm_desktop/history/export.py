"""A conversation as Markdown, JSON and a picture; and JSON back into the history."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import json
import math
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtGui import QImage

from core.answers import Comparison, Declining
from core.config import GenerationConfig, SpinConfig
from core.errors import SpinVlmError, reason_of
from core.files.atomic_file import write_bytes
from core.images.image_input import load_image
from spinvlm_desktop.answers.answer_codec import (
    answer_from_dict,
    answer_to_dict,
    comparison_from_dict,
    comparison_to_dict,
)
from spinvlm_desktop.answers.answer_fields import heads_from_json
from spinvlm_desktop.answers.comparison_words import describe_divergence
from spinvlm_desktop.answers.spin_words import in_words
from spinvlm_desktop.history.errors import HistoryError
from spinvlm_desktop.history.records import Conversation, Turn
from spinvlm_desktop.history.store import HistoryStore
from spinvlm_desktop.system.png import png_bytes

FORMAT, VERSION = "spinvlm-conversation", 1
_LARGEST_FILE = 2**30
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&$])")
_LINE_MARKUP = re.compile(r"^(\s*)([-+=]|\d+(?=[.)]))", re.MULTILINE)


def to_markdown(conversation: Conversation, turns: Sequence[Turn], *, photo: str = "") -> str:
    """For people to read; what users and the model wrote is escaped, so that it reads as they wrote it.

    photo: its address, of a file beside the text or as data; empty leaves it out.
    """
    started = datetime.fromtimestamp(conversation.created).strftime("%Y-%m-%d %H:%M")
    lines = [f"# {_plain(conversation.name)}", f"Photo: {_plain(conversation.image_name)}  \nStarted: {started}"]
    lines += [f"![The photo]({photo})"] if photo else []
    for turn in turns:
        lines += [f"## {_plain(' '.join(turn.question.split()))}", _result_text(turn), f"*{_plain(_settings_text(turn))}*"]
    return "\n\n".join(lines) + "\n"


def to_json(conversation: Conversation, turns: Sequence[Turn], image: bytes) -> str:
    """Everything there is, all token records included. image: the photo's file."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "title": conversation.title,
        "image_name": conversation.image_name,
        "created": conversation.created,
        "turns": [_turn_to_dict(turn) for turn in turns],
        "image_sha256": hashlib.sha256(image).hexdigest(),
        "image": base64.b64encode(image).decode("ascii"),
    }
    return json.dumps(content, ensure_ascii=False)


def import_json(store: HistoryStore, path: Path) -> Conversation:
    """A new conversation of what `to_json` wrote. Raises HistoryError with one sentence; the history is then unchanged."""
    content = _read(path)
    damaged = HistoryError(f"{path.name} is damaged or incomplete and can't be imported.")
    try:
        image = base64.b64decode(content["image"], validate=True)
        load_image(image, at_least=64)
        turns = [_turn_from_dict(values) for values in content["turns"]]
        title, name, created = _text(content["title"]), _text(content["image_name"]), float(content["created"])
        if not math.isfinite(created) or hashlib.sha256(image).hexdigest() != content["image_sha256"]:
            raise damaged
    except (SpinVlmError, binascii.Error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged from error
    return store.add_conversation(
        image, name, content_hash=content["image_sha256"], title=title, created=created, turns=turns
    )


def save_text(path: Path, content: str) -> None:
    """Replace the file with this text as UTF-8. Raises HistoryError."""
    _save(path, content.encode("utf-8", "replace"))


def save_picture(path: Path, image: QImage) -> None:
    """Replace the file with this image as PNG. Raises HistoryError."""
    try:
        content = png_bytes(image)
    except ValueError as error:
        raise HistoryError("The picture couldn't be made.") from error
    _save(path, content)


def _save(path: Path, content: bytes) -> None:
    try:
        write_bytes(path, content)
    except OSError as error:
        raise HistoryError(f"{path.name} can't be written: {reason_of(error)}.") from error


def _read(path: Path) -> dict[str, Any]:
    """The file's content, known to be of this format and of a version that can be read."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise HistoryError(f"{path.name} is too large to be a conversation.")
        text = path.read_bytes()
    except OSError as error:
        raise HistoryError(f"{path.name} can't be read: {reason_of(error)}.") from error
    try:
        content = json.load(io.BytesIO(text))
    except (ValueError, RecursionError) as error:
        # A file that was cut off still begins as one of ours.
        began = text.lstrip().startswith(b'{"format": "' + FORMAT.encode())
        what = "is incomplete or damaged and can't be imported" if began else "isn't a conversation of this program"
        raise HistoryError(f"{path.name} {what}.") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise HistoryError(f"{path.name} isn't a conversation of this program.")
    version = content.get("version")
    if isinstance(version, int) and version > VERSION:
        raise HistoryError(f"{path.name} was written by a newer version of this program and can't be imported.")
    if version != VERSION:
        raise HistoryError(f"{path.name} is damaged or incomplete and can't be imported.")
    return content


def _turn_to_dict(turn: Turn) -> dict[str, Any]:
    return {
        "question": turn.question,
        "model": turn.model,
        "spin": None if turn.spin is None else turn.spin.to_dict(),
        "generation": turn.generation.to_dict(),
        "ablated_heads": sorted(turn.ablated),
        "error": turn.error,
        "partial_text": turn.partial_text,
        "answer": None if turn.answer is None else answer_to_dict(turn.answer),
        "comparison": None if turn.comparison is None else comparison_to_dict(turn.comparison),
    }


def _turn_from_dict(values: dict[str, Any]) -> Turn:
    answer, comparison = values["answer"], values["comparison"]
    return Turn(
        id=0, conversation_id=0, question=_text(values["question"]), model=_text(values["model"]),
        answer=None if answer is None else answer_from_dict(answer),
        comparison=None if comparison is None else comparison_from_dict(comparison),
        spin=None if values["spin"] is None else SpinConfig.from_dict(values["spin"]),
        generation=GenerationConfig.from_dict(values["generation"]),
        error=None if values["error"] is None else _text(values["error"]), partial_text=_text(values["partial_text"]),
        ablated=heads_from_json(values["ablated_heads"]),
    )


def _result_text(turn: Turn) -> str:
    result = turn.comparison or turn.answer
    if result is not None and result.declined is not None:
        return _declined_text(result.declined)
    if turn.comparison is not None:
        return _comparison_text(turn.comparison)
    if turn.answer is not None:
        return _plain(turn.answer.shown_text) or "(empty answer)"
    if turn.error is not None:
        return f"{_plain(turn.partial_text)}\n\nNo answer: {_plain(turn.error)}".strip()
    return f"{_plain(turn.partial_text)} (unfinished)".strip()


def _declined_text(declined: Declining) -> str:
    return "\n".join([_plain(declined.sentence), "", *(f"- {_plain(suggestion)}" for suggestion in declined.suggestions)])


def _comparison_text(comparison: Comparison) -> str:
    answers = f"**SPIN off:** {_plain(comparison.baseline.shown_text)}\n\n**SPIN on:** {_plain(comparison.spin.shown_text)}"
    return f"{answers}\n\n{_plain(describe_divergence(comparison))}"


def _settings_text(turn: Turn) -> str:
    spin = turn.spin
    suppression = "no head suppression" if spin is None else f"SPIN on, {in_words(spin)}"
    by_hand = "".join(f", layer {layer + 1} head {head + 1} off by hand" for layer, head in sorted(turn.ablated))
    result = turn.comparison.spin if turn.comparison is not None else turn.answer
    origin = None if result is None else result.origin
    return f"{turn.model if origin is None else origin.in_words()}, {turn.generation.method}, {suppression}{by_hand}"


def _plain(text: str) -> str:
    """Text that Markdown shows as it is; its line breaks are kept."""
    escaped = _LINE_MARKUP.sub(_escape_line, _MARKUP.sub(r"\\\1", text))
    return "  \n".join(line.strip() for line in escaped.splitlines())


def _escape_line(match: re.Match[str]) -> str:
    space, mark = match.groups()
    return f"{space}{mark}\\" if mark.isdigit() else f"{space}\\{mark}"  # "1." becomes "1\.": the dot is what counts


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
