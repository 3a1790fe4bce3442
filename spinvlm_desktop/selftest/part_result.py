"""What the test of one part came to, and how a test is run so that its failure is a sentence."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

log = logging.getLogger(__name__)

Test = Callable[[], str]
"""Returns what was found, in a few words; raises whatever goes wrong."""


class PartError(Exception):
    """A part doesn't do what it should; the message is a sentence."""


@dataclass(frozen=True)
class PartResult:
    """One part of the program, tested."""

    name: str
    ok: bool
    seconds: float
    detail: str
    """What was found, or what is wrong."""

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @staticmethod
    def from_json(line: str) -> PartResult:
        """Raises ValueError for anything else than to_json writes."""
        try:
            content = json.loads(line)
            return PartResult(str(content["name"]), bool(content["ok"]), float(content["seconds"]), str(content["detail"]))
        except (KeyError, TypeError) as error:
            raise ValueError(f"no result of a test: {line[:80]!r}") from error


def run_part(name: str, test: Test) -> PartResult:
    """Test one part. Whatever it raises is its result: a packaged program may lack anything."""
    start = time.perf_counter()
    try:
        ok, detail = True, test()
    except Exception as error:
        log.info("%s failed", name, exc_info=True)
        words = str(error) or "no reason given"
        ok, detail = False, words if isinstance(error, PartError) else f"{type(error).__name__}: {words}"
    return PartResult(name, ok, round(time.perf_counter() - start, 3), detail)


def require_that(condition: bool, sentence: str) -> None:
    """Raises PartError with the sentence where the condition doesn't hold."""
    if not condition:
        raise PartError(sentence)
