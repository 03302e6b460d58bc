"""Four times as many requests as can be answered. make test-long goes on for longer: OVERLOAD=60."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from running import Service

from benchmarks.http_load import ask_at_rate, ask_in_turn

Start = Callable[..., Service]
SECONDS = float(os.environ.get("OVERLOAD", "2"))
GROWTH = 50 << 20  # bytes of resident memory
SERIES = 32  # of a request: computing, not HTTP, is what there is too much of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs epoll and /proc of Linux"),
]


def request() -> bytes:
    body = json.dumps({"series": [{"values": list(range(1, 23))}] * SERIES, "horizon": 18}).encode()
    return b"POST /forecast HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


def resident(service: Service) -> int:
    pages = int(Path(f"/proc/{service.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def test_four_times_the_load_is_answered_or_refused_and_soon_forgotten(start: Start) -> None:
    busy = start("--quiet")
    ask_in_turn(busy.port, request(), 8, 0.2)
    capacity = len(ask_in_turn(busy.port, request(), 4, 0.5).of(200)) / 0.5
    before = resident(busy)
    found = ask_at_rate(busy.port, request(), 4 * capacity, SECONDS, 128)
    assert found.unanswered == 0
    assert {status for status, _ in found.answers} == {200, 503}
    assert len(found.of(200)) > SECONDS * capacity / 10
    assert resident(busy) - before < GROWTH
    began = time.monotonic()
    assert ask_in_turn(busy.port, request(), 1, 0).of(200)
    assert time.monotonic() - began < 1


def test_what_was_refused_unread_is_counted(start: Start) -> None:
    busy = start("--queue", "1", "--quiet")
    refused = 0
    for _ in range(20):  # until one comes while others wait
        refused += len(ask_in_turn(busy.port, request(), 16, 0.1).of(503))
        if refused:
            break
    figures = busy.ask("GET", "/metrics")[2].decode().splitlines()
    counted = [
        float(line.split()[1])
        for line in figures
        if line.startswith("forecaster_requests_total") and '"503"' in line
    ]
    assert sum(counted) == refused > 0
