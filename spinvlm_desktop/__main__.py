"""`python -m spinvlm_desktop [PHOTO ...]`: the window; with a command such as `ask`, the command line."""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> None:
    """Start what the arguments ask for: arguments that are all files that exist, or none, open the window."""
    arguments = sys.argv[1:]
    if all(not argument.startswith("-") and Path(argument).is_file() for argument in arguments):
        from spinvlm_desktop.app import run_app

        sys.exit(run_app([Path(argument) for argument in arguments]))
    from spinvlm_desktop.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
