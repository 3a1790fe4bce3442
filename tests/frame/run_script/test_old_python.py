"""What run.py says to a Python that is too old."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.frame.run_script.environments import ROOT


def test_an_old_python_can_read_the_script() -> None:
    tree = ast.parse((ROOT / "run.py").read_text(encoding="utf-8"), feature_version=(3, 6))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    annotations = [argument.annotation for node in functions for argument in (*node.args.args, *node.args.kwonlyargs)]
    annotations += [node.returns for node in functions]
    annotations += [node.annotation for node in ast.walk(tree) if isinstance(node, ast.AnnAssign)]
    # `list[str]` and `str | None` die where they are evaluated; as strings they aren't.
    assert len(annotations) > 20
    assert all(note is None or isinstance(note, ast.Constant | ast.Name) for note in annotations)


@pytest.mark.parametrize(
    ("platform", "manager", "command"),
    [
        ("linux", "apt", "sudo apt install python3.11 python3.11-venv"),
        ("linux", "dnf", "sudo dnf install python3.11"),
        ("linux", "pacman", "sudo pacman -S python"),
        ("linux", "zypper", "sudo zypper install python311"),
        ("linux", None, "sudo apt install python3.11 python3.11-venv"),
        ("darwin", None, "brew install python@3.12"),
        ("win32", None, "winget install Python.Python.3.12"),
    ],
)
def test_an_old_python_gets_a_sentence_naming_the_one_needed(
    run: ModuleType, platform: str, manager: str | None, command: str
) -> None:
    complaint = run.python_complaint((3, 8), platform, manager)
    assert complaint == f"This program needs Python 3.11 or newer and this is Python 3.8; get one with: {command}"


def test_nothing_is_installed_for_an_old_python(project: Path) -> None:
    source = (ROOT / "run.py").read_text(encoding="utf-8")
    assert "OLDEST_PYTHON = (3, 11)" in source
    needs_a_later_one = source.replace("OLDEST_PYTHON = (3, 11)", "OLDEST_PYTHON = (9, 0)")
    (project / "run.py").write_text(needs_a_later_one, encoding="utf-8")
    done = subprocess.run([sys.executable, project / "run.py", "ask"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("This program needs Python")
    assert len(done.stderr.splitlines()) == 1
    assert not (project / ".venv").exists()
