"""The gate of a single query takes a shorter way than that of many: both must keep the same heads, ties included."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from core.model.head_suppression import head_gate

# Few different values, so that ties abound; both zeros, because they are equal and their bits aren't.
SCORES = st.lists(st.sampled_from([-1.5, -0.0, 0.0, 0.1, 0.25, 1.0]) | st.floats(-1e3, 1e3, width=32), min_size=1, max_size=16)


@given(scores=SCORES, alpha=st.sampled_from([0.0, 0.08, 1.0]), data=st.data())
def test_a_query_alone_keeps_the_heads_that_it_keeps_among_others(
    scores: list[float], alpha: float, data: st.DataObject
) -> None:
    keep = data.draw(st.integers(1, len(scores)))
    row = torch.tensor(scores)
    alone = head_gate(row.view(1, 1, 1, -1), keep=keep, alpha=alpha)
    among_others = head_gate(torch.stack([row, row.flip(0)]).view(1, 2, 1, -1), keep=keep, alpha=alpha)
    assert alone.dtype == among_others.dtype == torch.float32
    assert alone.shape == (1, 1, 1, len(scores))
    assert torch.equal(alone[0, 0], among_others[0, 0])


def test_a_gate_made_while_answering_can_be_used_while_training() -> None:
    scores = torch.rand(1, 1, 1, 8)
    with torch.inference_mode():
        head_gate(scores, keep=3, alpha=0.5)
    context = torch.ones(8, requires_grad=True)
    gate = head_gate(scores, keep=3, alpha=0.5)
    (context * gate).sum().backward()
    assert context.grad is not None
    assert torch.equal(context.grad, gate.flatten())
