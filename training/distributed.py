"""One process or many: the same code path. With torchrun, gradients are averaged by DistributedDataParallel."""

from __future__ import annotations

import os
from dataclasses import dataclass

import torch
from torch import distributed

from core.errors import ConfigError


@dataclass(frozen=True)
class ProcessGroup:
    """This process among those that train together."""

    rank: int
    world: int
    device: torch.device

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


def choose_device(name: str) -> torch.device:
    """`auto`, `cpu`, `cuda`, `cuda:1`, `mps` -> a device that is there. Raises ConfigError otherwise."""
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ConfigError(f"{name!r} is no device; use auto, cpu, cuda or mps.") from error
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not there.get(device.type, False):
        raise ConfigError(f"This machine has no {device.type} device; use --device cpu.")
    return device


def join_processes(device_name: str) -> ProcessGroup:
    """Join the group that torchrun started, if it did: NCCL between GPUs, gloo between CPUs."""
    device = choose_device(device_name)
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world > 1 and not distributed.is_initialized():
        distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    return ProcessGroup(rank=int(os.environ.get("RANK", "0")), world=world, device=device)


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
    return device.type == "cpu" and bool(torch.cpu._is_amx_tile_supported())  # pyright: ignore[reportPrivateUsage]
