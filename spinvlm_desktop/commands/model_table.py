"""Pretrained models as a table on a terminal: worth getting, and here already."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from core.pretrained.hub.answer_time import MachineSpeed
from core.pretrained.hub.recommended_models import BFLOAT16_BYTES
from spinvlm_desktop.models.model_rows import ModelRow, format_size
from spinvlm_desktop.system.program_command import typed_command

NOTES = """\
here: yes, as downloaded; shared, in the cache that other programs use too; or how much of it
memory: about, {precision}. Sizes and licences with a ? were written from memory: look at the model's card."""


def print_models(console: Console, rows: Sequence[ModelRow], *, machine: MachineSpeed | None) -> None:
    """machine: as it was measured; with it the seconds of an answer are shown too."""
    measured = machine is not None
    imitates = machine is not None and machine.weight_bytes > BFLOAT16_BYTES
    precision = "in float32, which suits this computer" if imitates else "in bfloat16"
    table = Table(box=None, pad_edge=False, show_lines=False)
    table.add_column("model")
    for title in ("download", "memory", *(["answer"] if measured else []), "here"):
        table.add_column(title, justify="right", no_wrap=True)
    for row in rows:
        known = row.known
        size = format_size(row.size) if row.size else ""
        memory = "" if row.memory is None else format_size(row.memory)
        seconds = "" if row.seconds is None else f"{row.seconds:.0f} s"
        if known is not None and not known.size_is_verified:
            size += "?"
        table.add_row(_described(row), size, memory, *([seconds] if measured else []), row.here)
    console.print(table)
    console.print(NOTES.format(precision=precision), style="dim")
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
