"""Requests over loopback from raw sockets, so that a service, and not its client, is what is measured."""

from __future__ import annotations

import select
import socket
import time
from collections import deque
from dataclasses import dataclass, field
from statistics import median

import numpy as np

RECEIVE = 1 << 18
PATIENCE = 15.0  # seconds after the last request until one without an answer counts as that


@dataclass
class Answers:
    """What came of some requests."""

    seconds: float  # that the requests went on
    # (status, milliseconds from when the request was due to the end of its answer)
    answers: list[tuple[int, float]] = field(default_factory=list)
    unanswered: int = 0  # ended without an answer, or never did

    def of(self, status: int) -> list[float]:
        """Milliseconds of the answers of a status, ascending."""
        return sorted(took for found, took in self.answers if found == status)

    def row(self) -> dict[str, float]:
        """Rate, median and 99th percentile of what was answered well."""
        took = self.of(200)
        return {
            "per_s": round(len(took) / self.seconds),
            "p50_ms": round(median(took), 3),
            "p99_ms": round(percentile(took, 0.99), 3),
        }


def percentile(ascending: list[float], share: float) -> float:
    """The value below which lies that share."""
    return ascending[min(len(ascending) - 1, int(share * len(ascending)))]


class Connection:
    """One at a time: a request out, its answer in."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.due = 0.0
        self._head, self._missing, self._status = b"", -1, 0

    def ask(self, request: bytes, due: float) -> None:
        """Send a request that was due then."""
        self.due, self._head, self._missing = due, b"", -1
        self.socket.sendall(request)

    def read(self) -> int | None:
        """The status once the answer is there; None before. Raises ConnectionError if it ends."""
        part = self.socket.recv(RECEIVE)
        if not part:
            raise ConnectionResetError
        if self._missing >= 0:
            self._missing -= len(part)
        else:
            self._head += part
            head, end, body = self._head.partition(b"\r\n\r\n")
            if not end:
                return None
            self._status = int(head[9:12])
            length = head.lower().split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0]
            self._missing = int(length) - len(body)
        return self._status if self._missing <= 0 else None


class Pool:
    """Connections, and those that have nothing to do."""

    def __init__(self, port: int, size: int) -> None:
        self._port = port
        self._poll = select.epoll()
        self._open: dict[int, Connection] = {}
        self.idle: deque[Connection] = deque()
        for _ in range(size):
            self.add()

    def add(self) -> None:
        """One more."""
        connection = Connection(self._port)
        self._open[connection.socket.fileno()] = connection
        self._poll.register(connection.socket, select.EPOLLIN)
        self.idle.append(connection)

    def wait(self, seconds: float) -> list[Connection]:
        """Those with something to read."""
        return [self._open[number] for number, _ in self._poll.poll(max(0.0, seconds))]

    def replace(self, connection: Connection) -> None:
        """One that has ended."""
        del self._open[connection.socket.fileno()]
        self._poll.unregister(connection.socket)
        connection.socket.close()
        self.add()

    def close(self) -> None:
        """All of them."""
        for connection in self._open.values():
            connection.socket.close()
        self._poll.close()


def ask_in_turn(port: int, request: bytes, connections: int, seconds: float) -> Answers:
    """Every connection asks again as soon as it is answered."""
    pool, found = Pool(port, connections), Answers(seconds)
    end = time.perf_counter() + seconds
    while pool.idle:
        pool.idle.popleft().ask(request, time.perf_counter())
    busy = connections
    while busy:
        for connection in pool.wait(PATIENCE):
            status = connection.read()
            if status is None:
                continue
            now = time.perf_counter()
            found.answers.append((status, 1e3 * (now - connection.due)))
            if now < end:
                connection.ask(request, now)
            else:
                busy -= 1
    pool.close()
    return found


def ask_at_rate(port: int, request: bytes, rate: float, seconds: float, connections: int) -> Answers:
    """So many requests a second, at random times, answered or not; one may wait for a connection to be free.

    Times count from when a request was due, so what waits here counts, too.
    """
    pool, found = Pool(port, connections), Answers(seconds)
    began = time.perf_counter()
    pauses = np.random.default_rng(0).exponential(1 / rate, int(rate * seconds))
    due = deque((began + pauses.cumsum()).tolist())
    busy, give_up = 0, began + seconds + PATIENCE
    while (due or busy) and time.perf_counter() < give_up:
        now = time.perf_counter()
        while due and due[0] <= now and pool.idle:
            pool.idle.popleft().ask(request, due.popleft())
            busy += 1
        pause = due[0] - now if due and pool.idle else 0.1
        for connection in pool.wait(pause):
            try:
                status = connection.read()
            except ConnectionError:
                if connection in pool.idle:  # ended while nothing was asked, as a service may
                    pool.idle.remove(connection)
                else:
                    found.unanswered += 1
                    busy -= 1
                pool.replace(connection)
                continue
            if status is not None:
                found.answers.append((status, 1e3 * (time.perf_counter() - connection.due)))
                busy -= 1
                pool.idle.append(connection)
    found.unanswered += busy + len(due)
    pool.close()
    return found
