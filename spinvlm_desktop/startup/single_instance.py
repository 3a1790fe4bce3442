"""One program per user: a second start hands its photos to the first and ends."""

from __future__ import annotations

import getpass
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

TIMEOUT = 500
"""Milliseconds to wait for the first program."""
LONGEST_MESSAGE = 1_000_000


class _Visit(QObject):
    """Reads what one later start has to say."""

    ended = Signal(bytes)

    def __init__(self, socket: QLocalSocket, parent: QObject) -> None:
        super().__init__(parent)
        self._socket, self._received = socket, bytearray()
        socket.setParent(self)

    def start(self) -> None:
        self._socket.readyRead.connect(self._on_ready)
        self._socket.disconnected.connect(self._on_disconnected)
        self._on_ready()
        if self._socket.state() == QLocalSocket.LocalSocketState.UnconnectedState:
            self._on_disconnected()

    def _on_ready(self) -> None:
        self._received.extend(self._socket.readAll().data())
        if len(self._received) > LONGEST_MESSAGE:
            self._received.clear()
            self._socket.abort()

    def _on_disconnected(self) -> None:
        self._on_ready()
        self._socket.disconnected.disconnect(self._on_disconnected)
        self.ended.emit(bytes(self._received))
        self.deleteLater()


class SingleInstance(QObject):
    """Listens for later starts that share `place`, a folder: programs with folders of their own don't meet."""

    photos_handed = Signal(object)
    """list[Path]; empty where only the window is wanted."""

    def __init__(self, place: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        digest = hashlib.sha256(f"{getpass.getuser()} {place}".encode()).hexdigest()[:16]
        self._name = f"spinvlm-{digest}"
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)

    def hand_over(self, photos: Sequence[Path]) -> bool:
        """Give the photos to a program that runs already. False where there is none: this is the first."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(TIMEOUT):
            return False
        socket.write(json.dumps([str(path.absolute()) for path in photos]).encode())
        socket.waitForBytesWritten(TIMEOUT)
        socket.disconnectFromServer()
        return True

    def listen(self) -> bool:
        """Be the first. A socket file that a crashed program left behind is replaced."""
        if self._server.listen(self._name):
            return True
        QLocalServer.removeServer(self._name)
        return self._server.listen(self._name)

    def close(self) -> None:
        self._server.close()

    def _on_connection(self) -> None:
        while self._server.hasPendingConnections():
            visit = _Visit(self._server.nextPendingConnection(), self)
            visit.ended.connect(self._on_message)
            visit.start()

    def _on_message(self, message: bytes) -> None:
        try:
            names = json.loads(message)
            photos = [Path(name) for name in names if isinstance(name, str)]
        except (ValueError, TypeError):
            return
        self.photos_handed.emit(photos)
