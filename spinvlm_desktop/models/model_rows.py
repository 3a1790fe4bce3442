"""Pretrained models worth getting, and those that are on this computer, as rows of a table. Imports no torch by itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.pretrained.hub.answer_time import MachineSpeed, expected_seconds
from core.pretrained.hub.recommended_models import BFLOAT16_BYTES, RECOMMENDED, RecommendedModel, smallest_sensible


@dataclass(frozen=True)
class ModelRow:
    """A model of the table."""

    name: str
    here: str
    """Empty where it isn't."""
    size: int
    """Bytes: to download, or on the disk."""
    known: RecommendedModel | None
    """None where it is only known because it is here."""
    is_proposed: bool = False
    """Whether it is the smallest that makes sense on this computer."""
    seconds: float | None = None
    """That an answer would take here; None where that wasn't measured."""
    path: Path | None = None
    """Where it is, once it can be used."""
    memory: int | None = None
    """Bytes, about, in the precision that suits this computer, or in bfloat16 where that wasn't measured."""

    def to_dict(self) -> dict[str, Any]:
        """For programs; `known` is null for a model that is only known because it is here."""
        known = None if self.known is None else {**asdict(self.known), "memory_bytes": self.memory}
        return {
            "name": self.name, "here": self.here, "size": self.size, "is_proposed": self.is_proposed, "seconds": self.seconds,
            "path": None if self.path is None else str(self.path), "known": known,
        }


def list_rows(models: Path, *, machine: MachineSpeed | None) -> list[ModelRow]:
    """The recommended models, then others that are here. Looks at this computer's folders only."""
    from core.pretrained.hub.model_store import find_models, find_unfinished
    from core.pretrained.loading.memory_need import available_memory

    here = {each.name: f"{each.done / max(each.total, 1):.0%}" for each in find_unfinished(models)}
    sizes: dict[str, int] = {}
    folders: dict[str, Path] = {}
    for stored in reversed(find_models(models)):  # so that one that was downloaded counts before the same in a cache
        here[stored.name] = "shared" if stored.is_shared else "yes"
        sizes[stored.name], folders[stored.name] = stored.size, stored.folder.path
    weight_bytes = BFLOAT16_BYTES if machine is None else machine.weight_bytes
    proposed = smallest_sensible(available_memory(), weight_bytes=weight_bytes)
    rows = [
        ModelRow(
            known.repository, here.get(known.repository, ""), known.download_bytes, known, known is proposed,
            None if machine is None else expected_seconds(known, machine), folders.get(known.repository),
            known.memory_bytes(weight_bytes),
        )
        for known in RECOMMENDED
    ]
    others = sorted(set(here) - {known.repository for known in RECOMMENDED})
    return rows + [ModelRow(name, here[name], sizes.get(name, 0), None, path=folders.get(name)) for name in others]


def format_size(count: int) -> str:
    """Bytes for people: `4.3 GB`, `518 MB`."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"
