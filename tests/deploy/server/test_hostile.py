"""Polite callers among hostile ones: none is forgotten, and memory and log stay small.

make test-long lets it last: OVERLOAD=60. How fast it is, is measured: python -m benchmarks.hostile.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from running import Service

from benchmarks.hostile import POLITE, RATE, Load, measure

Start = Callable[..., Service]
SECONDS = float(os.environ.get("OVERLOAD", "3"))
MEMORY, LOG = 200.0, 1024.0  # MiB that are resident at most; KiB
PROCESS = 80.0  # MiB more where the model has a process of its own

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs epoll and /proc of Linux"),
]


@pytest.mark.parametrize("options", [(), ("--isolate",)], ids=["here", "isolated"])
def test_polite_callers_are_answered_and_memory_and_log_stay_small(
    start: Start, options: tuple[str, ...]
) -> None:
    service = start("--quiet", *options)
    load = Load.of([float(step) for step in range(1, 23)], 18)
    found = measure(service.port, service.process.pid, service.log_file, load, SECONDS)
    assert found.polite_answered > 0.9 * RATE * SECONDS
    assert found.polite_unanswered <= POLITE  # connections that came when there was no room
    assert found.memory_mib < MEMORY + PROCESS * bool(options)
    assert found.log_kib < LOG
    assert found.probes_failed == 0
    assert service.process.poll() is None
    assert service.terminate() == 0
