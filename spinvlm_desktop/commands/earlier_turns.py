"""Earlier turns of a conversation, read from files as `spinvlm ask --json` prints them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.answers import PreviousTurn
from core.config import require
from core.errors import ConfigError, reason_of


def read_turns(files: Sequence[Path]) -> tuple[PreviousTurn, ...]:
    """The turns of all files in their order; each holds an object with `question` and `answer`, or a list of such.

    Raises ConfigError for a file that can't be read or holds something else.
    """
    return tuple(turn for file in files for turn in _turns(file))


def _turns(file: Path) -> list[PreviousTurn]:
    try:
        found: Any = json.loads(file.read_text("utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{file} can't be read: {reason_of(error)}") from error
    except ValueError as error:
        raise ConfigError(f"{file} isn't JSON") from error
    turns: list[PreviousTurn] = []
    for each in found if isinstance(found, list) else [found]:
        question, answer = (each.get(name) if isinstance(each, dict) else None for name in ("question", "answer"))
        require(
            isinstance(question, str) and isinstance(answer, str), f'{file} has no "question" and "answer" where a turn should be'
        )
        turns.append(PreviousTurn(str(question), str(answer)))
    return turns
