"""Ways of doing the same work, timed in turn on one core, so that a noisy machine is noisy for all."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable


def pin_to_one_core() -> None:
    """Keep to the first core that this process may use (Linux; elsewhere nothing)."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def time_in_turn(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median milliseconds of one call of each way. A B C A B C ..., after a warm-up round."""
    samples: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name, call in ways.items():
            began = time.perf_counter()
            call()
            if turn:
                samples[name].append(1e3 * (time.perf_counter() - began))
    return {name: statistics.median(values) for name, values in samples.items()}
