"""What goes into a bundle, and what systems learn of it; without building one."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import types
from importlib import metadata
from pathlib import Path
from typing import Any

import PySide6
import pytest

from bundle.contents import is_stripped, keeps, keeps_module, without_dangling_links
from bundle.icu_data import LIBRARY, keeps_icu, smaller_icu_data
from bundle.platform_files import MAC_TYPES, MIME_TYPES, desktop_entry, mac_information, windows_version
from bundle.reachable_libraries import without_orphans
from bundle.size_report import part_of
from bundle.transformers_parts import unused_modules, used_modules
from core.images.image_input import READERS
from core.pretrained.photo.known_families import KINDS
from spinvlm_desktop import __version__
from spinvlm_desktop.system import program_command

ROOT = Path(__file__).parents[2]
SORTED = """
from functools import cmp_to_key
from PySide6.QtCore import QCollator, QLocale, QTimeZone

words = sorted(["zebra", "éclair", "apple", "Äpfel"], key=cmp_to_key(QCollator(QLocale("zh_CN")).compare))
name = QTimeZone(b"Europe/Berlin").displayName(
    QTimeZone.TimeType.StandardTime, QTimeZone.NameType.ShortName, QLocale("en_US")
)
print(",".join(words), name)
"""


def test_the_version_stands_in_one_place() -> None:
    assert metadata.version("spinvlm-desktop") == __version__
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a clone")
    sources = [ROOT / name for name in listed.stdout.splitlines() if name.endswith((".py", ".toml", ".spec", ".yml", ".sh"))]
    stated = re.compile(rf"""^\s*(__version__|version)\s*=\s*["']{re.escape(__version__)}["']""", re.MULTILINE)
    naming = [path.relative_to(ROOT).as_posix() for path in sources if stated.search(path.read_text(encoding="utf-8"))]
    assert naming == ["spinvlm_desktop/__init__.py"]


@pytest.mark.parametrize(
    ("place", "kept"),
    [
        ("torch/lib/libtorch_cpu.so", True), ("torch/bin/torch_shm_manager", True), ("torch/bin/test_api", False),
        ("torch\\lib\\torch_cpu.dll", True), ("torch/lib/libtorchbind_test.so", False), ("torchvision/_C.so", False),
        ("libcudart.so.13", False), ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("PySide6/Qt/plugins/platforms/libqwayland.so", True), ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", False),
        ("PySide6/plugins/platforms/qwindows.dll", True), ("PySide6/Qt/translations/qtbase_de.qm", False),
        ("PySide6/Qt/lib/libQt6Quick.so.6", False), ("PySide6/Qt/lib/libQt6Core.so.6", True), ("libQt6Core.so.6", True),
        ("PySide6/Qt/lib/QtQuick.framework/Versions/A/QtQuick", False), ("PySide6/QtCore.abi3.so", True),
        ("PySide6/Qt/lib/QtGui.framework/Versions/A/QtGui", True), ("libmvec.so.1", False), ("libxcb-icccm.so.4", True),
        ("torch-2.13.0.dist-info/METADATA", True), ("spinvlm_desktop-0.1.0.dist-info/direct_url.json", False),
        ("resources/models/starter.safetensors", True), ("training/language/lexicon/words.txt", True), ("base_library.zip", True),
    ],
)  # fmt: skip
def test_what_goes_in(place: str, kept: bool) -> None:
    assert keeps(place) is kept


def test_no_lexers_of_programming_languages_go_in() -> None:
    assert keeps_module("pygments.lexers")
    assert keeps_module("pygments.lexers._mapping")
    assert not keeps_module("pygments.lexers.fortran")


def test_links_to_what_is_left_out_are_left_out() -> None:
    library = "PySide6/Qt/lib/libQt6Core.so.6"
    icon = ("resources/icon.png", "/x/icon.png", "DATA")
    link = ("libQt6Core.so.6", "PySide6/Qt/lib/libQt6Core.so.6", "SYMLINK")
    upward = ("a/b/link.so", "../../PySide6/Qt/lib/libQt6Core.so.6", "SYMLINK")
    dangling = ("libz.so.1", "torchvision.libs/libz.so.1", "SYMLINK")
    assert without_dangling_links([icon, link, upward, dangling], [library]) == [icon, link, upward]


def test_only_libraries_known_to_bear_it_are_stripped() -> None:
    assert is_stripped("torch/lib/libtorch_cpu.so")
    assert is_stripped("regex/_regex.cpython-311-x86_64-linux-gnu.so")
    assert not is_stripped("numpy.libs/libscipy_openblas64_-32a4b2a6.so"), "rewritten by its packagers, and easily broken"


@pytest.mark.skipif(not sys.platform.startswith("linux") or shutil.which("ld") is None, reason="makes a Linux library")
def test_icus_data_without_other_languages_still_sorts_and_knows_time_zones(tmp_path: Path) -> None:
    library = next((Path(PySide6.__file__).parent / "Qt" / "lib").glob(f"{LIBRARY}*"))
    smaller = smaller_icu_data(library, tmp_path)
    assert smaller.stat().st_size < library.stat().st_size / 5
    assert not keeps_icu("icudt73l/coll/zh.res")
    assert keeps_icu("icudt73l/coll/root.res")
    done = subprocess.run(
        [sys.executable, "-c", SORTED], env={**os.environ, "LD_PRELOAD": str(smaller)}, capture_output=True, text=True,
        check=True,
    )
    assert done.stdout.split() == ["Äpfel,apple,éclair,zebra", "CET"]


def test_of_transformers_the_usable_kinds_go_in_and_nothing_that_is_only_trained_with() -> None:
    found = importlib.util.find_spec("transformers")
    if found is None or found.origin is None:
        pytest.skip("transformers isn't installed")
    library = Path(found.origin).parent
    used, unused = used_modules(library), set(unused_modules(library))
    assert all(f"transformers.models.{kind}.modeling_{kind}" in used for kind in KINDS)
    assert not unused & set(used)
    assert {"transformers.models.whisper", "transformers.trainer"} <= unused
    assert len(unused) > 300, "models"


@pytest.mark.skipif(not sys.platform.startswith("linux") or shutil.which("readelf") is None, reason="reads Linux libraries")
def test_system_libraries_that_nothing_needs_are_left_out() -> None:
    found = subprocess.run(["ldd", sys.executable], capture_output=True, text=True, check=True).stdout
    libc = next(line.split("=> ")[1].split()[0] for line in found.splitlines() if "libc.so.6" in line)
    needed = ("libc.so.6", libc, "BINARY")
    orphan = ("libnobody.so.1", libc, "BINARY")
    module = ("python3/module.so", sys.executable, "EXTENSION")
    assert without_orphans([module, needed, orphan]) == [module, needed]


def test_every_format_that_can_be_read_is_offered_to_open_with() -> None:
    formats = {"jpeg", "png", "gif", "tiff", "bmp", "webp", "heic", "heif"}
    assert len(formats) == len(READERS) + 3, "WebP and HEIC are recognised in another way"
    assert {name.removeprefix("image/") for name in MIME_TYPES} == formats
    assert len(MAC_TYPES) == len(MIME_TYPES)
    (types,) = mac_information()["CFBundleDocumentTypes"]
    assert types["LSItemContentTypes"] == list(MAC_TYPES)
    assert types["LSHandlerRank"] == "Alternate", "the user's own viewer stays the first choice"


@pytest.mark.skipif(shutil.which("desktop-file-validate") is None, reason="needs desktop-file-utils")
def test_the_desktop_file_is_valid(tmp_path: Path) -> None:
    file = tmp_path / "spinvlm.desktop"
    file.write_text(desktop_entry("SpinVLM"), encoding="utf-8")
    checked = subprocess.run(["desktop-file-validate", file], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout) == (0, "")


def test_windows_knows_the_version() -> None:
    def kept(*arguments: Any, **named: Any) -> dict[str, Any]:
        return {"given": arguments, **named}

    names = ("VSVersionInfo", "FixedFileInfo", "StringFileInfo", "StringTable", "StringStruct", "VarFileInfo", "VarStruct")
    resource = eval(windows_version("1.22.3"), dict.fromkeys(names, kept))
    assert resource["ffi"]["filevers"] == (1, 22, 3, 0)
    assert "1.22.3" in str(resource["kids"])


def test_what_takes_the_room_is_listed_by_kind() -> None:
    assert part_of(Path("_internal/torch/lib/libtorch_cpu.so")) == "PyTorch"
    assert part_of(Path("SpinVLM")) == "all Python code, packed"
    assert part_of(Path("Contents/Frameworks/PySide6/QtCore.abi3.so")) == "Qt and its bindings"
    assert part_of(Path("_internal/libssl.so.3")).startswith("libraries of the system")


def packaged(monkeypatch: pytest.MonkeyPatch, executable: Path, platform: str) -> None:
    reported = types.SimpleNamespace(frozen=True, executable=str(executable), platform=platform, argv=["x"])
    monkeypatch.setattr(program_command, "sys", reported)


def test_the_program_starts_itself_again_packaged_or_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert program_command.program_command() == [sys.executable, "-m", "spinvlm_desktop"]
    windowed, console = tmp_path / "SpinVLM.exe", tmp_path / "spinvlm-cli.exe"
    packaged(monkeypatch, windowed, "linux")
    assert program_command.program_command() == [str(windowed)]
    packaged(monkeypatch, windowed, "win32")
    assert program_command.program_command() == [str(windowed)], "there is no other program"
    console.touch()
    assert program_command.program_command() == [str(console)], "a windowed program has no stdout"
    assert program_command.typed_command() == "spinvlm-cli.exe"


@pytest.mark.parametrize("before", [None, "/opt/lib"])
def test_other_programs_get_the_systems_libraries(monkeypatch: pytest.MonkeyPatch, before: str | None) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/bundle/_internal")
    if before is not None:
        monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", before)
    program_command.restore_environment()
    assert program_command.os.environ.get("LD_LIBRARY_PATH") == before
    assert "LD_LIBRARY_PATH_ORIG" not in program_command.os.environ
