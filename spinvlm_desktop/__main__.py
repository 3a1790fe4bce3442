"""`python -m spinvlm_desktop`: the command line where arguments are given, else the program."""

from __future__ import annotations

import sys

INTRODUCTION = """SpinVLM answers questions about photos, offline. Ask on the command line:

    python run.py ask --image PHOTO --prompt "What is the person doing?"

More: python run.py --help
"""


def main() -> None:
    """Start what the arguments ask for."""
    if len(sys.argv) > 1:
        from spinvlm_desktop.cli import main as command_line

        command_line()
    else:
        sys.stdout.write(INTRODUCTION)


if __name__ == "__main__":
    main()
