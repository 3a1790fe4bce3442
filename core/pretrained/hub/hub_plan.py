"""Which files of a model on the hub are needed, and whether what came is what was announced. No network here."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import DownloadError
from core.files.atomic_file import write_text

RECORD = "download.json"
"""What is written down beside a model: where it came from, which revision, and its files with their hashes."""
WEIGHTS = re.compile(r"model(-\d{5}-of-\d{5})?\.safetensors")
NEEDED = frozenset([
    "config.json", "generation_config.json", "model.safetensors.index.json", "tokenizer.json", "tokenizer_config.json",
    "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt", "preprocessor_config.json",
    "processor_config.json", "chat_template.json", "chat_template.jinja", "README.md", "LICENSE", "LICENSE.txt", "LICENSE.md",
])
"""Never program code, and never weights in a format that could run some."""
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True)
class HubFile:
    """One file as the hub announces it."""

    name: str
    size: int
    """Bytes."""
    sha256: str | None
    """Of large files."""
    git_hash: str | None
    """SHA-1 of small files as git computes it."""


@dataclass(frozen=True)
class DownloadPlan:
    """Everything that will be downloaded, of one revision."""

    repository: str
    revision: str
    """The commit, so that files of two revisions are never mixed."""
    files: tuple[HubFile, ...]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)

    def save(self, folder: Path) -> None:
        write_text(folder / RECORD, json.dumps(asdict(self), indent=1))


def read_plan(folder: Path) -> DownloadPlan | None:
    """The plan of a download that was begun or finished here; None where there is none that can be read."""
    try:
        found = json.loads((folder / RECORD).read_text("utf-8"))
        files = tuple(HubFile(**file) for file in found["files"])
        return DownloadPlan(str(found["repository"]), str(found["revision"]), files)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def check_name(repository: str) -> None:
    """Raises DownloadError for a name that can't be one of the hub's."""
    if not _NAME.fullmatch(repository) or ".." in repository:
        raise DownloadError(f'"{repository}" is no name of a model on the hub: those look like organisation/model.')


def make_plan(repository: str, revision: str, announced: list[Any]) -> DownloadPlan:
    """announced: the hub's list of a model's files (RepoSibling). Raises DownloadError where the weights are missing."""
    files = tuple(
        HubFile(each.rfilename, int(each.size or 0), each.lfs.sha256 if each.lfs else None, each.blob_id)
        for each in announced
        if each.rfilename in NEEDED or WEIGHTS.fullmatch(each.rfilename)
    )
    names = {file.name for file in files}
    if not any(WEIGHTS.fullmatch(name) for name in names):
        raise DownloadError(f"{repository} has no safetensors weights on the hub, and others are never used.")
    for name in ("config.json", "tokenizer.json"):
        if name not in names:
            raise DownloadError(f"{repository} can't be used: it has no {name} on the hub.")
    small_first = sorted(files, key=lambda file: (file.name != "config.json", file.size))
    return DownloadPlan(repository, revision, tuple(small_first))


def is_intact(path: Path, file: HubFile) -> bool:
    """Whether a file's content has the announced size and hash."""
    if path.stat().st_size != file.size:
        return False
    if file.sha256 is not None:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == file.sha256
    if file.git_hash is not None:
        content = path.read_bytes()
        return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest() == file.git_hash
    return True
