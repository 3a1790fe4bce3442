"""Pretrained models as a table on a terminal: worth getting, and here already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from core.pretrained.hub.recommended_models import RECOMMENDED, RecommendedModel, smallest_sensible
from spinvlm_desktop.system.program_command import typed_command

if TYPE_CHECKING:
    from core.pretrained.hub.answer_time import MachineSpeed

NOTES = """\
here: yes, as downloaded; shared, in the cache that other programs use too; or how much of it
memory: about, in bfloat16. Sizes and licences with a ? were written from memory: look at the model's card."""


@dataclass(frozen=True)
class ModelRow:
    """A model of the table."""

    name: str
    here: str
    """Empty where it isn't."""
    size: int
    """Bytes: to download, or on the disk."""
    known: RecommendedModel | None
    """None where it is only known because it is here."""
    is_proposed: bool = False
    """Whether it is the smallest that makes sense on this computer."""
    seconds: float | None = None
    """That an answer would take here; None where that wasn't measured."""


def list_rows(models: Path, *, machine: MachineSpeed | None) -> list[ModelRow]:
    """The recommended models, then others that are here. Looks at this computer's folders only."""
    from core.pretrained.hub.model_store import find_models, find_unfinished
    from core.pretrained.loading.memory_need import available_memory

    here = {each.name: f"{each.done / max(each.total, 1):.0%}" for each in find_unfinished(models)}
    sizes: dict[str, int] = {}
    for stored in reversed(find_models(models)):  # so that one that was downloaded counts before the same in a cache
        here[stored.name] = "shared" if stored.is_shared else "yes"
        sizes[stored.name] = stored.size
    proposed = smallest_sensible(available_memory())
    rows = [
        ModelRow(
            known.repository, here.get(known.repository, ""), known.download_bytes, known, known is proposed,
            None if machine is None else _expected(known, machine),
        )
        for known in RECOMMENDED
    ]
    others = sorted(set(here) - {known.repository for known in RECOMMENDED})
    return rows + [ModelRow(name, here[name], sizes.get(name, 0), None) for name in others]


def _expected(known: RecommendedModel, machine: MachineSpeed) -> float:
    from core.pretrained.hub.answer_time import expected_seconds

    return expected_seconds(known, machine)


def print_models(console: Console, rows: Sequence[ModelRow], *, measured: bool) -> None:
    """measured: shows the seconds of an answer too."""
    table = Table(box=None, pad_edge=False, show_lines=False)
    table.add_column("model")
    for title in ("download", "memory", *(["answer"] if measured else []), "here"):
        table.add_column(title, justify="right", no_wrap=True)
    for row in rows:
        known = row.known
        size = format_size(row.size) if row.size else ""
        memory = "" if known is None else format_size(known.memory_bytes)
        seconds = "" if row.seconds is None else f"{row.seconds:.0f} s"
        if known is not None and not known.size_is_verified:
            size += "?"
        table.add_row(_described(row), size, memory, *([seconds] if measured else []), row.here)
    console.print(table)
    console.print(NOTES, style="dim")
    command = typed_command()
    console.print(f"Get one with `{command} models get NAME`, ask it with `{command} ask --model NAME`.", style="dim")


def _described(row: ModelRow) -> Group:
    """The name, and below it what the model is good for and on which terms."""
    name, known = Text(row.name, style="bold"), row.known
    if known is None:
        return Group(name)
    licence = known.licence + ("" if known.licence_is_verified else "?")
    if known.is_gated:
        licence += ", to be accepted on the hub first"
    lines = [known.good_for, licence, *(["The smallest that makes sense on this computer"] if row.is_proposed else [])]
    return Group(name, *(Padding(Text(line, style="dim"), (0, 0, 0, 2)) for line in lines))


def format_size(count: int) -> str:
    """Bytes for people: `4.3 GB`, `518 MB`."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"
