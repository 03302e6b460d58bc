"""The processor and the C library, set for training: threads, denormal numbers, freed memory."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path

import torch

from forecaster.jobs.freed_memory import keep_freed_memory

CGROUPS = Path("/sys/fs/cgroup")


@contextmanager
def set_for_training(*, keep_memory: bool) -> Iterator[int]:
    """Set fast arithmetic for as long as the context lasts; yields the largest sensible number of threads.

    Gradients vanish over a long history, and a processor is many times slower at numbers below 1e-38 than at
    0, so these are 0 here. Worker threads inherit that if none has run yet. keep_memory lasts for good.
    """
    before = torch.get_num_threads()
    if keep_memory:
        keep_freed_memory()
    torch.set_flush_denormal(True)
    try:
        yield min(before, cpu_budget())  # before: what OMP_NUM_THREADS says, or all cores
    finally:
        torch.set_num_threads(before)
        torch.set_flush_denormal(False)


def cpu_budget(cgroups: Path = CGROUPS) -> int:
    """Return how many cores this process may use: its affinity, the quota of its container, at least 1."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _quota(cgroups)
    return max(1, min(cores, ceil(quota)) if quota else cores)


def _quota(cgroups: Path) -> float | None:
    """Return the cores that a cgroup of version 2 or 1 allows; None without a limit."""
    try:
        if (cgroups / "cpu.max").exists():
            limit, period = (cgroups / "cpu.max").read_text().split()
        else:
            limit, period = (
                (cgroups / "cpu" / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period")
            )
        return float(limit) / float(period) if float(limit) > 0 else None
    except (OSError, ValueError, ZeroDivisionError):  # no cgroups, or "max"
        return None
