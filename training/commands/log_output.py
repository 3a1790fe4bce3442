"""What a process without a terminal prints, in a file."""

from __future__ import annotations

import faulthandler
import os
import sys
from contextlib import suppress
from pathlib import Path

from core.errors import ConfigError


def print_into(path: Path) -> None:
    """From now on, have everything that is printed, also by C code, go into a file: there may be no terminal."""
    try:
        file = path.open("w", encoding="utf-8", buffering=1)
    except OSError as error:
        raise ConfigError(f"The log {path} can't be written: {error.strerror}.") from error
    for descriptor in (1, 2):
        with suppress(OSError):
            os.dup2(file.fileno(), descriptor)
    sys.stdout = sys.stderr = file
    faulthandler.enable(file)
