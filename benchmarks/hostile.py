"""What polite callers and probes see while others do their worst, and what the service keeps to.

usage: python -m benchmarks.hostile [--json] [--seconds N] [--only PART ...] [-- OPTION OF THE SERVICE ...]

All at once: idle sockets up to the limit of connections, callers that read no answer, callers that ask for
the most sample paths, and bodies in chunks of one byte. Polite callers ask for a forecast of one series on
connections that they keep, and probes come on new ones. The hostile ones have a process of their own. Times
of polite callers count from when a request was due.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import select
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.http_load import Answers, ask_at_rate, percentile

POLITE, RATE = 8, 50.0  # connections; requests a second
CONNECTIONS = 1024  # of the service, by default
PROBES = ("/v2/health/live", "/v2/health/ready")
PAUSE = 0.1  # seconds between two probes
IDLE_PAUSE = 1.0  # seconds until idle sockets that were ended are opened again
CHUNKS = b"1\r\n1\r\n" * 10_000
LATE = 5.0  # seconds that a probe waits


def post(body: dict[str, Any]) -> bytes:
    """POST /forecast."""
    data = json.dumps(body).encode()
    return b"POST /forecast HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\n\r\n%b" % (len(data), data)


@dataclass(frozen=True)
class Load:
    """Bodies of POST /forecast."""

    polite: dict[str, Any]
    hog: dict[str, Any]  # the most sample paths
    large: dict[str, Any]  # its answer is large

    @classmethod
    def of(cls, values: list[float], horizon: int, draws: int = 500_000) -> Load:
        """For a model: values of a series, and the longest horizon."""
        one = {"series": [{"values": values}], "horizon": horizon}
        return cls(one, {**one, "paths": min(10_000, draws // horizon)}, {**one, "paths": 2000})


@dataclass(frozen=True)
class Figures:
    """What came of it."""

    seconds: float
    polite_calm_p50_ms: float
    polite_calm_p99_ms: float
    polite_p50_ms: float
    polite_p99_ms: float
    polite_answered: int
    polite_refused: int  # answered, but not with 200
    polite_unanswered: int
    probes: int
    probes_failed: int  # not answered with 200
    probe_p99_ms: float
    probe_max_ms: float
    memory_mib: float  # the most that was resident
    log_kib: float

    @property
    def ratio(self) -> float:
        """p99 of polite callers under the load, of that without."""
        return self.polite_p99_ms / self.polite_calm_p99_ms


def measure(
    port: int, process: int, log: Path, load: Load, seconds: float, parts: Sequence[str] = ()
) -> Figures:
    """Ask politely for a while, and then for so many seconds under hostile load; parts: of PARTS, or all."""
    request = post(load.polite)
    ask_at_rate(port, request, RATE, 1.0, POLITE)  # warm
    calm = ask_at_rate(port, request, RATE, min(10.0, max(2.0, seconds / 4)), POLITE)
    probes = Probes(port)
    with hostile(port, load, seconds + 1, parts or list(PARTS)), probes:
        found = ask_at_rate(port, request, RATE, seconds, POLITE)
    return Figures(
        seconds,
        *spread(calm),
        *spread(found),
        len(found.of(200)),
        len(found.answers) - len(found.of(200)),
        found.unanswered,
        len(probes.took),
        probes.failed,
        round(percentile(sorted(probes.took), 0.99), 2),
        round(max(probes.took), 2),
        round(peak_memory(process) / (1 << 20), 1),
        round(log.stat().st_size / 1024, 1),
    )


def spread(answers: Answers) -> tuple[float, float]:
    """Median and 99th percentile of what was answered well, in milliseconds."""
    took = answers.of(200) or [float("inf")]
    return round(percentile(took, 0.5), 2), round(percentile(took, 0.99), 2)


def peak_memory(process: int) -> int:
    """Bytes that a process and its children had resident at most."""
    folder = Path(f"/proc/{process}")
    lines = (folder / "status").read_text().splitlines()
    own = 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    children = [text for task in folder.glob("task/*/children") for text in task.read_text().split()]
    return own + sum(peak_memory(int(child)) for child in children)


class Probes:
    """Probes on new connections for as long as the block, on a thread."""

    def __init__(self, port: int) -> None:
        self.took: list[float] = []  # milliseconds
        self.failed = 0
        self._port, self._end = port, threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_error: object) -> None:
        self._end.set()
        self._thread.join()

    def _work(self) -> None:
        number = 0
        while not self._end.wait(PAUSE):
            began = time.perf_counter()
            self.failed += not self._is_well(PROBES[number % len(PROBES)])
            self.took.append(1e3 * (time.perf_counter() - began))
            number += 1

    def _is_well(self, path: str) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=LATE) as connection:
                connection.sendall(
                    f"GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".encode()
                )
                return connection.recv(4096).startswith(b"HTTP/1.1 200")
        except OSError:
            return False


@contextmanager
def hostile(port: int, load: Load, seconds: float, parts: Sequence[str]) -> Iterator[None]:
    """All that is hostile, for as long as the block and at most so many seconds."""
    process = multiprocessing.get_context("spawn").Process(
        target=attack, args=(port, load, seconds, parts), daemon=True
    )
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


def attack(port: int, load: Load, seconds: float, parts: Sequence[str]) -> None:
    """Do the worst for so many seconds."""
    end = time.monotonic() + seconds
    jobs: list[Callable[[], None]] = []
    for part in parts:
        count, job = PARTS[part]
        jobs += [lambda job=job: job(port, load, end)] * count  # type: ignore[misc]
    threads = [threading.Thread(target=keep_at_it, args=(job, end), daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def keep_at_it(job: Callable[[], None], end: float) -> None:
    """Begin again whenever the service ends a connection."""
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            job()
        time.sleep(0.01)


def hold_idle(port: int, _load: Load, end: float) -> None:
    """Keep more connections open than there may be, on which nothing is said."""
    held: dict[int, socket.socket] = {}
    poll = select.epoll()
    try:
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                while len(held) < CONNECTIONS + 100:
                    connection = socket.create_connection(("127.0.0.1", port), timeout=1)
                    held[connection.fileno()] = connection
                    poll.register(connection, select.EPOLLIN)
            for number, _ in poll.poll(0):  # whatever is said, it is refused or over
                held.pop(number).close()
            time.sleep(IDLE_PAUSE)
    finally:
        for connection in held.values():
            connection.close()


def hog_paths(port: int, load: Load, end: float) -> None:
    """Ask for paths again as soon as they are there."""
    request = post(load.hog)
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        while time.monotonic() < end:
            connection.sendall(request)
            head, _, body = receive_head(connection)
            left = int(head.lower().split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0]) - len(body)
            while left > 0:
                left -= len(connection.recv(1 << 18)) or left


def receive_head(connection: socket.socket) -> tuple[bytes, bytes, bytes]:
    """A head, the line between, and what there is of the body."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(1 << 16)
        if not part:
            raise ConnectionResetError
        data += part
    return data.partition(b"\r\n\r\n")


def never_read(port: int, load: Load, end: float) -> None:
    """Ask again and again, and read no answer."""
    request = post(load.large)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", port))
        connection.settimeout(1)
        while time.monotonic() < end:
            with contextlib.suppress(TimeoutError):
                connection.sendall(request)
            time.sleep(0.1)


def send_chunks(port: int, _load: Load, end: float) -> None:
    """Send a body in chunks of one byte, as fast as they are taken."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(
            b"POST /forecast HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        while time.monotonic() < end:
            connection.sendall(CHUNKS)


# How many of each there are.
PARTS: dict[str, tuple[int, Callable[[int, Load, float], None]]] = {
    "idle": (1, hold_idle),
    "hogs": (4, hog_paths),
    "non-readers": (24, never_read),
    "chunks": (4, send_chunks),
}


def main() -> None:
    # Not at the top: attack() is imported by a process of its own, and the test, which make no bundle.
    import torch

    from benchmarks.service import HORIZON, PATCH, serving
    from benchmarks.serving import CONTEXT, make_run
    from forecaster.export.bundle import write_bundle

    parser = argparse.ArgumentParser(description="Polite callers under hostile load.")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--seconds", type=float, default=60.0, help="of hostile load")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts of the load")
    parser.add_argument("options", nargs="*", metavar="OPTION", help="of the service, after --")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    load = Load.of([float(step % 24) for step in range(CONTEXT)], HORIZON)
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "bundle"
        write_bundle(make_run(PATCH, HORIZON), bundle)
        with serving(bundle, "--quiet", *arguments.options) as (port, process, log):
            figures = measure(port, process, log, load, arguments.seconds, arguments.only)
    row = {**asdict(figures), "polite_p99_ratio": round(figures.ratio, 2)}
    print("\n".join(f"{name} {value}" for name, value in row.items()))
    if arguments.json:
        print(json.dumps({"benchmark": "hostile", "rows": [row]}))


if __name__ == "__main__":
    main()
