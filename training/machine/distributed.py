"""One process or many: the same code path. Among several, gradients are averaged by DistributedDataParallel."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta

import torch
from torch import distributed

from core.compute_device import choose_device


@dataclass(frozen=True)
class ProcessGroup:
    """This process among those that train together."""

    rank: int
    world: int
    device: torch.device
    neighbours: int = 1
    """Of these processes, those on this computer, this one included."""

    @property
    def leads(self) -> bool:
        """Whether this process writes the run's files and events."""
        return self.rank == 0

    def sum(self, values: torch.Tensor) -> torch.Tensor:
        """The sum of a tensor over all processes."""
        if self.world > 1:
            values = values.to(self.device)
            distributed.all_reduce(values)
        return values.cpu()

    def any(self, flag: bool) -> bool:
        """Whether the flag is set in any process."""
        return bool(self.sum(torch.tensor(float(flag))) > 0) if self.world > 1 else flag

    def wait(self) -> None:
        """Until all processes are here."""
        if self.world > 1:
            distributed.barrier()


PATIENCE = timedelta(days=7)
"""The others wait while the leader prepares the photos, which may take hours; where it dies they hear of it at once."""


def leads() -> bool:
    """Whether this process is alone, or the first of those that were started together."""
    return os.environ.get("RANK", "0") == "0"


def join_processes(device_name: str) -> ProcessGroup:
    """Join the processes that were started together, by torchrun or by companions.py: NCCL between GPUs, gloo between CPUs."""
    device = choose_device(device_name)
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world > 1 and not distributed.is_initialized():
        distributed.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=PATIENCE)
    neighbours = int(os.environ.get("LOCAL_WORLD_SIZE", world))
    return ProcessGroup(rank=int(os.environ.get("RANK", "0")), world=world, device=device, neighbours=neighbours)


def leave_processes(group: ProcessGroup) -> None:
    """Leave the group that join_processes joined."""
    if group.world > 1 and distributed.is_initialized():
        distributed.destroy_process_group()


def trains_in_bfloat16(precision: str, device: torch.device) -> bool:
    """Whether matrix products are done in bfloat16; `auto` asks whether the hardware multiplies it faster."""
    if precision != "auto":
        return precision == "bfloat16"
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    return device.type == "cpu" and (
        torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()  # pyright: ignore[reportPrivateUsage]
    )


def another_process_ended(error: Exception) -> bool:
    """Whether an exchange failed because another process is gone. Gloo and NCCL have no error class that says so alone."""
    return isinstance(error, RuntimeError) and any(text in str(error) for text in ("gloo/transport", "Connection closed by peer"))
