"""A file is the old one or the new one, and nothing is left beside it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.files.atomic_file import atomic_write, write_bytes, write_text
from tests.core.files.full_disk import room_for

posix_only = pytest.mark.skipif(os.name != "posix", reason="permissions, links and limits of POSIX")
OLD = b"what was there before"


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


@settings(max_examples=20)
@given(old=st.binary(max_size=100), new=st.binary(max_size=100_000))
def test_bytes_replace_what_was_there(tmp_path_factory: pytest.TempPathFactory, old: bytes, new: bytes) -> None:
    path = tmp_path_factory.mktemp("atomic") / "file.bin"
    for content in (old, new):
        write_bytes(path, content)
        assert path.read_bytes() == content
    assert names(path.parent) == ["file.bin"]


def test_text_is_utf8_with_its_own_line_ends(tmp_path: Path) -> None:
    write_text(tmp_path / "Fähre.txt", "ein Höhenzug\n\r\n山\n")
    assert (tmp_path / "Fähre.txt").read_bytes() == "ein Höhenzug\n\r\n山\n".encode()


def test_the_old_file_is_whole_while_the_new_one_is_written(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(OLD)
    with atomic_write(path) as file:
        file.write(b"x" * 1_000_000)
        file.flush()
        assert path.read_bytes() == OLD
        assert len(names(tmp_path)) == 2
    assert path.read_bytes() == b"x" * 1_000_000


@pytest.mark.parametrize("error", [ValueError, OSError, KeyboardInterrupt])
@pytest.mark.parametrize("exists", [True, False])
def test_an_error_leaves_everything_as_it_was(tmp_path: Path, error: type[BaseException], exists: bool) -> None:
    path = tmp_path / "file"
    if exists:
        path.write_bytes(OLD)
    raised = error("in the middle")
    with pytest.raises(error) as caught, atomic_write(path) as file:
        file.write(b"half of it")
        raise raised
    assert caught.value is raised
    assert names(tmp_path) == (["file"] if exists else [])
    assert not exists or path.read_bytes() == OLD


@posix_only
@pytest.mark.parametrize("size", [100_000, 10])  # refused while it is written, and refused at the last flush
def test_a_full_disk_leaves_the_old_file(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(OLD)
    with room_for(5), pytest.raises(OSError, match="File too large"):
        write_bytes(path, b"y" * size)
    assert path.read_bytes() == OLD
    assert names(tmp_path) == ["file"]


def test_where_nothing_can_be_written_the_error_is_the_systems(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_bytes(tmp_path / "no such folder" / "file", b"new")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "kept").touch()
    with pytest.raises(OSError):
        write_bytes(tmp_path / "folder", b"new")
    assert names(tmp_path) == ["folder"]
    assert names(tmp_path / "folder") == ["kept"]


@posix_only
def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "any").touch()
    write_bytes(tmp_path / "ours", b"new")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "any").stat().st_mode


@posix_only
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_a_replaced_file_keeps_its_permissions(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(OLD)
    path.chmod(mode)
    write_bytes(path, b"new")
    assert path.stat().st_mode & 0o777 == mode


@posix_only
@pytest.mark.parametrize("dangling", [True, False])
def test_a_link_stays_a_link(tmp_path: Path, dangling: bool) -> None:
    (tmp_path / "elsewhere").mkdir()
    target, link = tmp_path / "elsewhere" / "target", tmp_path / "link"
    link.symlink_to(target)
    if not dangling:
        target.write_bytes(OLD)
    write_bytes(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert names(tmp_path) == ["elsewhere", "link"]


@pytest.mark.parametrize("name", ["a" * 255, "ä" * 127, "山" * 85])
@posix_only
def test_the_longest_names(tmp_path: Path, name: str) -> None:
    write_bytes(tmp_path / name, b"new")
    assert (tmp_path / name).read_bytes() == b"new"


def test_writers_at_the_same_time_leave_one_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    contents = [bytes([index]) * 200_000 for index in range(8)]
    threads = [threading.Thread(target=write_bytes, args=(path, content)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes() in contents
    assert names(tmp_path) == ["file"]


def test_a_process_killed_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(OLD)
    code = f"""
import os
from pathlib import Path
from core.files.atomic_file import atomic_write
with atomic_write(Path({str(path)!r})) as file:
    file.write(b"half of it" * 100_000)
    os._exit(9)
"""
    root = Path(__file__).parents[3]
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=root).returncode == 9
    assert path.read_bytes() == OLD


def test_it_loads_no_torch() -> None:
    code = "import sys, core.files.atomic_file; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[3]).returncode == 0
