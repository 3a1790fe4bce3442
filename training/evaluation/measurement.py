"""One measurement of a model from photos to report: what is wanted of it, and its parts one after the other."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from core.calibrated_spin import calibrated_spin
from core.compute_device import choose_device
from core.config import SpinConfig
from core.errors import DataError
from core.files.atomic_file import write_text
from core.files.checkpoint import ModelFile
from training.data.caption_layouts import SPLIT_NAMES
from training.data.captions import CaptionDataset, CaptionedImage
from training.data.known_objects import KnownObjects, read_known_objects
from training.evaluation.certainty.asked_photos import AskedPhotos, asked_photos
from training.evaluation.certainty.measuring import measure_certainty
from training.evaluation.judged_captions import PHOTOS_NAME, ListedPhoto
from training.evaluation.metrics.bootstrap import FloatArray
from training.evaluation.metrics.probes import Probe, make_probes, probes_to_json, read_probes
from training.evaluation.people.asking import ASKING
from training.evaluation.people.looking import asked_features, questions_work
from training.evaluation.people.measuring import measure_people
from training.evaluation.people.of_pretrained import PretrainedPeople
from training.evaluation.pointing.measuring import measure_pointing
from training.evaluation.pointing.of_pretrained import measure_pretrained_pointing
from training.evaluation.report.recipe import answers_depend_on, data_hash, make_recipe
from training.evaluation.report.sweep_report import SweepReport, choose_setting
from training.evaluation.sweep.calibration import Goal
from training.evaluation.sweep.dev_set import DevSet, choose_photos, photo_features, read_photos, used_precision
from training.evaluation.sweep.methods import distortion_of
from training.evaluation.sweep.probe_sweep import kept_probe_answers, sweep_probes
from training.evaluation.sweep.settings_grid import Settings
from training.evaluation.sweep.spin_sweep import kept_captions, sweep_captions
from training.evaluation.sweep.subject import PretrainedSubject, Subject
from training.evaluation.sweep.token_cost import ms_per_token
from training.evaluation.sweep.work import Work, WorkProgress
from training.evaluation.sweep.work_plan import (
    LOOKING,
    LOOKING_AT_NOISE,
    POINTING,
    READING,
    TIMING,
    steps_of,
    steps_photo_by_photo,
)
from training.questions.vqa_pairs import read_image
from training.run.training_config import PrecisionName

PRECISION: PrecisionName = "auto"
OF_CAPTIONS = frozenset({"captions", "probes", "pointing"})
"""What can't be measured without captions."""


@dataclass(frozen=True)
class Plan:
    """What is to be measured, and on which photos."""

    dataset: CaptionDataset
    settings: Settings
    """SPIN off comes first; others than SPIN's are for comparison."""
    measures: tuple[str, ...]
    """Some of captions, probes, pointing, certainty and people."""
    split: str = "dev"
    photos: int = 0
    """So many of the split; 0: all."""
    seed: int = 0
    """Chooses photos, probes, and the halves of the calibration."""
    device: str = "auto"
    probes: Path | None = None
    """A file of probes to ask again; None: they are made of the captions."""
    goal: Goal = "chair"
    time_tokens: bool = False
    """Measure beside the captions what a token costs under each setting."""
    more_data: tuple[CaptionDataset, ...] = ()
    """With questions that people asked."""

    @property
    def captioned(self) -> bool:
        """Whether only photos with captions can be measured."""
        return not OF_CAPTIONS.isdisjoint(self.measures)

    def choose_photos(self, split: str, *, limit: int) -> list[CaptionedImage]:
        """Those of a split that can be measured."""
        return choose_photos(
            self.dataset, split, limit=limit, seed=self.seed, captioned=self.captioned, asked=self.measures == ("people",)
        )


def _no_photo(plan: Plan) -> str:
    """Names the splits that could be measured instead."""
    counts = {split: len(plan.choose_photos(split, limit=0)) for split in SPLIT_NAMES}
    there = " and ".join(f"{split} ({number:,})" for split, number in counts.items() if number)
    what = ("Photos with captions", "a caption") if plan.captioned else ("Photos with questions", "a question")
    instead = f" {what[0]} are in {there}." if there else ""
    return f"{plan.dataset.root} holds no photo with {what[1]} in its {plan.split} split.{instead}"


def measure_model(
    file: Subject, plan: Plan, folder: Path, *, on_progress: Callable[[WorkProgress], None]
) -> SweepReport:
    """Measure; the folder keeps each setting's answers, so that what was cut off goes on. Raises
    DataError where the split has no photo or the probes don't fit, OSError where the folder can't be written."""
    images = plan.choose_photos(plan.split, limit=plan.photos)
    if not images:
        raise DataError(_no_photo(plan))
    folder.mkdir(parents=True, exist_ok=True)
    _write_photo_list(folder, images)
    device, precision = _computes(file, plan)
    recipe = make_recipe(
        file, images, plan.settings, data=plan.dataset.root, split=plan.split, seed=plan.seed, measures=plan.measures,
        device=device, precision=precision,
    )
    known = read_known_objects(plan.dataset.root)
    probes = _probes(plan, images, known, folder) if "probes" in plan.measures else []
    depends_on = answers_depend_on(recipe)
    kept_answers = kept_probe_answers(folder, probes, depends_on=depends_on) if probes else None
    kept = kept_captions(folder, depends_on=depends_on) if "captions" in plan.measures else None
    entities = plan.dataset.entities if "pointing" in plan.measures else None
    asked_about = _asked_about(plan, images, known) if {"certainty", "people"} & set(plan.measures) else None
    of_people = None
    if isinstance(file, PretrainedSubject):
        costs_each = file.costs(settings=len(plan.settings))
        if asked_about is not None and "people" in plan.measures:
            of_people = PretrainedPeople(
                file, asked_about, folder, depends_on={**depends_on, "asked_sha256": data_hash(asked_about.images)}
            )
            recipe["people"] = of_people.recipe
        steps = steps_photo_by_photo(
            len(images), plan.settings, costs_each, probes=probes, answers=kept_answers, captions=kept,
            pointing=entities is not None, people=None if of_people is None else of_people.step(costs_each),
        )
    else:
        steps = steps_of(
            len(images), plan.settings, probes=probes, answers=kept_answers, captions=kept,
            time_tokens=plan.time_tokens and kept is not None, pointing=entities is not None,
            questions=None if asked_about is None else questions_work(asked_about, plan.measures),
        )
    work = Work(steps, on_progress)
    dev = _looked_at(file, plan, images, known, device=device, work=work)
    captions = asked = pointing = choice = costs = certainty = people = None
    outcomes: dict[str, FloatArray] = {}
    if kept_answers is not None:
        asked, outcomes = sweep_probes(file, dev, probes, plan.settings, kept_answers, progress=work.begin)
    if kept is not None:
        captions = sweep_captions(file, dev, plan.settings, kept, progress=work.begin)
        choice = choose_setting(captions, outcomes, goal=plan.goal, seed=plan.seed)
        if plan.time_tokens and isinstance(file, ModelFile):
            costs = ms_per_token(file, dev, plan.settings, progress=work.begin(TIMING))
    if entities is not None:
        progress = work.begin(POINTING)
        if isinstance(file, ModelFile):
            pointing = measure_pointing(file, dev, entities, progress=progress)
        else:
            pointing = measure_pretrained_pointing(file, dev, entities, progress=progress)
    if of_people is not None:
        people = of_people.measure(seed=plan.seed, progress=work.begin(ASKING))
    if asked_about is not None and isinstance(file, ModelFile):
        spin = _calibrated(file) if choice is None else choice.spin
        features = asked_features(file, dev, asked_about, precision=PRECISION, device=device, progress=work.begin)
        if "certainty" in plan.measures:
            certainty = measure_certainty(
                file, features, asked_about.questions, data=asked_about.data, spin=spin, seed=plan.seed, progress=work.begin
            )
        if "people" in plan.measures:
            people = measure_people(
                file, features, asked_about, spin=spin, seed=plan.seed, progress=work.begin(ASKING)
            )
    return SweepReport(recipe, captions, asked, pointing, choice, costs or {}, certainty, people)


def _calibrated(file: ModelFile) -> SpinConfig | None:
    """The setting of SPIN that the file names as its best; None: off, or none that can be read."""
    found = calibrated_spin(file.calibration)
    return None if found is None else found.spin


def _asked_about(plan: Plan, images: list[CaptionedImage], known: KnownObjects) -> AskedPhotos:
    return asked_photos(
        plan.dataset, images, plan.more_data, known, split=plan.split, limit=plan.photos, seed=plan.seed
    )


def _computes(file: Subject, plan: Plan) -> tuple[torch.device, dict[str, str]]:
    """Where the model computes, and in which number formats: see used_precision."""
    if isinstance(file, PretrainedSubject):
        return torch.device(file.described.device), dict.fromkeys(("encoder", "features", "answers"), file.described.precision)
    device = choose_device(plan.device)
    return device, used_precision(file, precision=PRECISION, device=device)


def _looked_at(
    file: Subject, plan: Plan, images: list[CaptionedImage], known: KnownObjects, *, device: torch.device, work: Work
) -> DevSet:
    """The photos with what the encoder sees of them, and of them under noise where that is contrasted."""
    if isinstance(file, PretrainedSubject):
        return DevSet(images, torch.arange(len(images))[:, None], known=known)
    pixels = read_photos(images, file.config.image_size, progress=work.begin(READING))
    features = photo_features(file, pixels, precision=PRECISION, device=device, progress=work.begin(LOOKING))
    distorted, distortion = None, distortion_of(plan.settings)
    if distortion is not None:
        distorted = photo_features(
            file, pixels, precision=PRECISION, device=device, progress=work.begin(LOOKING_AT_NOISE), distortion=distortion
        )
    return DevSet(images, features, distorted=distorted, known=known)


def _write_photo_list(folder: Path, images: list[CaptionedImage]) -> None:
    """Write photos.json, for whoever shows the report: where each photo lies and what people said of it."""
    photos = [ListedPhoto(image.name, image.path.absolute(), tuple(image.captions)).to_dict() for image in images]
    write_text(folder / PHOTOS_NAME, json.dumps({"photos": photos}, ensure_ascii=False))


def _probes(plan: Plan, images: list[CaptionedImage], known: KnownObjects, folder: Path) -> list[Probe]:
    """Those of the given file, or new ones; kept in the folder's probes.json either way."""
    if plan.probes is None:
        probes = make_probes([read_image(image, plan.dataset) for image in images], seed=plan.seed, known=known)
        content = probes_to_json(probes, seed=plan.seed)
    else:
        probes = read_probes(plan.probes, [image.name for image in images])
        content = plan.probes.read_text(encoding="utf-8")
    write_text(folder / "probes.json", content)
    return probes
