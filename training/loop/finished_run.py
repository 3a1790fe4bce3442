"""What is done when a run has trained: its best model is measured, and its files are written."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Sequence

import torch

from core.certainty import CERTAINTY
from core.files.atomic_file import write_text
from core.files.checkpoint import load_model, read_model_info, save_model
from training.batches.run_data import SplitText
from training.evaluation.final_report import measure_run
from training.loop.model_card import model_card
from training.loop.run_reporter import RunReporter
from training.loop.training_state import Position
from training.rehearsal.making import rehearsal_of_run
from training.rehearsal.rehearsal_file import rehearsal_path, write_rehearsal
from training.run.run_folder import RunFolder
from training.run.training_config import TrainingConfig


def finish_run(
    *, config: TrainingConfig, folder: RunFolder, texts: Sequence[SplitText], position: Position, device: torch.device,
    reporter: RunReporter,
) -> None:
    """Measure the best model, write its files, and tidy up. texts: both splits."""
    progress = reporter.progress
    gc.collect()  # what still mapped the cache, Windows wouldn't remove
    best = load_model(folder.best_model)
    report, certainty = measure_run(best, config, device=device, progress=progress, examples=folder.examples)
    calibration = None if certainty is None else {CERTAINTY: certainty.to_dict()}
    write_text(folder.report, report.to_json())
    reporter.report("evaluated", metrics=report.to_dict())
    recipe = {**best.recipe, "seconds": round(position.seconds)}
    for path in (folder.best_model, folder.best_model_dict):
        save_model(path, best.model, best.tokenizer, metrics=report.to_dict(), recipe=recipe, calibration=calibration)
    cached = [folder.cache / f"{name}_pixels.npy" for name in ("train", "dev")]
    write_rehearsal(rehearsal_path(folder.best_model), rehearsal_of_run(
        best, config.folders, texts, cached, seed=config.seed, device=device,
        progress=progress("looking at photos to rehearse"),
    ))
    write_text(folder.card, model_card(read_model_info(folder.best_model)))
    shutil.rmtree(folder.cache, ignore_errors=True)
    reporter.report("run_finished", best_dev_loss=position.best_dev_loss, model=str(folder.best_model))
