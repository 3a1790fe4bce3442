"""Reads a word-level vocabulary, a JSON file {word: id} such as finetuned_vocab.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

from core.errors import ModelFileError
from core.text.tokenizer_backend import PAD, UNKNOWN


def read_vocabulary(path: Path) -> list[str]:
    """The words of a {word: id} file in the order of their ids. Raises ModelFileError, naming what is wrong with it."""
    name = f"The vocabulary file {path}"
    try:
        words = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ModelFileError(f"{name} can't be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"{name} isn't valid JSON.") from error
    if not isinstance(words, dict) or not words:
        raise ModelFileError(f"{name} must hold an object of words and their ids.")
    ids = cast("dict[str, object]", words)
    if not all(type(index) is int for index in ids.values()):
        raise ModelFileError(f"{name} must give each word a whole number as its id.")
    for token in (PAD, UNKNOWN):
        if token not in ids:
            raise ModelFileError(f"{name} lacks the word {token}.")
    by_id = sorted(cast("dict[str, int]", words).items(), key=lambda item: item[1])
    for expected, (word, index) in enumerate(by_id):
        if index != expected:
            raise ModelFileError(
                f"{name} must number its words 0 to {len(by_id) - 1} without gaps or repeats, "
                f"but {word!r} has {index} where {expected} was expected."
            )
    return [word for word, _ in by_id]
