"""How fast this computer trains with given settings: both stages for some seconds each, on a few of the real photos."""

from __future__ import annotations

import json
import random
import re
import shutil
import statistics
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import psutil

from training.data.captions import CaptionDataset, CaptionedImage
from training.data.collections import load_collections
from training.data.entities import box_file, sentence_file
from training.data.ready_pairs import FILE_NAME as QUESTIONS_FILE
from training.loop.training_run import run_training
from training.machine.companions import process_count
from training.run.events import Event
from training.run.needs import run_needs
from training.run.pace import Pace
from training.run.training_config import StageConfig, TrainingConfig

PHOTOS = 48
BATCH_PHOTOS = 16
"""Of a step, at most: a whole batch of a large model takes long on a slow computer, and hardly less for each photo."""
SKIPPED_STEPS = 1
"""The first step of a stage is slower than all others."""
FEWEST_STEPS = SKIPPED_STEPS + 1


def measure_pace(config: TrainingConfig, folder: Path, *, seconds: float = 20.0) -> Pace:
    """Train on a few of the photos, about half of the seconds in each stage.

    folder: for what is made meanwhile; it isn't tidied up. Downloads nothing: weights don't change the pace. Raises as
    run_training does.
    """
    dataset = load_collections(config.folders, seed=config.seed)
    images = [image for image in dataset.images if image.teaches]
    chosen = random.Random(config.seed).sample(images, min(PHOTOS, len(images)))
    data = folder / "photos"
    _copy(chosen, dataset, data)
    processes = process_count(config)
    usual = replace(
        config, data=str(data), more_data=(), max_photos=0, dev_photos=2, checkpoint_seconds=1e6, processes=processes,
        warm_up=_small(config.warm_up), fine_tune=_small(config.fine_tune),
    )
    if config.start_from is None:
        usual = replace(usual, encoder="random", vocabulary=str(_words(chosen, data, size=config.vocabulary_size)))
    first = _Watch("warm_up", seconds / 2)
    run_training(replace(usual, warm_up=replace(usual.warm_up, epochs=1000)), folder / "first", listener=first.take,
                 should_stop=first.over)
    second = _Watch("fine_tune", seconds / 2)
    short = replace(
        usual, max_photos=min(BATCH_PHOTOS, len(chosen)), warm_up=replace(usual.warm_up, epochs=1),
        fine_tune=replace(usual.fine_tune, epochs=1000),
    )
    run_training(short, folder / "second", listener=second.take, should_stop=second.over)
    unmeasured = run_needs(config, photos=0).memory_bytes - run_needs(usual, photos=0).memory_bytes
    return Pace(
        config, look=round(first.look(len(chosen)), 5), warm_up=round(first.pace(), 5), fine_tune=round(second.pace(), 5),
        memory_bytes=processes * max(first.memory, second.memory) + unmeasured,
    )


def _small(stage: StageConfig) -> StageConfig:
    return replace(stage, patience=0, accumulation=1, batch_photos=min(stage.batch_photos, BATCH_PHOTOS))


class _Watch:
    """Listens to a run until one of its stages has gone on for long enough."""

    def __init__(self, stage: str, seconds: float) -> None:
        self._stage, self._seconds = stage, seconds
        self._started: float | None = None
        self._photos: list[float] = []
        self._preparing: dict[str, list[float]] = defaultdict(list)
        self._process = psutil.Process()
        self.memory = 0
        """Of one of the processes."""

    def take(self, event: Event) -> None:
        if event["event"] == "preparing":
            self._preparing[event["what"]].append(event["time"])
        elif event["event"] == "step" and event["stage"] == self._stage:
            self._started = self._started or time.monotonic()
            self._photos.append(1 / max(event["samples_per_second"], 1e-9))
            self.memory = max(self.memory, self._process.memory_info().rss)

    def over(self) -> bool:
        enough = self._started is not None and time.monotonic() - self._started > self._seconds
        return enough and len(self._photos) >= FEWEST_STEPS

    def pace(self) -> float:
        """Seconds a photo."""
        return statistics.median(self._photos[SKIPPED_STEPS:] or self._photos or [0.0])

    def look(self, photos: int) -> float:
        """Seconds a photo for all that is prepared, once."""
        return sum(times[-1] - times[0] for times in self._preparing.values()) / photos


def _copy(images: list[CaptionedImage], dataset: CaptionDataset, data: Path) -> None:
    """Photos under numbers as names, with all that training reads of them."""
    (data / "Images").mkdir(parents=True)
    names = {image.name: f"{number}{image.path.suffix}" for number, image in enumerate(images)}
    for image in images:
        shutil.copyfile(image.path, data / "Images" / names[image.name])
    captions = [{"image": names[image.name], "captions": image.captions} for image in images if image.captions]
    questions = [
        replace(pair, image=names[image.name]).to_dict() for image in images for pair in image.questions
    ]
    for file_name, lines in (("captions.jsonl", captions), (QUESTIONS_FILE, questions)):
        if lines:
            (data / file_name).write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    if dataset.entities is not None:
        _copy_entities(dataset.entities, data / "entities", names)


def _copy_entities(entities: Path, copies: Path, names: dict[str, str]) -> None:
    """Marked captions and boxes. names: photo -> its copy."""
    for file_of in (sentence_file, box_file):
        for name, copied_name in names.items():
            source, copied = file_of(entities, name), file_of(copies, copied_name)
            if source.is_file():
                copied.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, copied)


def _words(images: list[CaptionedImage], data: Path, *, size: int) -> Path:
    """A word list as long as the vocabulary will be, which so few captions couldn't fill."""
    texts = [*(caption for image in images for caption in image.captions),
             *(f"{pair.question} {pair.answer}" for image in images for pair in image.questions)]
    words = ["<pad>", "<unk>", *dict.fromkeys(re.findall(r"[a-z']+", " ".join(texts).lower()))]
    words += [f"filler{number}" for number in range(size - len(words))]
    path = data / "words.json"
    path.write_text(json.dumps({word: number for number, word in enumerate(words[:size])}), encoding="utf-8")
    return path
