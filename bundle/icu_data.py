"""Qt's copy of ICU's data without languages that the program doesn't speak: a tenth of it is left. Linux only.

ICU keeps collation rules, names of countries, currencies, units and time zones for some eight hundred locales, converters
for old encodings and dictionaries to break lines of Thai in one library that has nothing else in it. The program speaks
English, and Qt asks ICU for little. Where a locale is missing ICU goes back to its root, as for every language that it
doesn't know.

The format is described in ICU's source (ucmndata.h, udata.h): a header, a table of names and places, the parts.
"""

from __future__ import annotations

import re
import struct
import subprocess
from pathlib import Path

LIBRARY = "libicudata.so"
FORMAT = b"CmnD"
_FORMAT_PLACE = 12
"""Of the data's format in its header."""
_ALIGNMENT = 16
_LOCALE = re.compile(r"[a-z]{2,3}(_\w+)?")
_UNUSED_FOLDERS = ("brkitr", "translit", "rbnf")
"""Qt breaks lines by tables of its own, and spells no numbers."""
_ASSEMBLY = """
.section .rodata
.balign {alignment}
.globl {symbol}
.type {symbol}, %object
.size {symbol}, {size}
{symbol}: .incbin "{file}"
.section .note.GNU-stack, "", %progbits
"""


def smaller_icu_data(library: Path, work: Path) -> Path:
    """A library that takes the place of this one, made with the binutils. work: a folder for it and what it is made of.

    Raises ValueError where its format is another one than is known, CalledProcessError where it can't be made.
    """
    work.mkdir(parents=True, exist_ok=True)
    symbol, soname = _names(library)
    data = prune(library.read_bytes())
    content, source, compiled, target = (work / f"{library.name}{suffix}" for suffix in (".dat", ".s", ".o", ""))
    content.write_bytes(data)
    source.write_text(_ASSEMBLY.format(alignment=_ALIGNMENT, symbol=symbol, size=len(data), file=content), encoding="utf-8")
    subprocess.run(["as", "-o", compiled, source], check=True)
    subprocess.run(["ld", "-shared", "-soname", soname, "-z", "noexecstack", "-o", target, compiled], check=True)
    return target


def prune(library: bytes) -> bytes:
    """The data that a library holds, with the parts that are kept. Raises ValueError where it holds none."""
    start = library.index(FORMAT) - _FORMAT_PLACE
    (header,) = struct.unpack_from("<H", library, start)
    table = start + header
    parts = _parts(library, table)
    kept = [(name, content) for name, content in parts if keeps_icu(name)]
    names, contents = b"", b""
    first_name = 4 + 8 * len(kept)
    first_content = -(-(header + first_name + sum(len(name) + 1 for name, _ in kept)) // _ALIGNMENT) * _ALIGNMENT - header
    entries: list[bytes] = []
    for name, content in kept:
        entries.append(struct.pack("<II", first_name + len(names), first_content + len(contents)))
        names += name.encode("ascii") + b"\0"
        contents += content + bytes(-len(content) % _ALIGNMENT)
    begin = struct.pack("<I", len(kept)) + b"".join(entries) + names
    return library[start:table] + begin.ljust(first_content, b"\0") + contents


def keeps_icu(name: str) -> bool:
    """Whether a part belongs into the bundle. name: such as `icudt73l/coll/de.res`."""
    *folders, file = name.split("/")[1:]
    stem, _, ending = file.rpartition(".")
    if (folders and folders[0] in _UNUSED_FOLDERS) or ending == "cnv":
        return False
    return ending != "res" or _LOCALE.fullmatch(stem) is None or stem.split("_")[0] == "en"


def _parts(library: bytes, table: int) -> list[tuple[str, bytes]]:
    """Names and contents, sorted by name as ICU wants them."""
    (count,) = struct.unpack_from("<I", library, table)
    places = [struct.unpack_from("<II", library, table + 4 + 8 * index) for index in range(count)]
    names = [library[table + place : library.index(b"\0", table + place)].decode("ascii") for place, _ in places]
    starts = [table + place for _, place in places]
    # What follows the last part belongs to the library; a part knows its own length, so that more does no harm.
    ends = [*starts[1:], min(len(library), starts[-1] + 1_000_000)]
    return [(name, library[start:end]) for name, start, end in zip(names, starts, ends, strict=True)]


def _names(library: Path) -> tuple[str, str]:
    """The symbol that the data has, and what the library is asked for by. Raises ValueError where there are none."""
    symbols = _readelf("--dyn-syms", library)
    dynamic = _readelf("--dynamic", library)
    symbol, soname = re.search(r"\b(icudt\d+_dat)\b", symbols), re.search(r"Library soname: \[(.+)\]", dynamic)
    if symbol is None or soname is None:
        raise ValueError(f"{library} has no data of ICU's")
    return symbol[1], soname[1]


def _readelf(what: str, library: Path) -> str:
    done = subprocess.run(["readelf", "--wide", what, str(library)], capture_output=True, text=True, check=True)
    return done.stdout
