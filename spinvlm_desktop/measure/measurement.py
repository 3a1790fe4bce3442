"""What a measurement is of: a model, photos, and what is measured. Qt-free."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from core.config import SettingsRecord, SpinConfig, require
from core.model.spin_text import keep_text, number_text, parse_alpha, parse_keep, parse_list
from spinvlm_desktop.models.model_list import MODEL_SUFFIXES, RUN_MODEL

SpinName = Literal["sweep", "grid", "off"]
STARTER_NAME = "Starter model"


@dataclass(frozen=True)
class MeasurementSettings(SettingsRecord):
    """One model on one collection of captioned photos."""

    data: str
    """Folder of captioned photos."""
    model: str | None = None
    """A model file, or a pretrained model's folder; None is the starter model."""
    split: str = "dev"
    photos: int = 0
    """Most photos; 0 takes all."""
    spin: SpinName = "sweep"
    keeps: tuple[int | float, ...] = ()
    """Of a grid: heads kept, as numbers or parts."""
    alphas: tuple[float, ...] = ()
    """Of a grid: weights of the other heads."""
    probes: bool = True
    """Whether yes/no questions are asked."""
    pointing: bool = False
    """Whether attention is compared with boxes."""
    certainty: bool = False
    """Whether it is measured how far the model's certainty can be trusted."""
    methods: bool = False
    """Whether other methods are measured beside SPIN, and what a word costs."""
    people: bool = False
    """Whether questions that people asked are asked."""
    questions: str = ""
    """Folder of more photos, with such questions; empty where those of `data` are asked alone."""

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
        if path.name == RUN_MODEL:
            return path.parent.name
        return path.stem if path.suffix in MODEL_SUFFIXES else path.name.replace("--", "/")  # a folder is a pretrained model

    def in_words(self, *, measured: int | None = None) -> str:
        """All of it in one line. measured: on so many photos, where that is known."""
        photos = f"at most {self.photos:,} photos" if self.photos else "all photos"
        if measured is not None:
            fewer = f" (of {self.photos:,} asked for)" if measured < self.photos else ""
            photos = f"{measured:,} {'photo' if measured == 1 else 'photos'}{fewer}"
        spin = {"off": "SPIN off alone", "sweep": "SPIN off and many settings", "grid": "SPIN off and own settings"}[self.spin]
        return f"{self.model_name} · {photos} of {self.split} in “{Path(self.data).name}” · {spin}"

    @property
    def is_pretrained(self) -> bool:
        """Whether the model is one that others have trained: a folder, and no file."""
        return self.model is not None and Path(self.model).suffix not in MODEL_SUFFIXES

    def of_model(self, model: Path | None) -> MeasurementSettings:
        """The same for this model; None is the starter model. Of pretrained ones less is measured."""
        settings = replace(self, model=None if model is None else str(model))
        if not settings.is_pretrained:
            return settings
        return replace(settings, certainty=False, methods=False)

    def measures(self) -> list[str]:
        """What is measured, as the command line names it."""
        chosen = {
            "captions": True, "probes": self.probes, "pointing": self.pointing, "certainty": self.certainty,
            "people": self.people,
        }
        return [name for name, wanted in chosen.items() if wanted]

    def arguments(self, folder: Path, log: Path) -> list[str]:
        """Of the command line, for a report in this folder."""
        found = ["measure", "--json", "--log", str(log), "--data", self.data, "--out", str(folder), "--split", self.split,
                 "--photos", str(self.photos), "--measure", ",".join(self.measures()),
                 "--spin", {"off": "off"}.get(self.spin, "sweep")]
        if self.model is not None:
            found += ["--model", self.model]
        if self.questions:
            found += ["--questions", self.questions]
        if self.methods:
            found.append("--methods")
        if self.spin == "grid":
            found += ["--keep", ",".join(map(keep_text, self.keeps)), "--alpha", ",".join(map(number_text, self.alphas))]
        return found


def parse_keeps(text: str) -> tuple[int | float, ...]:
    """`2, 4, 0.8` as numbers of heads and parts of them. Raises ConfigError with one sentence."""
    found = parse_list(text, parse_keep, name="“Heads kept”")
    _check_list(list(map(keep_text, found)), "Heads kept")
    return tuple(found)


def parse_alphas(text: str) -> tuple[float, ...]:
    """`0, 0.1` as factors. Raises ConfigError with one sentence."""
    found = parse_list(text, parse_alpha, name="“Weight of other heads (alpha)”")
    _check_list(list(map(number_text, found)), "Weight of other heads (alpha)")
    return tuple(found)


def _check_list(written: list[str], name: str) -> None:
    require(bool(written), f"{name}: give one number at least, or several with commas between them.")
    twice = next((text for text in written if written.count(text) > 1), None)
    require(twice is None, f"{name}: {twice} is listed twice.")
