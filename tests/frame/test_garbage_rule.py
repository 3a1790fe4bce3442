"""Decision 0004: garbage is collected in the window's thread only."""

from __future__ import annotations

from pathlib import Path

import core


def test_core_collects_no_garbage_since_its_threads_would_destroy_widgets() -> None:
    [root] = core.__path__
    files = sorted(Path(root).rglob("*.py"))
    assert len(files) > 50
    assert not [path.name for path in files if "gc.collect" in path.read_text(encoding="utf-8")]
