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


def in_blocks(
    ways: dict[str, Callable[[], object]], rounds: int, block: float = 0.1
) -> dict[str, list[float]]:
    """Milliseconds of every call of each way; they run in turn, each for so many seconds: A A A B B B A A A.

    As in a service, a call finds in the caches what the one before it left there.
    """
    samples: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name, call in ways.items():
            call()
            end = time.perf_counter() + block
            while True:
                began = time.perf_counter()
                call()
                now = time.perf_counter()
                if turn:  # the first is a warm-up
                    samples[name].append(1e3 * (now - began))
                if now >= end:
                    break
    return samples
