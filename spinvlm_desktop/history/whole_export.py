"""A whole conversation for people: as a picture, and as Markdown with its photo inside or beside it."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from PySide6.QtGui import QImage

from core.errors import ImageError, reason_of
from core.files.atomic_file import write_bytes
from core.images.image_input import load_image
from spinvlm_desktop.answers.spin_words import suppression
from spinvlm_desktop.history.errors import HistoryError
from spinvlm_desktop.history.export import save_text, to_markdown
from spinvlm_desktop.history.picture import Answers, picture
from spinvlm_desktop.history.records import Conversation, Turn

SHOWN_EVERYWHERE = (".jpg", ".jpeg", ".png", ".gif", ".webp")
"""Endings of photos that viewers of Markdown can show."""
EMBEDDED_SIDE = 1600
"""Pixels of the longest side of a photo that is written into the text."""


def whole_picture(photo: QImage, turns: Sequence[Turn]) -> QImage:
    """The photo with every question that was answered below it."""
    return picture(photo, [(turn.question, answers) for turn in turns if (answers := _answers(turn))], caption="")


def save_markdown(path: Path, conversation: Conversation, turns: Sequence[Turn], *, photo: Path | None, embedded: bool) -> None:
    """Write the conversation as Markdown. photo: its file; None writes the text alone. Raises HistoryError."""
    try:
        address = "" if photo is None else _data_address(photo) if embedded else quote(_write_beside(path, photo))
    except (ImageError, OSError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else str(error)
        raise HistoryError(f"The photo of this conversation can't be written: {reason}") from error
    save_text(path, to_markdown(conversation, turns, photo=address))


def _answers(turn: Turn) -> Answers:
    """As they are shown; none where there was an error."""
    if turn.comparison is not None and turn.comparison.declined is None:
        both = (None, turn.comparison.baseline), (turn.spin, turn.comparison.spin)
        return [(suppression(spin), answer.shown_text) for spin, answer in both]
    answer = turn.answer if turn.comparison is None else turn.comparison.baseline
    return [] if answer is None else [("", answer.shown_text)]


def _data_address(photo: Path) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(_as_jpeg(photo, side=EMBEDDED_SIDE)).decode('ascii')}"


def _write_beside(text: Path, photo: Path) -> str:
    """Name of the photo's copy beside the text; another photo of that name isn't replaced."""
    suffix = photo.suffix.lower()
    content = photo.read_bytes() if suffix in SHOWN_EVERYWHERE else _as_jpeg(photo, side=None)
    suffix = suffix if suffix in SHOWN_EVERYWHERE else ".jpg"
    number, copy = 1, text.with_name(f"{text.stem}{suffix}")
    while copy.exists() and copy.read_bytes() != content:
        number += 1
        copy = text.with_name(f"{text.stem} {number}{suffix}")
    write_bytes(copy, content)
    return copy.name


def _as_jpeg(photo: Path, *, side: int | None) -> bytes:
    """side: pixels that it may have at most; None keeps its size. Raises ImageError."""
    pixels = load_image(photo) if side is None else load_image(photo, at_least=side)
    if side is not None:
        pixels.thumbnail((side, side))
    content = io.BytesIO()
    pixels.save(content, "JPEG", quality=90)
    return content.getvalue()
