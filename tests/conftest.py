"""What holds in every test: no network, no window on a screen, no folder of the user's, the same chance."""

from __future__ import annotations

import os
import random
import socket
import sys
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import settings

# Before anything imports torch or Qt.
# Tests run side by side in several processes (run.py): a thread each, or they take each other's time. A worker inherits what
# the process that started it has set for itself.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ["OMP_NUM_THREADS"] = "1"
os.environ.setdefault("OMP_NUM_THREADS", "2")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["HF_HUB_OFFLINE"] = "1"

# A busy machine is slow; how long an example takes says nothing about the code.
settings.register_profile("spinvlm", deadline=None)
settings.load_profile("spinvlm")


class NetworkBlockedError(ConnectionRefusedError):
    """Raised where a test reaches for the network: to the code under test it looks like a machine that is offline."""


def _block_network(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto") and arguments[0].family in (socket.AF_INET, socket.AF_INET6):
        host = arguments[1][0]
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    if host not in ("localhost", "::1", "0.0.0.0", "::", socket.gethostname()) and not host.startswith("127."):
        raise NetworkBlockedError(f"tests use no network, but {event} asked for {host}")


def pytest_configure() -> None:
    # An audit hook and no patched method: it also sees threads, and libraries that kept a method of their own.
    sys.addaudithook(_block_network)


@pytest.fixture(scope="session", autouse=True)
def user_folders(tmp_path_factory: pytest.TempPathFactory) -> Generator[None]:
    """Settings, caches and histories go to a temporary folder, in child processes too."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        for name in ("DATA", "CONFIG", "CACHE", "STATE"):
            patch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
        for name in ("APPDATA", "LOCAL_APPDATA", "COMMON_APPDATA"):
            patch.setenv(f"WIN_PD_OVERRIDE_{name}", str(home / name.lower()))
        yield


@pytest.fixture(autouse=True)
def same_chance() -> None:
    """Whatever draws without a seed of its own draws the same in every order of the tests."""
    random.seed(0)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)
