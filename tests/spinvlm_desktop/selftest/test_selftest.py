"""`spinvlm selftest` reports every part, also where one fails or takes its process along."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.answers import AnswerRequest
from core.session import ModelSession
from spinvlm_desktop.selftest.command import GROUPS, group_results
from spinvlm_desktop.selftest.model_parts import same_to_the_bit
from spinvlm_desktop.selftest.part_result import PartResult, run_part

CRASH = """
import os
from spinvlm_desktop.selftest.part_result import PartResult
print("a library's own words")
print(PartResult("first", True, 0.1, "fine").to_json(), flush=True)
os.write(2, b"could not load the plugin\\n")
os.abort()
"""


def selftest(home: Path) -> tuple[int, dict[str, Any]]:
    command = [sys.executable, "-m", "spinvlm_desktop", "selftest", "--json"]
    environment = {**os.environ, "SPINVLM_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=170, check=False)
    return done.returncode, json.loads(done.stdout)


def test_every_part_works_here_but_the_folder_that_can_not_be_written(tmp_path: Path) -> None:
    in_the_way = tmp_path / "a file"
    in_the_way.touch()
    code, reported = selftest(in_the_way / "home")
    assert (code, reported["ok"], reported["packaged"]) == (1, False, False)
    parts = {part["name"]: part for part in reported["parts"]}
    assert list(parts) == [name for names, _ in GROUPS.values() for name in names]
    assert [name for name, part in parts.items() if not part["ok"]] == ["folders"], reported
    assert "can't be written" in parts["folders"]["detail"]
    assert all(part["seconds"] >= 0 and part["detail"] for part in parts.values())


def test_the_names_are_those_of_the_tests() -> None:
    for names, tests in GROUPS.values():
        assert tuple(tests()) == names


def test_a_crash_hides_nothing_of_the_other_parts() -> None:
    command = [sys.executable, "-c", CRASH]
    first, second = group_results(command, ("first", "second"), patience=60)
    assert first == PartResult("first", True, 0.1, "fine")
    assert (second.name, second.ok) == ("second", False)
    assert "could not load the plugin" in second.detail


def test_a_part_that_hangs_is_ended() -> None:
    (part,) = group_results([sys.executable, "-c", "import time; time.sleep(100)"], ("slow",), patience=0.5)
    assert not part.ok
    assert "it was silent" in part.detail


def test_what_a_part_raises_is_its_result() -> None:
    def broken() -> str:
        raise ZeroDivisionError("by zero")

    assert run_part("sum", broken).detail == "ZeroDivisionError: by zero"
    assert not run_part("sum", broken).ok


def test_only_equal_answers_are_the_same_to_the_bit(tiny_model: Path, photos: Path) -> None:
    session = ModelSession.load(tiny_model)
    answer = session.answer(AnswerRequest(photos / "grey.png", "What is this?"))
    again = session.answer(AnswerRequest(photos / "grey.png", "What is this?"))
    first, *rest = answer.tokens
    moved = replace(first, image_mass=first.image_mass + 1e-6)
    assert same_to_the_bit(answer, again)
    assert not same_to_the_bit(answer, replace(again, tokens=(moved, *rest)))
    assert not same_to_the_bit(answer, replace(again, tokens=answer.tokens[:-1]))


@pytest.mark.parametrize("line", ["", "words", "[]", '{"name": "a"}', '"text"'])
def test_other_lines_are_no_results(line: str) -> None:
    with pytest.raises(ValueError):
        PartResult.from_json(line)
