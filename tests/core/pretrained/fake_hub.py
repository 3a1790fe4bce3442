"""A hub on this computer: real HTTP, with the faults that a test wants."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class FakeHub:
    """What the hub has, what it does wrong, and what it was asked."""

    files: dict[str, bytes]
    repository: str = "org/tiny"
    commit: str = COMMIT
    status: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Errors instead of an answer, by the end of a path: the HTTP status and the hub's own error code."""
    damaged: set[str] = field(default_factory=set)
    """Files that come with a wrong byte."""
    cuts: dict[str, list[int]] = field(default_factory=dict)
    """After how many bytes the connection breaks off, one number a request."""
    bytes_a_second: float | None = None
    log: list[tuple[str, str | None]] = field(default_factory=list)
    """Each request's path and Range."""
    endpoint: str = ""

    def asked_for(self, name: str) -> list[str | None]:
        """The Range of each request for a file."""
        return [asked for path, asked in self.log if path.endswith(f"/{name}")]

    def listing(self) -> dict[str, Any]:
        siblings: list[dict[str, Any]] = []
        for name, content in self.files.items():
            entry: dict[str, Any] = {"rfilename": name, "size": len(content)}
            if name.endswith((".safetensors", ".bin", ".onnx")):
                sha = hashlib.sha256(content).hexdigest()
                entry |= {"blobId": "f" * 40, "lfs": {"sha256": sha, "size": len(content), "pointerSize": 130}}
            else:
                blob = b"blob %d\0" % len(content) + content
                entry["blobId"] = hashlib.sha1(blob).hexdigest()
            siblings.append(entry)
        return {"_id": "1", "id": self.repository, "sha": self.commit, "siblings": siblings, "tags": [], "private": False,
                "downloads": 0, "likes": 0}


@contextmanager
def serve(hub: FakeHub) -> Iterator[FakeHub]:
    """The hub on a free port of the loopback device, as its `endpoint`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: Any) -> None:
            pass

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            asked = self.headers.get("Range")
            hub.log.append((path, asked))
            for ending, (status, code) in hub.status.items():
                if path.endswith(ending):
                    self._send(status, b"{}", {"X-Error-Code": code} if code else {})
                    return
            if path.startswith(f"/api/models/{hub.repository}"):
                revision = path.partition("/revision/")[2]
                if revision not in ("", "main", hub.commit):
                    self._send(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
                else:
                    self._send(200, json.dumps(hub.listing()).encode(), {"Content-Type": "application/json"})
                return
            start = f"/{hub.repository}/resolve/{hub.commit}/"
            name = path.removeprefix(start)
            if not path.startswith(start) or name not in hub.files:
                self._send(404, b"{}", {"X-Error-Code": "RepoNotFound" if "/api/" in path else "EntryNotFound"})
                return
            self._file(name, asked)

        def _file(self, name: str, asked: str | None) -> None:
            content = hub.files[name]
            if name in hub.damaged:
                content = content[:-1] + bytes([content[-1] ^ 1])
            offset = int(asked.removeprefix("bytes=").partition("-")[0]) if asked else 0
            rest = content[offset:]
            self.send_response(206 if asked else 200)
            self.send_header("Content-Length", str(len(rest)))
            if asked:
                self.send_header("Content-Range", f"bytes {offset}-{len(content) - 1}/{len(content)}")
            self.end_headers()
            cut = hub.cuts[name].pop(0) if hub.cuts.get(name) else None
            sent = 0
            while sent < len(rest):
                if cut is not None and sent >= cut:
                    self.close_connection = True
                    return
                piece = rest[sent : sent + 16_384]
                try:
                    self.wfile.write(piece)
                except OSError:
                    return
                sent += len(piece)
                if hub.bytes_a_second is not None:
                    time.sleep(len(piece) / hub.bytes_a_second)

        def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for header, value in headers.items():
                self.send_header(header, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    hub.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
