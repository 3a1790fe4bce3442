"""How a model computes fastest on this computer: in which precision and with how many threads, found out by trying."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psutil
import torch

from core.config import SettingsRecord
from core.pretrained.decoding.decoding_run import DecodingRun, LoadedModel, ReadPrompt, Settings

STEPS = 2
Clock = Callable[[], float]


@dataclass(frozen=True)
class ComputeChoice(SettingsRecord):
    """What was found to be best for one model on one computer; whoever loads it again can say so and saves the trial."""

    device: str
    precision: str
    """float32, bfloat16 or float16."""
    threads: int
    seconds_a_token: float | None = None
    """As measured; None where nothing was tried."""
    seconds_to_read: float | None = None
    """That the trial photo with a short question took when the model was loaded."""


def machine_name() -> str:
    """What a remembered choice depends on: the processor and how much of it may be used."""
    capability: Any = torch.backends.cpu.get_cpu_capability()
    return f"{capability} {psutil.cpu_count(logical=False)} {usable_cores()} torch {torch.__version__}"


def usable_cores() -> int:
    """Physical cores that this process may use."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(allowed, psutil.cpu_count(logical=False) or allowed))


def thread_candidates() -> list[int]:
    """Numbers of threads worth trying, the likeliest first: more can be slower."""
    cores = usable_cores()
    return sorted({cores, max(1, cores // 2), 1}, reverse=True)


def seconds_a_token(loaded: LoadedModel, prompt: ReadPrompt, *, steps: int = STEPS, clock: Clock = time.perf_counter) -> float:
    """The quickest of some answer tokens."""
    run = DecodingRun(loaded, prompt, Settings(), again=True)
    token = prompt.ids[-1]
    run.next_logits()  # the first one finds cold caches
    best = float("inf")
    for _ in range(steps):
        run.append(token)
        started = clock()
        run.next_logits()
        if loaded.device.type == "cuda":
            torch.cuda.synchronize()
        best = min(best, clock() - started)
    return best


def best_threads(loaded: LoadedModel, prompt: ReadPrompt, *, candidates: list[int] | None = None) -> tuple[int, float]:
    """How many threads make a token fastest, and how many seconds it takes then."""
    found: list[tuple[float, int]] = []
    for threads in candidates or thread_candidates():
        with using_threads(threads):
            found.append((seconds_a_token(loaded, prompt), threads))
    seconds, threads = min(found)
    return threads, seconds


@contextmanager
def using_threads(threads: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
