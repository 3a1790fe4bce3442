"""The program as a user meets it, with the starter model: a cold start, the first answer, the next one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image
from pytest_benchmark.fixture import BenchmarkFixture

from core.answers import Answer, AnswerRequest
from core.config import GenerationConfig
from core.session import ModelSession

QUESTION = "What is the person doing?"


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Noise with large structures, as a JPEG of a common size."""
    path = tmp_path_factory.mktemp("photos") / "photo.jpg"
    noise = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    Image.fromarray(noise).resize((800, 600)).save(path)
    return path


@pytest.fixture(scope="module")
def session() -> ModelSession:
    return ModelSession.load()


@pytest.mark.benchmark(group="program: `ask` from a cold start")
def test_ask_from_a_cold_start(benchmark: BenchmarkFixture, photo: Path) -> None:
    peaks: list[int] = []

    def ask() -> None:
        command = [sys.executable, "-m", "spinvlm_desktop", "ask", "--image", str(photo), "--prompt", QUESTION]
        with psutil.Popen(command, stdout=subprocess.DEVNULL) as process:
            peak = 0
            while process.poll() is None:
                try:
                    peak = max(peak, process.memory_info().rss)
                    process.wait(timeout=0.02)
                except (psutil.NoSuchProcess, psutil.TimeoutExpired):
                    continue
        assert process.returncode == 0
        peaks.append(peak)

    benchmark.pedantic(ask, rounds=3)
    benchmark.extra_info["peak resident MB"] = max(peaks) / 2**20


@pytest.mark.benchmark(group="program: an answer once the model is loaded")
@pytest.mark.parametrize("seen", [False, True], ids=["new photo", "same photo again"])
def test_an_answer(benchmark: BenchmarkFixture, session: ModelSession, photo: Path, seen: bool) -> None:
    """Of 12 tokens at most; a photo that was asked about before isn't encoded again."""
    content, asked = photo.read_bytes(), 0

    def answer() -> Answer:
        nonlocal asked
        asked += 1
        # Bytes after a JPEG's end change its hash and nothing else.
        image = content if seen else content + asked.to_bytes(4, "big")
        generation = GenerationConfig(max_tokens=12)
        return session.answer(AnswerRequest(image, "Describe the image in detail.", generation=generation))

    benchmark.extra_info["tokens"] = len(benchmark(answer).tokens)
