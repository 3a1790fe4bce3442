"""What a measurement is of: a model, photos, and what is measured. Qt-free."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from core.config import SettingsRecord, SpinConfig, require
from core.errors import ConfigError

SpinName = Literal["sweep", "grid", "off"]
STARTER_NAME = "Starter model"


@dataclass(frozen=True)
class MeasurementSettings(SettingsRecord):
    """One model on one collection of captioned photos."""

    data: str
    """Folder of captioned photos."""
    model: str | None = None
    """A model file; None is the starter model."""
    split: str = "dev"
    photos: int = 0
    """Most photos; 0 takes all."""
    spin: SpinName = "sweep"
    keeps: tuple[int | float, ...] = ()
    """Of a grid: heads kept, as numbers or parts."""
    alphas: tuple[float, ...] = ()
    """Of a grid: what the others count."""
    probes: bool = True
    """Whether yes/no questions are asked."""
    pointing: bool = False
    """Whether attention is compared with boxes."""
    methods: bool = False
    """Whether other methods are measured beside SPIN, and what a word costs."""

    def __post_init__(self) -> None:
        require(self.spin in get_args(SpinName), f"spin must be sweep, grid or off, got {self.spin!r}")
        require(self.photos >= 0, f"photos must be at least 0, got {self.photos}")
        if self.spin == "grid":
            require(bool(self.keeps) and bool(self.alphas), "A grid needs numbers of heads to keep, and factors for the others.")
            for keep in self.keeps:
                for alpha in self.alphas:
                    SpinConfig(keep=keep, alpha=alpha)

    @property
    def model_name(self) -> str:
        """As the Models menu has it: a run's best model is called as its run."""
        if self.model is None:
            return STARTER_NAME
        path = Path(self.model)
        return path.parent.name if path.name == "best.safetensors" else path.stem

    def in_words(self, *, measured: int | None = None) -> str:
        """All of it in one line. measured: on so many photos, where that is known."""
        photos = f"at most {self.photos:,} photos" if self.photos else "all photos"
        if measured is not None:
            fewer = f" (of {self.photos:,} asked for)" if measured < self.photos else ""
            photos = f"{measured:,} {'photo' if measured == 1 else 'photos'}{fewer}"
        spin = {"off": "SPIN off alone", "sweep": "SPIN off and many settings", "grid": "SPIN off and own settings"}[self.spin]
        return f"{self.model_name} · {photos} of {self.split} in “{Path(self.data).name}” · {spin}"

    def arguments(self, folder: Path, log: Path) -> list[str]:
        """Of the command line, for a report in this folder."""
        measures = ["captions", *["probes"] * self.probes, *["pointing"] * self.pointing]
        found = ["evaluate", "--json", "--log", str(log), "--data", self.data, "--out", str(folder), "--split", self.split,
                 "--photos", str(self.photos), "--measure", ",".join(measures), "--spin", {"off": "off"}.get(self.spin, "sweep")]
        if self.model is not None:
            found += ["--model", self.model]
        if self.methods:
            found.append("--methods")
        if self.spin == "grid":
            found += ["--keep", _listed(self.keeps), "--alpha", _listed(self.alphas)]
        return found


def _listed(numbers: tuple[int | float, ...]) -> str:
    return ",".join(repr(number) for number in numbers)


def parse_keeps(text: str) -> tuple[int | float, ...]:
    """`2, 4, 0.8` as numbers of heads and parts of them. Raises ConfigError with one sentence."""
    return tuple(_keep(part) for part in _parts(text, "Heads kept"))


def parse_alphas(text: str) -> tuple[float, ...]:
    """`0, 0.1` as factors. Raises ConfigError with one sentence."""
    return tuple(_alpha(part) for part in _parts(text, "What the others count"))


def _parts(text: str, name: str) -> list[str]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    require(bool(parts), f"{name}: give one number at least, or several with commas between them.")
    require(len(set(parts)) == len(parts), f"{name}: a number is there twice.")
    return parts


def _keep(part: str) -> int | float:
    try:
        value = int(part) if part.isdigit() else float(part)
    except ValueError:
        raise ConfigError(f"Heads kept: “{part}” is no number.") from None
    good = value >= 1 if isinstance(value, int) else 0 < value <= 1
    require(good, f"Heads kept: {part} must be a whole number from 1, or a part such as 0.8.")
    return value


def _alpha(part: str) -> float:
    try:
        value = float(part)
    except ValueError:
        raise ConfigError(f"What the others count: “{part}” is no number.") from None
    require(0 <= value <= 1, f"What the others count: {part} must be from 0 to 1.")
    return value
