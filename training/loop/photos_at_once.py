"""Computes batches in parts that fit into memory."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from core.errors import TrainingError
from training.batches.dataset import Batch
from training.loop.training_state import Position
from training.machine.allocator import return_freed_memory
from training.machine.distributed import ProcessGroup
from training.machine.memory import memory_ran_out


def compute_in_parts(
    batches: Sequence[Batch], compute: Callable[[list[Batch]], Tensor], position: Position, *, group: ProcessGroup,
    notice: Callable[[str], None],
) -> Tensor:
    """What `compute` makes of all batches; where memory runs out, again with half as many photos at a time, from then on.

    Raises TrainingError where a single photo doesn't fit, or several processes would have to agree.
    """
    while True:
        parts = [part for batch in batches for part in batch.parts(position.photos_at_once)]
        try:
            return compute(parts)
        except (MemoryError, RuntimeError) as error:
            if not memory_ran_out(error):
                raise
        # Here the error is gone, and with it the frames that held on to what was computed.
        photos = max(len(part.photos) for part in parts)
        if photos == 1 or group.world > 1:
            raise TrainingError(
                f"Memory ran out with {photos} {'photo' if photos == 1 else 'photos'} at a time; the last checkpoint is "
                "intact. Choose a smaller model or smaller batches, or close other programs."
            )
        position.photos_at_once = (photos + 1) // 2
        gc.collect()
        return_freed_memory()
        if group.device.type == "cuda":
            torch.cuda.empty_cache()
        notice(f"Memory ran out: from here on {position.photos_at_once} photos are computed at a time instead of {photos}.")
