"""The command line as a user types it, and a tiny pretrained model's folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spinvlm_desktop.commands.command_line import main
from tests.spinvlm_desktop.pretrained_folders import saved


class Outcome:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, " ".join(err.split())


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs the command line and returns exit code, output and complaints."""

    def run(*arguments: str | Path) -> Outcome:
        monkeypatch.setattr("sys.argv", ["spinvlm", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        return Outcome(code, *capsys.readouterr())

    return run


@pytest.fixture(scope="session")
def pretrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny pretrained model that remembers a conversation and can look closer. No test may change it."""
    return saved("smolvlm", tmp_path_factory)


@pytest.fixture(scope="session")
def paligemma(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that can't."""
    return saved("paligemma", tmp_path_factory)


@pytest.fixture(autouse=True)
def one_thread_is_put_back() -> Any:
    import torch

    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)
