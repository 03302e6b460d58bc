"""A tiny balancer: asks who is ready every 50 ms, sends requests to those, and tries none twice."""

from __future__ import annotations

import http.client
import itertools
import threading
import time
from types import TracebackType

INTERVAL = 0.05  # seconds between two checks
TIMEOUT = 10.0
ANSWERS_NOT = 0


class Balancer:
    """Keeps connections, as balancers do; a request that fails is a failure."""

    def __init__(self, ports: list[int]) -> None:
        self._ports, self._ready = list(ports), set(ports)
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._turn = itertools.count()
        self._local = threading.local()
        self._opened: list[http.client.HTTPConnection] = []
        self._checking = threading.Thread(target=self._check)

    def __enter__(self) -> Balancer:
        self._checking.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._checking.join()
        for connection in self._opened:
            connection.close()

    def add(self, port: int) -> None:
        """Another service; returns once it gets requests."""
        with self._lock:
            self._ports.append(port)
        end = time.monotonic() + TIMEOUT
        while port not in self._ready and time.monotonic() < end:
            time.sleep(INTERVAL)

    def remove(self, port: int) -> None:
        """One that has ended."""
        with self._lock:
            self._ports.remove(port)
            self._ready.discard(port)

    def ask(self, method: str, path: str, body: bytes) -> int:
        """The status; ANSWERS_NOT if the connection failed."""
        with self._lock:
            ready = sorted(self._ready)
        port = ready[next(self._turn) % len(ready)]
        connection = self._connection_to(port)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            connection.close()
            return ANSWERS_NOT

    def _connection_to(self, port: int) -> http.client.HTTPConnection:
        """That of this thread; http.client opens it again after an answer that was its last."""
        kept: dict[str, http.client.HTTPConnection] = self._local.__dict__
        if str(port) not in kept:
            kept[str(port)] = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
            self._opened.append(kept[str(port)])
        return kept[str(port)]

    def _check(self) -> None:
        while not self._stop.wait(INTERVAL):
            with self._lock:
                ports = list(self._ports)
            for port in ports:
                is_ready = _is_ready(port)
                with self._lock:
                    (self._ready.add if is_ready and port in self._ports else self._ready.discard)(port)


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        connection.request("GET", "/v2/health/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
