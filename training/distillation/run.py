"""Learning until it is done or stopped, with checkpoints, a log, and probes of what has been learnt."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save

from core.files.atomic_file import write_bytes
from core.model.vision_encoder import VisionEncoder
from training.distillation.learning import Learning
from training.distillation.photo_pack import PhotoSet
from training.distillation.probe import encoder_features, mean_average_precision

CHECKPOINT, ENCODER, PROBES = "checkpoint.pt", "encoder.safetensors", "probe.log"
LOG_STEPS = 50


@dataclass(frozen=True)
class Watch:
    """What is done beside the learning."""

    save_minutes: float = 5.0
    probe_minutes: float = 30.0
    probe_photos: PhotoSet | None = None
    probe_size: int = 224
    cpu_minutes: float | None = None
    """Of processor time, in this and all earlier processes of the run: then it stops."""


def learn(learning: Learning, folder: Path, watch: Watch, *, report: Callable[[str], None],
          should_stop: Callable[[], bool] = lambda: False) -> None:
    """Take steps until all views are seen. The folder gets a checkpoint, the averaged encoder, and the probes' results."""
    position, sums = learning.position, defaultdict[str, float](float)
    saved = probed = time.monotonic()
    logged_seen, logged_seconds, steps = position.seen, position.seconds, 0
    limit = float("inf") if watch.cpu_minutes is None else 60 * watch.cpu_minutes
    while position.seen < learning.settings.views and position.cpu_seconds < limit and not should_stop():
        for name, value in learning.step().items():
            sums[name] += value
        steps += 1
        if steps == LOG_STEPS:
            pace = (position.seen - logged_seen) / max(1e-9, position.seconds - logged_seconds)
            size = learning.settings.stage_at(position.seen).sizes
            parts = " ".join(f"{name} {value / steps:.4f}" for name, value in sums.items())
            report(f"step {position.step} views {position.seen} sizes {size} lessons {len(learning.book)} {parts} "
                   f"{pace:.0f} views/s {position.cpu_seconds / 60:.1f} CPU min")
            logged_seen, logged_seconds, steps = position.seen, position.seconds, 0
            sums.clear()
        if time.monotonic() - saved > 60 * watch.save_minutes:
            _save(learning, folder)
            saved = time.monotonic()
        if time.monotonic() - probed > 60 * watch.probe_minutes:
            _probe(learning, folder, watch, report)
            probed = time.monotonic()
    _save(learning, folder)
    _probe(learning, folder, watch, report)


def _save(learning: Learning, folder: Path) -> None:
    learning.save(folder / CHECKPOINT)
    save_encoder(learning.average.encoder, folder / ENCODER)


def _probe(learning: Learning, folder: Path, watch: Watch, report: Callable[[str], None]) -> None:
    if watch.probe_photos is None:
        return
    device = next(learning.average.parameters()).device
    learning.average.eval()
    features = encoder_features(learning.average.encoder, watch.probe_photos, size=watch.probe_size, device=device)
    found = mean_average_precision(features, watch.probe_photos.captions)
    position = learning.position
    line = json.dumps({
        "time": time.strftime("%Y-%m-%dT%H:%M:%S"), "step": position.step, "views": position.seen,
        "cpu_minutes": round(position.cpu_seconds / 60, 1), "mean_average_precision": round(found, 4),
    })
    report(line)
    with (folder / PROBES).open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def save_encoder(encoder: VisionEncoder, path: Path) -> None:
    """As timm's state dict without a classifier, in half precision."""
    weights: dict[str, torch.Tensor] = encoder.vit.state_dict()
    half = {name: tensor.detach().half().cpu().contiguous() for name, tensor in weights.items()}
    write_bytes(path, save(half))
