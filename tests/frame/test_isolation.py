"""The guards of tests/conftest.py hold."""

from __future__ import annotations

import os
import random
import socket
from pathlib import Path

import platformdirs
import pytest
import torch


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("example.invalid", 443)])
def test_the_network_is_out_of_reach(address: tuple[str, int]) -> None:
    with pytest.raises(ConnectionRefusedError, match="tests use no network"):
        socket.create_connection(address, timeout=0.1)


def test_datagrams_stay_here_too() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as plain, pytest.raises(ConnectionRefusedError, match="no network"):
        plain.sendto(b"hello", ("192.0.2.1", 9))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_in_reach(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection((host, port), timeout=5) as client:
            assert client.getpeername() == ("127.0.0.1", port)


def test_the_users_folders_are_temporary(tmp_path_factory: pytest.TempPathFactory) -> None:
    temporary = tmp_path_factory.getbasetemp()
    folders = (platformdirs.user_data_path("x"), platformdirs.user_config_path("x"), platformdirs.user_cache_path("x"))
    assert all(folder.is_relative_to(temporary) for folder in (*folders, Path.home())), folders


def test_chance_repeats() -> None:
    assert random.random() == random.Random(0).random()
    assert torch.equal(torch.rand(3), torch.rand(3, generator=torch.Generator().manual_seed(0)))


def test_qt_needs_no_screen() -> None:
    assert os.environ["QT_QPA_PLATFORM"]
