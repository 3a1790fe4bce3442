"""`spinvlm selftest`: every part of the program is tried by itself."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from queue import Empty, Queue
from threading import Thread
from typing import Annotated

import typer

from core.pretrained.photo.known_families import KINDS
from spinvlm_desktop import __version__
from spinvlm_desktop.selftest.part_result import PartResult, Test, run_part
from spinvlm_desktop.system.program_command import is_packaged, program_command
from training.commands.terminal import terminal

PATIENCE_S = 240.0
"""How long a part may take; a slow disk under a cold start is no fault."""


def _model_parts() -> dict[str, Test]:
    from spinvlm_desktop.selftest.model_parts import model_parts

    return model_parts()


def _file_parts() -> dict[str, Test]:
    from spinvlm_desktop.selftest.file_parts import file_parts

    return file_parts()


def _pretrained_parts() -> dict[str, Test]:
    from spinvlm_desktop.selftest.pretrained_parts import pretrained_parts

    return pretrained_parts()


def _window_parts() -> dict[str, Test]:
    from spinvlm_desktop.selftest.window_parts import window_parts

    return window_parts()


GROUPS: dict[str, tuple[tuple[str, ...], Callable[[], dict[str, Test]]]] = {
    "window": (("platform", "icons", "plots"), _window_parts),
    "files": (("images", "history", "folders", "resources"), _file_parts),
    "model": (("model", "answer", "spin", "training"), _model_parts),
    "pretrained": (tuple(KINDS), _pretrained_parts),
}
"""What a process of its own tests, so that one that crashes hides nothing of the others."""


def selftest(
    json_output: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    group: Annotated[str | None, typer.Option("--group", hidden=True)] = None,
) -> None:
    """Try every part of the program where it is installed: model, SPIN, pictures, history, folders, window,
    and each kind of pretrained models."""
    if group is not None:
        for name, test in GROUPS[group][1]().items():
            sys.stdout.write(run_part(name, test).to_json() + "\n")
            sys.stdout.flush()
        return
    console = terminal()
    results: list[PartResult] = []
    for result in all_results():
        results.append(result)
        if not json_output:
            console.print("ok    " if result.ok else "FAILED", style="green" if result.ok else "red", end="")
            console.print(f" {result.name:<15} {result.seconds:6.2f} s  {result.detail}")
    ok = all(result.ok for result in results)
    if json_output:
        parts = [json.loads(result.to_json()) for result in results]
        report = {"version": __version__, "packaged": is_packaged(), "ok": ok, "parts": parts}
        sys.stdout.write(json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    raise typer.Exit(0 if ok else 1)


def all_results() -> Iterable[PartResult]:
    """Each part's, as it comes."""
    for group, (names, _) in GROUPS.items():
        yield from group_results([*program_command(), "selftest", "--group", group], names, patience=PATIENCE_S)


def group_results(command: list[str], names: tuple[str, ...], *, patience: float) -> Iterable[PartResult]:
    """What a process reports of its parts; those that it didn't reach have failed with its last words.

    patience: seconds without a word, after which it is ended.
    """
    start = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace"
    ) as process:
        lines: Queue[str | None] = Queue()
        errors: list[str] = []
        assert process.stdout is not None
        assert process.stderr is not None
        readers = [
            Thread(target=_read, args=(process.stdout, lines.put), daemon=True),
            Thread(target=_read, args=(process.stderr, lambda line: errors.append(line) if line else None), daemon=True),
        ]
        for reader in readers:
            reader.start()
        seen: list[str] = []
        reason = ""
        while True:
            try:
                line = lines.get(timeout=patience)
            except Empty:
                reason = f"it was silent for {patience:.0f} seconds"
                process.kill()
                break
            if line is None:
                break
            try:
                result = PartResult.from_json(line)
            except ValueError:
                continue  # a library's own words
            seen.append(result.name)
            yield result
        code = process.wait()
        for reader in readers:
            reader.join(timeout=5)
    last = next((line.strip() for line in reversed(errors) if line.strip()), "it said nothing")
    for name in names:
        if name not in seen:
            detail = f"The process that tests it ended with code {code}: {reason or last}"
            yield PartResult(name, False, round(time.perf_counter() - start, 3), detail)


def _read(stream: Iterable[str], put: Callable[[str | None], object]) -> None:
    for line in stream:
        put(line)
    put(None)
