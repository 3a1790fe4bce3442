"""What an intervention costs: the time of an answer token, measured beside that of the others."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import torch

from core.config import GREEDY
from core.decoding.generation import AnswerSettings, prepare_memory, stream_tokens
from core.decoding.token_choice import AnswerAlphabet
from core.files.checkpoint import ModelFile
from core.model.attention import MemoryKeysValues
from core.model.head_settings import HeadSettings
from core.model.interventions import Intervention
from core.text.prompt import encode_prompt
from training.batches.image_store import Progress
from training.evaluation.sweep.dev_set import DevSet
from training.questions.vqa_pairs import CAPTION_QUESTION

PHOTOS, ROUNDS = 6, 8
Memory = Sequence[MemoryKeysValues]


def ms_per_token(
    file: ModelFile, dev: DevSet, settings: Mapping[str, Intervention | None], *, progress: Progress
) -> dict[str, float]:
    """Milliseconds per token of a caption, decoded greedily and photo by photo on one CPU thread, without records.

    Encoding and the memory's keys and values aren't counted (a contrast needs both twice). The settings take turns. The
    first one's time is the least of several rounds; that of the others follows from the median of their ratios to the first
    in the same turn, since whatever else the machine does slows both.
    """
    memories = [_memories(file, dev, index) for index in range(min(PHOTOS, len(dev.images)))]
    turns: list[list[float]] = []
    with _one_thread():
        for number in range(ROUNDS):
            for memory in memories:
                turns.append([_timed_caption(file, memory, intervention) for intervention in settings.values()])
            progress(number + 1, ROUNDS)
    times = np.array(turns)  # [rounds * photos, settings]
    first = times[:, 0].reshape(ROUNDS, -1).min(axis=0).mean()
    ratios = np.median(times / times[:, :1], axis=0)
    return {name: float(first * ratio) for name, ratio in zip(settings, ratios, strict=True)}


def _timed_caption(
    file: ModelFile, memory: tuple[Memory, Memory | None], intervention: Intervention | None
) -> float:
    """Milliseconds per token, the end token counted."""
    seen, distorted = memory
    settings = AnswerSettings(AnswerAlphabet.of(file.tokenizer), GREEDY, HeadSettings(intervention))
    stream = stream_tokens(file.model, seen, settings, distorted=distorted)
    started = time.perf_counter()
    count = sum(1 for _ in stream)
    return 1000 * (time.perf_counter() - started) / count


def _memories(file: ModelFile, dev: DevSet, index: int) -> tuple[Memory, Memory | None]:
    """Of one photo, and of its distortion."""
    question = encode_prompt(file.tokenizer, CAPTION_QUESTION, max_tokens=file.config.max_question_tokens)
    device = file.model.device

    def prepared(features: torch.Tensor) -> Memory:
        row = features[index : index + 1].to(device).float()
        return prepare_memory(file.model, row, [[question]], pad_id=file.tokenizer.pad_id)

    return prepared(dev.features), None if dev.distorted is None else prepared(dev.distorted)


@contextmanager
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
