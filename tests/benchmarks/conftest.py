"""The starter model, and a step of its training with random words."""

from __future__ import annotations

import pytest
import torch

from core.files.bundled_models import starter_model_path
from core.files.checkpoint import load_model
from core.model.vlm import VisionLanguageModel
from training.batches.dataset import IGNORED, Batch, PairGroup

PHOTOS, CAPTIONS = 16, 5
"""Photos of a training step and captions of each."""
TRIED_PHOTOS = 2
"""Where a step is only tried, as in every run of the tests."""


@pytest.fixture(scope="package")
def model() -> VisionLanguageModel:
    return load_model(starter_model_path()).model.eval().requires_grad_(False)


def caption_group(photos: int, captions: int) -> PairGroup:
    """Random questions of 14 tokens and answers of 6 to 16."""
    generator = torch.Generator().manual_seed(0)
    targets = torch.randint(5, 4096, (photos, captions, 16), generator=generator)
    lengths = torch.randint(6, 17, (photos, captions, 1), generator=generator)
    question = torch.randint(5, 4096, (photos, captions, 14), generator=generator)
    return PairGroup(
        question, torch.zeros_like(question, dtype=torch.bool), targets,
        targets.masked_fill(torch.arange(16) >= lengths, IGNORED),
    )


@pytest.fixture(scope="package")
def photo_grouped(request: pytest.FixtureRequest) -> Batch:
    """Each photo once, with all its captions."""
    photos = PHOTOS if request.config.getoption("benchmark_enable") else TRIED_PHOTOS
    return Batch(torch.arange(photos), (caption_group(photos, CAPTIONS),))


@pytest.fixture(scope="package")
def photo_a_caption(photo_grouped: Batch) -> Batch:
    """The same captions, each with a photo of its own."""
    (group,) = photo_grouped.groups
    parts = (group.question, group.question_padding, group.inputs, group.targets)
    return Batch(photo_grouped.photos.repeat_interleave(CAPTIONS), (PairGroup(*(t.flatten(0, 1).unsqueeze(1) for t in parts)),))
