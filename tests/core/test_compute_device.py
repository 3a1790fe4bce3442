from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from core.compute_device import set_threads


@pytest.fixture(autouse=True)
def threads_stay() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_torchs_own_number_of_threads_comes_back() -> None:
    set_threads(None)
    own = torch.get_num_threads()
    set_threads(own + 3)
    assert torch.get_num_threads() == own + 3
    set_threads(None)
    assert torch.get_num_threads() == own
