"""The terminal that commands print to."""

from __future__ import annotations

from rich.console import Console
from rich.progress import TextColumn


def terminal(*, errors: bool = False, quiet: bool = False, width: int | None = None, soft_wrap: bool = True) -> Console:
    """Shows text as it is: in a path or a question, rich would take `[/x]` for markup.

    errors: writes to the standard error. soft_wrap: has the terminal break long lines, so that paths can be copied; tables need
    it off.
    """
    return Console(stderr=errors, quiet=quiet, width=width, soft_wrap=soft_wrap, markup=False, highlight=False)


def text_column(name: str) -> TextColumn:
    """A column of a progress bar that shows one of its texts as it is, such as `description` or `fields[note]`."""
    return TextColumn(f"{{task.{name}}}", markup=False)


def print_error(error: Exception) -> None:
    """The sentence of an error that ends a command."""
    terminal(errors=True).print(str(error), style="red")
