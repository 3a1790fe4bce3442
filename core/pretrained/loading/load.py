"""A folder -> a checked model, ready to be asked: safetensors only, no program code of the model's, no network."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from core.answer_model import OnStep
from core.compute_device import choose_device, multiplies_bfloat16, set_threads
from core.config import require
from core.errors import SpinVlmError
from core.pretrained.decoding.decoding_run import ReadPrompt
from core.pretrained.errors import PretrainedModelError
from core.pretrained.library import transformers
from core.pretrained.loading.memory_need import check_memory
from core.pretrained.loading.model_check import ModelParts, check_model
from core.pretrained.loading.model_folder import ModelFolder, inspect_folder
from core.pretrained.loading.model_parts import load_parts, longest_answer, whole_config
from core.pretrained.loading.speed_trial import ComputeChoice, best_threads, seconds_a_token

log = logging.getLogger(__name__)
PRECISIONS = ("auto", "float32", "bfloat16")


@dataclass(frozen=True)
class CheckedModel:
    """A model that answers, and how."""

    folder: ModelFolder
    parts: ModelParts
    choice: ComputeChoice
    longest_answer: int
    notes: tuple[str, ...] = ()
    """What the user should know: why it isn't on the GPU, for instance."""


def load_pretrained(
    path: Path, *, device: str = "auto", precision: str = "auto", threads: int | None = None,
    remembered: ComputeChoice | None = None, revision: str | None = None, on_step: OnStep | None = None,
) -> CheckedModel:
    """Loads and checks the model in this folder, and finds out how it computes fastest.

    device: auto, cpu, cuda or mps; precision: auto, float32 or bfloat16; remembered: an earlier choice for this model on
    this computer, which saves the trial of what is `auto` or None; revision: the hub's commit that it must be, None takes
    any; on_step: takes a sentence at each step. Raises ConfigError for a setting that can't be had, PretrainedModelError for
    a model that can't be used.
    """
    require(precision in PRECISIONS, f"precision must be one of {', '.join(PRECISIONS)}, got {precision!r}")
    folder = inspect_folder(path)
    transformers()
    folder = replace(folder, config=whole_config(folder))
    if revision is not None and folder.revision != revision:
        raise PretrainedModelError(f"{folder.path} holds another revision of the model than the one that is asked for.")
    chosen = choose_device(device)
    say = on_step or log.info
    if remembered is not None and not _fits(folder, remembered.precision):  # there was more memory when it was measured
        remembered = None
    if chosen.type == "cpu" and remembered is not None and remembered.device == "cpu":
        precision = remembered.precision if precision == "auto" else precision
        threads = remembered.threads if threads is None else threads
    candidates = [precision] if precision != "auto" else _candidates(folder, chosen)
    check_memory(folder, precision=candidates[0])
    set_threads(threads)
    say(f"Loading {folder.name}.")
    notes: tuple[str, ...] = ()
    known = remembered if remembered is not None and remembered.device == "cpu" and chosen.type == "cpu" else None
    if chosen.type == "cpu" and known is None and (len(candidates) > 1 or threads is None):
        parts, choice = _tried(folder, candidates, threads, say)
    else:
        parts = load_parts(folder, candidates[0])
        read, seconds = _timed_check(parts)
        choice = ComputeChoice("cpu", candidates[0], torch.get_num_threads(), seconds_to_read=seconds)
        if known is not None:
            choice = replace(
                choice, seconds_a_token=known.seconds_a_token, seconds_to_read=known.seconds_to_read or seconds
            )
        if chosen.type != "cpu":
            parts, notes = _on_device(folder, parts, read, chosen, candidates[0])
            choice = replace(choice, device=parts.loaded.device.type, seconds_to_read=None)
    set_threads(choice.threads)
    return CheckedModel(folder, parts, choice, longest_answer(parts.loaded.model.config), notes)


def _candidates(folder: ModelFolder, device: torch.device) -> list[str]:
    """Precisions worth trying, the one that the weights are stored in first."""
    stored = "float32" if folder.stored_dtype in ("F32", "F64") else "bfloat16"
    if device.type == "mps":
        return [stored]
    if not multiplies_bfloat16(device):
        return ["float32"]
    if device.type == "cuda":
        return ["bfloat16"]
    candidates = [stored, "float32" if stored == "bfloat16" else "bfloat16"]
    fitting = [precision for precision in candidates if _fits(folder, precision)]
    return fitting or ["bfloat16"]


def _fits(folder: ModelFolder, precision: str) -> bool:
    try:
        check_memory(folder, precision=precision)
    except PretrainedModelError:
        return False
    return True


def _tried(
    folder: ModelFolder, candidates: list[str], threads: int | None, say: OnStep
) -> tuple[ModelParts, ComputeChoice]:
    """The model in the fastest precision, and the choice that led to it. There is one copy of it in memory at a time."""
    found: list[tuple[float, int, str, float]] = []
    parts: ModelParts | None = None
    for precision in candidates:
        if parts is not None:
            _give_back(parts)
        parts = load_parts(folder, precision)
        say(f"Trying how {folder.name} answers fastest on this computer.")
        read, to_read = _timed_check(parts)
        if threads is None:
            best, seconds = best_threads(parts.loaded, read)
        else:
            best, seconds = threads, seconds_a_token(parts.loaded, read)
        del read
        found.append((seconds, best, precision, to_read))
    seconds, best, precision, to_read = min(found)
    assert parts is not None, "there is a candidate"
    if precision != candidates[-1]:
        _give_back(parts)
        parts = load_parts(folder, precision)
    return parts, ComputeChoice("cpu", precision, best, seconds, to_read)


def _give_back(parts: ModelParts) -> None:
    """Free the weights now. Python's garbage collection would too, but it would destroy widgets in this thread, not theirs."""
    parts.loaded.model.to("meta")


def _timed_check(parts: ModelParts) -> tuple[ReadPrompt, float]:
    """What check_model gives, and the seconds that it took: to read a photo with a short question, and a token."""
    started = time.perf_counter()
    read = check_model(parts)
    return read, time.perf_counter() - started


def _on_device(
    folder: ModelFolder, parts: ModelParts, read: ReadPrompt, device: torch.device, precision: str
) -> tuple[ModelParts, tuple[str, ...]]:
    """The model on a GPU where that gives the CPU's answers, else on the CPU with the reason."""
    try:
        moved = replace(parts, loaded=replace(parts.loaded, model=parts.loaded.model.to(device), device=device))
        trial = check_model(moved)
        if agree(read.logits, trial.logits.cpu()):
            return moved, ()
        reason = "it gives other answers there than on the CPU"
    except (RuntimeError, NotImplementedError, SpinVlmError) as error:
        reason = str(error).strip().splitlines()[0].rstrip(".")
    note = f"{folder.name} answers on the CPU, because it can't be used on the GPU ({device.type}): {reason}."
    log.info(note)
    return load_parts(folder, precision), (note,)  # what was moved half-way can't be trusted to come back


def agree(reference: Tensor, other: Tensor) -> bool:
    """Whether two computations of the same logits [V] differ by rounding only."""
    spread = float(reference.std()) or 1.0
    close = float((reference - other).abs().max()) <= 0.5 * spread
    return close and int(other.argmax()) in reference.topk(min(5, len(reference))).indices.tolist()
