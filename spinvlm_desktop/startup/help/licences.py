"""The licences of everything that the program contains: read from the installed packages, or from what the bundle carries."""

from __future__ import annotations

import json
import platform
import re
import sysconfig
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib import metadata, resources
from pathlib import Path

BUNDLED_NAME = "third-party-licences.json"
"""In resources/licences of a bundle, which has no packages to ask."""
PROGRAM = "spinvlm-desktop"
QT_PACKAGES = ("pyside6-essentials", "shiboken6")
QT_NOTICE = (
    "Qt for Python (PySide6, Shiboken6) and Qt 6 are used under the GNU Lesser General Public License, version 3. They are "
    "shared libraries of their own in the folder PySide6, unchanged, and may be replaced by other builds of the same version. "
    "Their source code is offered at https://download.qt.io and https://code.qt.io. The texts of both licences follow."
)
PYTHON_NOTICE = "Python is used under the Python Software Foundation License, version 2; see https://docs.python.org/3/license.html"
_LICENCE_FILES = re.compile(r"(^|/)(LICEN[CS]E|COPYING|NOTICE|AUTHORS)[^/]*$", re.IGNORECASE)


@dataclass(frozen=True)
class Component:
    """Something in the program that others wrote."""

    name: str
    version: str
    licence: str
    """In a few words."""
    text: str
    """Everything that comes with it as its licence."""


def third_party_licences() -> tuple[Component, ...]:
    """All components by name."""
    bundled = resources.files("resources").joinpath("licences", BUNDLED_NAME)
    if bundled.is_file():
        return tuple(Component(**entry) for entry in json.loads(bundled.read_text(encoding="utf-8")))
    return installed_components()


def installed_components() -> tuple[Component, ...]:
    """Python, every package that the program requires, also through others, as far as it is installed, and others' data."""
    components = [_component(distribution) for distribution in _required(PROGRAM)]
    python = Component("Python", platform.python_version(), "PSF-2.0", _python_text())
    return tuple(sorted([python, *components, *_data_components()], key=lambda component: component.name.lower()))


def _data_components() -> list[Component]:
    """The data of others that the program's own files were made from."""
    return [
        Component(name, version, licence, _own_text(file))
        for name, version, licence, file in (
            ("English words of SymSpell", "82,765", "MIT, with CC-BY-3.0 and SCOWL's", "english-words.txt"),
            ("Questions of VQA", "v2", "CC-BY-4.0", "people-questions.txt"),
            ("all-MiniLM-L6-v2", "three layers", "Apache-2.0", "sentence-encoder.txt"),
        )
    ]


def to_json(components: Sequence[Component]) -> str:
    """As the bundle carries it."""
    return json.dumps([asdict(component) for component in components], ensure_ascii=False, indent=1)


def as_text(components: Sequence[Component]) -> str:
    """For people, one after the other."""
    line = "=" * 100
    parts = [f"{line}\n{each.name} {each.version} - {each.licence}\n{line}\n\n{each.text}\n" for each in components]
    return "\n".join(parts)


def _required(root: str) -> list[metadata.Distribution]:
    """The packages that a package needs where it is installed now, without itself."""
    from packaging.requirements import Requirement

    found: dict[str, metadata.Distribution] = {}
    waiting, seen = [root], set[str]()
    while waiting:
        name = _canonical(waiting.pop())
        if name in seen:
            continue
        seen.add(name)
        with suppress(metadata.PackageNotFoundError):
            found[name] = metadata.distribution(name)
            wanted = [Requirement(text) for text in found[name].requires or []]
            waiting += [each.name for each in wanted if each.marker is None or each.marker.evaluate({"extra": ""})]
    return [found[name] for name in sorted(found) if name != _canonical(root)]


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _component(distribution: metadata.Distribution) -> Component:
    about = distribution.metadata
    name = about["Name"]
    files = [file for file in distribution.files or [] if ".dist-info" in str(file) and _LICENCE_FILES.search(str(file))]
    texts = [_heading(str(file)) + (file.read_text(encoding="utf-8") or "").strip() for file in files]
    if _canonical(name) in QT_PACKAGES:
        texts = [QT_NOTICE, *(_own_text(licence) for licence in ("LGPL-3.0.txt", "GPL-3.0.txt"))]
    homepage = next(iter([*_fields(about, "Home-page"), *_fields(about, "Project-URL")]), "")
    if not texts:
        texts = [f"The package comes without a text of its licence. {homepage}".strip()]
    return Component(name, distribution.version, _licence_of(about), "\n\n".join(texts))


def _heading(path: str) -> str:
    """The file's place, where a package brings many."""
    inner = path.partition(".dist-info/")[2].removeprefix("licenses/")
    return f"{inner}:\n\n" if "/" in inner else ""


def _licence_of(about: metadata.PackageMetadata) -> str:
    """In a few words, from the newest field that the package uses."""
    if _canonical(about["Name"]) in QT_PACKAGES:
        return "LGPL-3.0-only"
    classified = [line.rsplit("::", 1)[-1].strip() for line in _fields(about, "Classifier") if line.startswith("License ::")]
    short = [text for text in (*_fields(about, "License-Expression"), *_fields(about, "License")) if text and "\n" not in text]
    return next(iter([*short, ", ".join(classified)]), "") or "see its text"


def _fields(about: metadata.PackageMetadata, name: str) -> list[str]:
    return [str(value).strip() for value in about.get_all(name) or []]


def _own_text(name: str) -> str:
    return resources.files("resources").joinpath("licences", name).read_text(encoding="utf-8").strip()


def _python_text() -> str:
    """The text that Python came with, where it did."""
    library = Path(sysconfig.get_path("stdlib"))
    for folder in (library, *library.parents[:2]):
        for name in ("LICENSE.txt", "LICENSE"):
            if (folder / name).is_file():
                return (folder / name).read_text(encoding="utf-8", errors="replace").strip()
    return PYTHON_NOTICE
