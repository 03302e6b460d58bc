"""Requests that nobody should send: valid ones with something in them changed, as values, fields or bytes."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

import numpy as np

Json = Any
NASTY: list[Json] = [
    None, True, False, 0, -1, 1, 1.5, -0.0, 1e308, -1e308, 5e-324, 2**31, 2**53, 2**63, 2**64, -(2**63),
    10**30,
    "", "a", "NaN", "1", "2024-01-01", "9999-12-31", "0001-01-01", "2024-02-30", "\0", "é" * 300, "x" * 5000,
    "../../etc/passwd", "{{7*7}}", "<script>", [], {}, [[]], [None], [1], ["a"], [[1, 2], [3]], {"a": 1},
    {"": None}, [1] * 1000, [None] * 30, [0.0, -0.0],
]  # fmt: skip
NAMES = ["extra", "", "model", "levels", "parameters", "data"]
NUMBERS: dict[str, list[Any]] = {
    "FP32": [np.nan, np.inf, -np.inf, 3.4e38, -3.4e38, 1e-45, 0.0, -0.0],
    "INT64": [0, -1, 2**31, 2**63 - 1, -(2**63), 10**12],
}
# What is no JSON at all, and no strict reader takes.
TEXTS = [
    b"NaN",
    b"Infinity",
    b"-Infinity",
    b"1e999",
    b"-1e999",
    b"01",
    b"1.",
    b"'a'",
    b"\xff",
    b"[1,]",
    b"0x1",
]
DEEP = [b"[" * 3000 + b"]" * 3000, b'{"a":' * 2000 + b"1" + b"}" * 2000]
PATHS = [
    "/forecast", "/v2/models/plain/infer", "/v2/models/joint/versions/1/infer", "/v2/models/covariates/infer",
    "/v2/models/plain/versions/2/infer", "/v2/models/%00/infer", "/v2/models/..%2f..%2fetc/infer",
    "/v2/repository/index", "/v2/models/plain", "/models", "/metrics", "/openapi.json", "/v2", "/",
    "/v2/health/ready", "/%2e%2e/%2e%2e/etc/passwd", "/forecast?a=%ff", "/v2//models", "/forecast/",
]  # fmt: skip
METHODS = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "BREW"]
HEADERS = [
    b"inference-header-content-length: 10", b"inference-header-content-length: -1", b"host: b",
    b"inference-header-content-length: 99999999999999999999", b"inference-header-content-length: \xb2",
    b"content-type: text/plain", b"content-encoding: gzip", b"accept-encoding: gzip",
    b"x-request-id: \x80\xff", b"x-request-id: " + b"a" * 300, b"expect: 100-continue", b"upgrade: websocket",
    b"content-type: multipart/x",    b"content-encoding: br", b"range: bytes=0-1",
    b"transfer-encoding: identity", b"authorization: Bearer x",
]  # fmt: skip


class Fuzzer:
    """A source of requests, always the same for a seed."""

    def __init__(self, seed: int, forecasts: list[Json], infers: list[tuple[str, Json]]) -> None:
        """forecasts: valid bodies of /forecast; infers: paths, and valid bodies, of infer requests."""
        self._random = random.Random(seed)
        self._valid = [("/forecast", body) for body in forecasts] + infers

    def request(self) -> tuple[str, bytes]:
        """A method, and all bytes of a request."""
        chance = self._random
        path, valid = chance.choice(self._valid)
        method = "POST"
        if chance.random() < 0.1:
            path = chance.choice(PATHS)
        if chance.random() < 0.05:
            method = chance.choice(METHODS)
        headers = [b"host: localhost"]
        if "inputs" in valid and chance.random() < 0.3:
            size, body = self._binary(valid)
            headers.append(b"inference-header-content-length: %d" % size)
        else:
            body = self._body(valid)
        if chance.random() < 0.1:
            headers.append(chance.choice(HEADERS))
        headers.append(b"content-length: %d" % len(body))
        head = b"\r\n".join([f"{method} {path} HTTP/1.1".encode(), *headers])
        return method, head + b"\r\n\r\n" + body

    def _body(self, valid: Json) -> bytes:
        ways = [self._change_values, self._change_text, self._change_bytes, self._replace]
        return self._random.choices(ways, [10, 3, 2, 1])[0](valid)

    def _binary(self, valid: Json) -> tuple[int, bytes]:
        """With tensors behind the JSON: the length of the JSON, and all of it. Some of it is wrong."""
        chance, content = self._random, copy.deepcopy(valid)
        parts = []
        for tensor in content["inputs"]:
            kind = {"FP32": np.float32, "INT64": np.int64}[tensor["datatype"]]
            values = np.array(tensor.pop("data"), dtype=kind)
            if chance.random() < 0.2:
                values.flat[chance.randrange(values.size)] = chance.choice(NUMBERS[tensor["datatype"]])
            parts.append(values.tobytes())
            tensor["parameters"] = {"binary_data_size": len(parts[-1])}
        data = b"".join(parts)
        act = chance.random()
        if act < 0.4:
            self._change_one(content)
        elif act < 0.6:
            data = data[: chance.randrange(len(data))] + chance.randbytes(chance.randrange(9))
        head = json.dumps(content).encode()
        size = len(head) if act < 0.8 else chance.randrange(2 * len(head))
        return size, head + data

    def _change_values(self, valid: Json) -> bytes:
        """One to three values become others, or fields go, or come."""
        body = copy.deepcopy(valid)
        for _ in range(self._random.randint(1, 3)):
            self._change_one(body)
        return json.dumps(body).encode()

    def _change_one(self, value: Json) -> None:
        """Somewhere below an object or a list."""
        chance = self._random
        while True:
            keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
            if not keys:
                return
            key = chance.choice(keys)
            if not isinstance(value[key], dict | list) or not value[key] or chance.random() < 0.3:
                break
            value = value[key]
        act = chance.random()
        if act < 0.1:
            del value[key]
        elif act < 0.2 and isinstance(value, dict):
            value[chance.choice(NAMES)] = copy.deepcopy(chance.choice(NASTY))
        elif act < 0.3 and isinstance(value, list):
            value.extend(copy.deepcopy([value[key]] * chance.randint(1, 50)))
        else:
            value[key] = copy.deepcopy(chance.choice(NASTY))

    def _change_text(self, valid: Json) -> bytes:
        """A number becomes what JSON does not have."""
        text = json.dumps(valid).encode()
        places = [place for place, letter in enumerate(text) if 48 <= letter < 58]
        place = self._random.choice(places)
        return text[:place] + self._random.choice(TEXTS) + text[place + 1 :]

    def _change_bytes(self, valid: Json) -> bytes:
        """Bytes become others, or are cut off."""
        data = bytearray(json.dumps(valid).encode())
        if self._random.random() < 0.3:
            return bytes(data[: self._random.randrange(len(data))])
        for _ in range(self._random.randint(1, 4)):
            data[self._random.randrange(len(data))] = self._random.randrange(256)
        return bytes(data)

    def _replace(self, _valid: Json) -> bytes:
        """Something else altogether."""
        act: Callable[[], bytes] = self._random.choice(
            [
                lambda: json.dumps(self._random.choice(NASTY)).encode(),
                lambda: self._random.choice(DEEP),
                lambda: self._random.randbytes(self._random.randrange(2000)),
            ]
        )
        return act()
