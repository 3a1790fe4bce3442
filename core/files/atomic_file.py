"""Files that are either the old one or the new one, whatever happens while they are written. Torch-free."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

_NAME_START = 40
"""Characters of the file's name that its temporary one begins with; more could exceed what file systems allow."""
_WINDOWS_TRIES = 20
_WINDOWS_PAUSE_S = 0.05


@contextmanager
def atomic_write(path: Path) -> Iterator[IO[bytes]]:
    """A binary file that takes the place of `path` when the block ends without an error.

    It is written beside `path`, flushed to the disk and moved into place. After an error `path` is as it was before,
    and nothing is left beside it. A link stays a link: what it points to is replaced. A file that is replaced keeps
    its permissions. Raises OSError where it can't be written.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name[:_NAME_START]}.{secrets.token_hex(8)}.tmp")
    # Unlike a file of tempfile's this one gets the permissions of any new file, without asking for the umask: to ask
    # is to change it for all threads.
    with temporary.open("xb") as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            file.close()
            with suppress(OSError):
                shutil.copymode(target, temporary)
            _replace(temporary, target)
        except BaseException:
            # What the buffer still holds would be written at closing, and fail again on a full disk.
            with suppress(OSError):
                file.close()
            with suppress(OSError):
                temporary.unlink()
            raise
    _sync_folder(target.parent)


def write_bytes(path: Path, content: bytes) -> None:
    """Replace `path` with these bytes, atomically. Raises OSError."""
    with atomic_write(path) as file:
        file.write(content)


def write_text(path: Path, content: str) -> None:
    """Replace `path` with this text as UTF-8, atomically. Raises OSError."""
    write_bytes(path, content.encode("utf-8"))


def _replace(temporary: Path, target: Path) -> None:
    """Move into place. On Windows a file that someone reads at this moment can't be replaced, but can soon after."""
    for _ in range(_WINDOWS_TRIES if os.name == "nt" else 0):
        try:
            os.replace(temporary, target)
        except PermissionError:
            time.sleep(_WINDOWS_PAUSE_S)
        else:
            return
    os.replace(temporary, target)


def _sync_folder(folder: Path) -> None:
    """Make the move itself last. Windows has no such call; some network folders refuse it, and the file is there."""
    if os.name != "posix":
        return
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
