"""The bundle as one file to be handed on: .tar.zst on Linux, .zip elsewhere."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path


def pack(folder: Path, target: Path, *, level: int) -> Path:
    """Pack a folder under the target's name; returns the file, whose ending says how it is packed.

    Linux: zstd where it is installed, else xz. macOS: ditto, which keeps links and signatures. Windows: zip.
    """
    if sys.platform == "win32":
        return Path(shutil.make_archive(str(target), "zip", folder.parent, folder.name))
    if sys.platform == "darwin":
        archive = target.with_name(target.name + ".zip")
        subprocess.run(["ditto", "-c", "-k", "--keepParent", folder, archive], check=True)
        return archive
    if shutil.which("zstd") is None:
        archive = target.with_name(target.name + ".tar.xz")
        with tarfile.open(archive, "w:xz", preset=6) as tar:
            tar.add(folder, target.name, filter=_without_owner)
        return archive
    archive = target.with_name(target.name + ".tar.zst")
    command = ["zstd", "--quiet", "--force", f"-{level}", "-T0", "--long=27", "-o", str(archive)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        with tarfile.open(fileobj=process.stdin, mode="w|") as tar:
            tar.add(folder, target.name, filter=_without_owner)
        process.stdin.close()
    if process.returncode != 0:
        raise OSError(f"zstd ended with code {process.returncode}")
    return archive


def _without_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Whoever unpacks it owns it."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member
