"""What takes the room in a bundle."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("PyTorch", ("torch",)),
    ("Qt and its bindings", ("PySide6", "shiboken6", "libQt6", "libpyside6", "libshiboken6", "libicu", "Qt6")),
    ("NumPy and its linear algebra", ("numpy", "libscipy_openblas", "libgfortran", "libquadmath")),
    ("reading photos (Pillow, HEIC)", ("PIL", "pillow", "_pillow_heif", "libheif", "libde265", "libx265")),
    ("starter model, icons, licences", ("resources", "training", "THIRD-PARTY", "LICENSE")),
    ("transformers", ("transformers",)),
    ("tokenizers, lxml, pydantic, YAML", ("tokenizers", "safetensors", "lxml", "pydantic_core", "yaml", "markupsafe", "regex")),
    ("all Python code, packed", ("SpinVLM", "spinvlm")),
    ("Python and its library", ("python3", "libpython", "base_library", "Python")),
)
OTHER = "libraries of the system, and the rest"


def size_report(folder: Path) -> str:
    """A line a part, the largest first; links count nothing."""
    sizes, counts = Counter[str](), Counter[str]()
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            part = part_of(path.relative_to(folder))
            sizes[part] += path.stat().st_size
            counts[part] += 1
    lines = [f"{size / 1e6:7.1f} MB {counts[part]:5} files  {part}" for part, size in sizes.most_common()]
    return "\n".join([*lines, f"{sizes.total() / 1e6:7.1f} MB {counts.total():5} files  in all"])


def part_of(path: Path) -> str:
    """The part that a file of the bundle belongs to. path: inside the bundle."""
    inner = [name for name in path.parts if name not in ("_internal", "Contents", "Frameworks", "Resources", "MacOS")]
    return next((part for part, starts in PARTS if inner[0].startswith(starts)), OTHER)
