"""One training step of stage 1, in the ways it could be done; a step is 16 photos with 5 captions each.

In bfloat16 where the hardware multiplies it faster, as training itself does: elsewhere it is up to ten times slower.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture
from torch import Tensor

from core.model.vlm import VisionLanguageModel
from training.batches.dataset import Batch
from training.loop.answer_loss import AnswerLoss
from training.machine.distributed import trains_in_bfloat16

FAST_BFLOAT16 = trains_in_bfloat16("auto", torch.device("cpu"))


@pytest.fixture(scope="module")
def trained(model: VisionLanguageModel) -> Iterator[VisionLanguageModel]:
    """The model with gradients for all but the encoder, as in stage 1."""
    for parameter in model.decoder_parameters():
        parameter.requires_grad_(True)
    yield model.train()
    model.eval().requires_grad_(False)


def train_step(model: VisionLanguageModel, images: Tensor, batch: Batch, *, bfloat16: bool, fused: bool = False) -> float:
    model.zero_grad(set_to_none=True)
    with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
        loss = AnswerLoss(model, label_smoothing=0.1, fused=fused)(images, batch)
    (loss / batch.tokens).backward()
    return loss.item()


def features_of(batch: Batch, model: VisionLanguageModel) -> Tensor:
    config = model.config
    return torch.randn(
        len(batch.photos), config.image_tokens, config.encoder_width, generator=torch.Generator().manual_seed(0)
    )


def pixels_of(batch: Batch, model: VisionLanguageModel) -> Tensor:
    return torch.randn(len(batch.photos), 3, model.config.image_size, model.config.image_size)


@pytest.mark.benchmark(group="step: precision and attention")
@pytest.mark.parametrize("fused", [False, True], ids=["explicit", "fused"])
@pytest.mark.parametrize(
    "bfloat16",
    [
        pytest.param(False, id="float32"),
        pytest.param(True, id="bfloat16", marks=pytest.mark.skipif(
            not FAST_BFLOAT16, reason="this processor doesn't multiply bfloat16 in hardware"
        )),
    ],
)
def test_precision(
    benchmark: BenchmarkFixture, trained: VisionLanguageModel, photo_grouped: Batch, bfloat16: bool, fused: bool
) -> None:
    images = features_of(photo_grouped, trained)
    assert benchmark(train_step, trained, images, photo_grouped, bfloat16=bfloat16, fused=fused) > 0


@pytest.mark.benchmark(group="step: each photo once, or once a caption")
@pytest.mark.parametrize("grouped", [True, False], ids=["photo once", "photo a caption"])
def test_photo_grouping(
    benchmark: BenchmarkFixture, trained: VisionLanguageModel, photo_grouped: Batch, photo_a_caption: Batch, grouped: bool
) -> None:
    batch = photo_grouped if grouped else photo_a_caption
    assert benchmark(train_step, trained, features_of(batch, trained), batch, bfloat16=FAST_BFLOAT16) > 0


@pytest.mark.benchmark(group="step: cached features, or from pixels")
@pytest.mark.parametrize("cached", [True, False], ids=["cached features", "pixels"])
@pytest.mark.parametrize("grouped", [True, False], ids=["photo once", "photo a caption"])
def test_cached_features(
    benchmark: BenchmarkFixture, trained: VisionLanguageModel, photo_grouped: Batch, photo_a_caption: Batch, cached: bool,
    grouped: bool,
) -> None:
    """From pixels the frozen encoder runs in every step."""
    batch = photo_grouped if grouped else photo_a_caption
    images = features_of(batch, trained) if cached else pixels_of(batch, trained)
    assert benchmark(train_step, trained, images, batch, bfloat16=FAST_BFLOAT16) > 0


CHILD = """
import sys, torch
from torch import nn
from training.machine.allocator import keep_freed_memory
if sys.argv[1] == "kept":
    keep_freed_memory()
layers = nn.Sequential(*[part for _ in range(4) for part in (nn.Linear(256, 1024), nn.GELU(), nn.Linear(1024, 256))])
rows = torch.randn(8192, 256)
for _ in sys.stdin:
    with torch.autocast("cpu", torch.bfloat16, enabled=sys.argv[2] == "bfloat16"):
        loss = layers(rows).float().square().mean()
    loss.backward()
    print(flush=True)
"""


@pytest.mark.benchmark(group="step: freed memory")
@pytest.mark.parametrize("freed", ["kept", "returned"])
def test_allocator(benchmark: BenchmarkFixture, freed: str) -> None:
    """In processes of their own, since an allocator can't be set back."""
    command = [sys.executable, "-c", CHILD, freed, "bfloat16" if FAST_BFLOAT16 else "float32"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        asks, answers = child.stdin, child.stdout
        assert asks is not None
        assert answers is not None

        def step() -> str:
            asks.write("\n")
            asks.flush()
            return answers.readline()

        step()  # the first also imports torch
        assert benchmark(step) == "\n"
        asks.close()
