"""Further processes of a training on a CPU. Beside other work, two processes of one thread each train faster than one of two
threads, which wait for each other in every operation; on a quiet computer they are a tenth slower (docs/speed.md). Their number
follows from the settings and the cores alone, never from how busy the computer is: it changes the rounding, so the model too.

The process that the user started leads: it alone writes the run's files and events. Its companions are started by it, know
it through the environment that torchrun sets too, and end with it, however it ends.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from core.compute_device import choose_device, own_threads
from training.run.needs import processes_worth_it
from training.run.training_config import TrainingConfig

SECONDS_TO_END = 10.0
LEADER = "SPINVLM_LEADER"
"""Environment: the process whose companion this is."""


def process_count(config: TrainingConfig) -> int:
    """How many processes train together with these settings on this computer, this one included."""
    if config.processes is None and choose_device(config.device).type != "cpu":
        return 1  # a GPU is fed by one process
    return processes_worth_it(config, cores=own_threads())


@contextmanager
def companions(count: int, run: Path) -> Iterator[None]:
    """Start `count` processes less this one, which train the run in this folder too; wait for their end, or end them.

    Starts none where torchrun already started this process as one of several.
    """
    if count < 2 or "RANK" in os.environ:
        yield
        return
    together = {
        "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(_free_port()), "WORLD_SIZE": str(count), "RANK": "0", "LOCAL_RANK": "0",
        "LOCAL_WORLD_SIZE": str(count), "GLOO_SOCKET_IFNAME": _loopback(),
    }
    before = {name: os.environ.get(name) for name in together}
    os.environ.update(together)
    started: list[subprocess.Popen[bytes]] = []
    try:
        for rank in range(1, count):
            place = {"RANK": str(rank), "LOCAL_RANK": str(rank), LEADER: str(os.getpid())}
            started.append(subprocess.Popen(
                [*_command(), "--out", str(run), "--resume"], env={**os.environ, **place}, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            ))
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        for process in started:
            _end(process)


def end_with_leader() -> None:
    """In a companion: end as soon as the leader is gone, also where it was killed before the two had found each other."""
    leader = os.environ.get(LEADER)
    if leader is not None:
        threading.Thread(target=_watch, args=(int(leader),), name="leader", daemon=True).start()


def _watch(leader: int) -> None:
    while os.getppid() == leader if sys.platform != "win32" else psutil.pid_exists(leader):
        time.sleep(1)
    os._exit(1)


def _command() -> list[str]:
    return [sys.executable, "train"] if getattr(sys, "frozen", False) else [sys.executable, "-m", "training"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _loopback() -> str:
    """The name of the interface over which processes of one computer talk, so that nothing listens on the network."""
    names = [name for name, addresses in psutil.net_if_addrs().items()
             if any(address.address == "127.0.0.1" for address in addresses)]
    return names[0] if names else "lo"


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(subprocess.TimeoutExpired):
        process.wait(SECONDS_TO_END)
        return
    process.kill()
    process.wait()
