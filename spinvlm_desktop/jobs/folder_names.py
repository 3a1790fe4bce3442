"""Names that users give to what is kept in a folder."""

from __future__ import annotations

import re

from core.errors import ConfigError

_NAME = re.compile(r"[^\x00-\x1f/\\:*?\"<>|.][^\x00-\x1f/\\:*?\"<>|]{0,79}")


def check_name(name: str) -> str:
    """A name that can be a folder's on every system. Raises ConfigError for any other."""
    if not _NAME.fullmatch(name):
        raise ConfigError('A name has 1 to 80 characters, none of them / \\ : * ? " < > |, and no dot first.')
    return name
