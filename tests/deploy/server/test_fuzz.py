"""Thousands of requests that nobody should send. make test-long sends more: FUZZES=100000."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections import Counter
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest
from fuzzing import Fuzzer
from running import BUNDLES, PATIENCE, ROOT, Service

from deploy import Predictor

pytestmark = pytest.mark.slow

FUZZES = int(os.environ.get("FUZZES", "2000"))
LONGEST_ERROR = 2048  # bytes of the body of a 4xx
ALLOWED_5XX = {503, 504}
TELLING = (
    b"Traceback",
    b"site-packages",
    b'.py"',
    b"/usr/",
    b"/root",
    str(ROOT).encode(),
    str(Path.home()).encode(),
)


@pytest.fixture
def target(tmp_path: Path) -> Any:
    """A service that gives up early on what does not come whole."""
    names = ("plain", "covariates", "joint")
    limits = ("--receive", "0.3", "--paths", "50")
    running = Service(tmp_path, *[f"{name}={BUNDLES / name}" for name in names], *limits, "--quiet")
    yield running
    running.kill()


def infers(predictors: dict[str, Predictor]) -> list[tuple[str, Any]]:
    """The golden case of each model, as JSON."""
    found = []
    for name, predictor in predictors.items():
        case = json.loads((BUNDLES / name / "golden.json").read_bytes())["cases"][0]["inputs"]
        declared = predictor.manifest.graphs["forecast.onnx"]["inputs"]
        inputs = [
            {
                "name": tensor,
                "datatype": {"float32": "FP32", "int64": "INT64"}[declared[tensor]["dtype"]],
                "shape": list(np.shape(values)),
                "data": values,
            }
            for tensor, values in case.items()
        ]
        found.append((f"/v2/models/{name}/infer", {"id": "1", "inputs": inputs, "parameters": {}}))
    return found


class Caller:
    """Sends bytes, and reads one answer; connects again when the service has hung up."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._socket: socket.socket | None = None

    def ask(self, method: str, request: bytes) -> tuple[int, bytes]:
        """Status and body."""
        if self._socket is None:
            self._socket = self._service.connect()
        self._socket.sendall(request)
        with self._socket.makefile("rb") as reader:
            status, body, closes = read_answer(reader, method)
        if closes:
            self.close()
        return status, body

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None


def read_answer(reader: BinaryIO, method: str) -> tuple[int, bytes, bool]:
    """Status, body, and whether the service hangs up now."""
    status, length, closes = 100, 0, False
    while status == 100:
        status = int(reader.readline(1000)[9:12])
        while (line := reader.readline(10_000).lower().strip()) != b"":
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
            closes |= line == b"connection: close"
    return status, b"" if method == "HEAD" else reader.read(length), closes


def check(status: int, body: bytes, request: bytes) -> None:
    assert status < 500 or status in ALLOWED_5XX, (status, body, request[:3000])
    assert not any(telling in body for telling in TELLING), (body, request[:3000])
    if 400 <= status < 500:
        assert len(body) <= LONGEST_ERROR, (status, body, request[:3000])


def test_no_request_breaks_anything(
    target: Service, predictors: dict[str, Predictor], examples: dict[str, Any]
) -> None:
    asked = [
        {"model": name, **body, "levels": [0.1, 0.5], "paths": 2, "seed": 1, "anomalies": 2}
        for name, body in examples.items()
    ]
    fuzzer, caller = Fuzzer(FUZZES, asked, infers(predictors)), Caller(target)
    statuses: Counter[int] = Counter()
    with contextlib.closing(caller):
        for _ in range(FUZZES):
            method, request = fuzzer.request()
            try:
                status, body = caller.ask(method, request)
            except (OSError, ValueError) as error:
                raise AssertionError(f"no answer to {request[:3000]!r}") from error
            check(status, body, request)
            statuses[status] += 1
    assert statuses[400] > FUZZES / 4
    assert statuses[200] > FUZZES / 50
    assert target.forecast(asked[0])
    assert target.process.poll() is None


def test_a_request_cut_off_anywhere_breaks_nothing(target: Service, examples: dict[str, Any]) -> None:
    body = json.dumps(examples["plain"]).encode()
    request = b"POST /forecast HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\n\r\n" % len(body) + body
    connections = []
    for place in np.linspace(0, len(request) - 1, 40).astype(int):
        connection = target.connect()
        connection.sendall(request[:place])
        connections.append(connection)
    for connection in connections:
        connection.settimeout(PATIENCE)
        assert connection.recv(65536).startswith(b"HTTP/1.1 408")
        connection.close()
    assert target.forecast(examples["plain"])


def test_a_head_with_any_byte_changed_breaks_nothing(target: Service, examples: dict[str, Any]) -> None:
    body = json.dumps(examples["plain"]).encode()
    head = (
        b"POST /forecast HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: %d\r\n\r\n"
        % len(body)
    )
    generator = np.random.default_rng(FUZZES)
    changed, connections = [], []
    for place in generator.integers(0, len(head), 200):
        data = bytearray(head + body)
        data[place] = generator.integers(0, 256)
        changed.append(bytes(data))
        connections.append(target.connect())
        connections[-1].sendall(changed[-1])
    for connection, data in zip(connections, changed, strict=True):
        with connection, connection.makefile("rb") as reader:
            status, answer, _ = read_answer(reader, "POST")
            check(status, answer, data)
    assert target.forecast(examples["plain"])
