"""A service in a process of its own, and how to ask it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
BUNDLES = ROOT / "tests" / "deploy" / "bundles"
PATIENCE = 20.0  # seconds that a start or an end may take on a busy machine
Answer = tuple[int, dict[str, str], bytes]


class Service:
    """`python -m deploy.server` on a free port, or another program that serves; its log is a file."""

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        files: int | None = None,
        program: Sequence[str] = ("-m", "deploy.server"),
        **environment: str,
    ) -> None:
        """files: what `ulimit -n` says."""
        self.log_file = folder / f"log-{time.monotonic_ns()}"
        command = [sys.executable, "-W", "error", *program, "--port", "0", *arguments]
        if files is not None:
            command = ["sh", "-c", f'ulimit -n {files}; exec "$0" "$@"', *command]
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stderr=log, stdout=log, env={**os.environ, **environment}
            )
        try:
            self.port = int(self.wait_for("serving")["port"])
        except BaseException:
            self.kill()
            raise

    def log(self) -> list[dict[str, Any]]:
        """Its lines so far."""
        lines = self.log_file.read_bytes().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith(b"\n")]

    def wait_for(self, event: str) -> dict[str, Any]:
        """The first line of that event."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for line in self.log():
                if line["event"] == event:
                    return line
            assert event == "stopped" or self.process.poll() is None, self.log_file.read_text()
            time.sleep(0.01)
        raise AssertionError(f"no {event!r} in {self.log_file.read_text()}")

    def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Status, headers by lower-case name, body. body: bytes, or what is sent as JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        try:
            connection.request(method, path, data, dict(headers or {}))
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, found, answer.read()
        finally:
            connection.close()

    def get(self, path: str) -> Any:
        """The JSON of a 200."""
        status, _, body = self.ask("GET", path)
        assert status == 200, body
        return json.loads(body)

    def forecast(self, content: Any) -> Any:
        """The JSON of a forecast."""
        status, _, body = self.ask("POST", "/forecast", content)
        assert status == 200, body
        return json.loads(body)

    def refusal(self, content: Any, path: str = "/forecast") -> tuple[int, str]:
        """Status and text of an error."""
        status, _, body = self.ask("POST", path, content)
        return status, json.loads(body)["error"]

    def connect(self) -> socket.socket:
        """A bare connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def send(self, data: bytes) -> bytes:
        """All that comes back for some bytes until the service ends the connection."""
        with self.connect() as connection:
            connection.sendall(data)
            return read_all(connection)

    def terminate(self) -> int:
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        """Whatever it does."""
        self.process.kill()
        self.process.wait(PATIENCE)


def read_all(connection: socket.socket) -> bytes:
    """Until the other side ends."""
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)
