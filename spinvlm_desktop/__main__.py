"""`python -m spinvlm_desktop [PHOTO ...]`: the window; with a command such as `ask`, the command line."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

from spinvlm_desktop.system.program_command import is_packaged, restore_environment


def main() -> None:
    """Start what the arguments ask for: with photos alone, or with nothing, the window opens."""
    if is_packaged():
        # A process that multiprocessing has started is this very program, and is to do that work and nothing else.
        from multiprocessing import freeze_support

        freeze_support()
        restore_environment()
        # torch looks for sources that only its own compiler would read; the bundle has none of them.
        warnings.filterwarnings("ignore", message="Unable to retrieve source for @torch.jit._overload")
    arguments = sys.argv[1:]
    if all(_names_photo(argument) for argument in arguments):
        from spinvlm_desktop.startup.app import run_app

        sys.exit(run_app([Path(argument) for argument in arguments]))
    from spinvlm_desktop.commands.command_line import main as command_line

    command_line()


def _names_photo(argument: str) -> bool:
    """A file, or the name of a photo that isn't there, which the window reports."""
    if argument.startswith("-"):
        return False
    if Path(argument).is_file():
        return True
    from core.images.image_input import IMAGE_SUFFIXES

    return Path(argument).suffix.lower() in IMAGE_SUFFIXES


if __name__ == "__main__":
    main()
