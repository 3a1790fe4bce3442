"""Muon: momentum whose every matrix is made orthogonal before it is applied (Jordan et al. 2024)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, cast

import torch
from torch import Tensor, nn

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
"""Coefficients of the quintic iteration that pulls all singular values towards 1."""
ITERATIONS = 5
RMS = 0.2
"""Of an update's numbers, relative to the rate: about AdamW's, so that one rate serves both (Liu et al. 2025)."""


def orthogonalised(matrices: Tensor) -> Tensor:
    """The nearest matrices with orthonormal rows or columns, about. matrices: [N, r, c]."""
    a, b, c = NEWTON_SCHULZ
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.bfloat16() if matrices.is_cuda else matrices.float()  # processors that only imitate it are very slow
    x = x.mT if tall else x
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(ITERATIONS):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.mT if tall else x).float()


class Muon(torch.optim.Optimizer):
    """For weights of linear layers, [out, in]."""

    def __init__(self, parameters: Iterable[nn.Parameter], *, lr: float, momentum: float = 0.95, weight_decay: float = 0.05,
                 fused: Mapping[int, int] | None = None) -> None:
        """fused: of how many matrices a parameter consists, by its number, where it is a query-key-value or key-value weight;
        each of them is made orthogonal by itself."""
        super().__init__(list(parameters), {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})
        self._fused = dict(fused or {})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """One update; matrices of one shape are made orthogonal together."""
        for group in self.param_groups:
            by_shape: defaultdict[tuple[int, ...], list[tuple[nn.Parameter, Tensor]]] = defaultdict(list)
            for number, parameter in enumerate(cast(list[nn.Parameter], group["params"])):
                if parameter.grad is None:
                    continue
                state = self.state[parameter]
                average = state.setdefault("momentum", torch.zeros_like(parameter))
                average.lerp_(parameter.grad, 1 - group["momentum"])
                ahead = parameter.grad.lerp(average, group["momentum"])  # Nesterov's look ahead
                parts = ahead.unflatten(0, (self._fused.get(number, 1), -1))
                by_shape[tuple(parts.shape)].append((parameter, parts))
            for shape, items in by_shape.items():
                updates = orthogonalised(torch.cat([parts for _, parts in items])).split(shape[0])
                scale = group["lr"] * RMS * max(shape[1:]) ** 0.5
                for (parameter, _), update in zip(items, updates, strict=True):
                    parameter.mul_(1 - group["lr"] * group["weight_decay"])
                    parameter.add_(update.reshape(parameter.shape), alpha=-scale)


class OptimizerPair:
    """Two optimizers, each with its own parameters, that are used like one."""

    def __init__(self, first: torch.optim.Optimizer, second: torch.optim.Optimizer) -> None:
        self._both = (first, second)

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """The first's groups, then the second's."""
        return [group for optimizer in self._both for group in optimizer.param_groups]

    def step(self) -> None:
        """One update of all parameters."""
        for optimizer in self._both:
            optimizer.step()

    def zero_grad(self, *, set_to_none: bool = True) -> None:
        """Forget the gradients."""
        for optimizer in self._both:
            optimizer.zero_grad(set_to_none=set_to_none)

    def state_dict(self) -> dict[str, Any]:
        """Both states."""
        return {"pair": [optimizer.state_dict() for optimizer in self._both]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what state_dict gave."""
        for optimizer, part in zip(self._both, state["pair"], strict=True):
            optimizer.load_state_dict(part)
