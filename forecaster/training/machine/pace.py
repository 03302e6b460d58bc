"""The pace of a fit on this machine: threads and precision, as asked for or as a short probe finds."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median

import torch

from forecaster.config import TrainConfig
from forecaster.model.recurrence import recurrent_dtype
from forecaster.training.machine.device import computes_bfloat16

logger = logging.getLogger("forecaster")

DTYPES: dict[str, torch.dtype | None] = {"f32": None, "bf16": torch.bfloat16}
ROUNDS = 3
ENOUGH = 2.0  # seconds to compare two, if they are slow
# More cores, or 8 bits of fraction, have to be worth it; and the same machine should decide alike again.
WORTH_IT = 0.8
WORTH_PROBING = 50  # updates of a fit, below which a probe takes longer than it saves


@dataclass(frozen=True)
class Pace:
    """Threads and precision of every update."""

    threads: int
    precision: str  # of the LSTMs, a name of DTYPES

    @property
    def dtype(self) -> torch.dtype | None:
        """The dtype for `recurrent_dtype`."""
        return DTYPES[self.precision]


def choose_pace(train: TrainConfig, most: int, device: torch.device, backward: Callable[[], None]) -> Pace:
    """Return the pace that `train` asks for; what it leaves open is found by timing `backward`, an update.

    most: threads. A small network is slower on two than on one, which wait for each other at every step.
    """
    on_cpu = device.type == "cpu"
    precision = "f32" if train.precision == "auto" else train.precision
    pace = Pace(train.threads or (1 if on_cpu else most), precision)
    if train.updates < WORTH_PROBING:
        return pace
    if train.precision == "auto" and computes_bfloat16(device):
        pace = _faster(pace, replace(pace, precision="bf16"), backward)
    while train.threads is None and pace.threads < most:
        doubled = replace(pace, threads=min(2 * pace.threads, most))
        if _faster(pace, doubled, backward) == pace:
            break
        pace = doubled
    return pace


def updates_within(seconds: float, pace: Pace, backward: Callable[[], None]) -> int:
    """Return how many updates about take so long, at least 1. backward: an update; the first is a warm-up."""
    _seconds(pace, backward)
    return max(1, int(seconds / _seconds(pace, backward)))


def _faster(pace: Pace, other: Pace, backward: Callable[[], None]) -> Pace:
    """Return the other if it is clearly faster; both are timed in turn, after a warm-up."""
    took: dict[Pace, list[float]] = {pace: [], other: []}
    began = time.perf_counter()
    for turn in range(ROUNDS + 1):
        for each, times in took.items():
            times.append(_seconds(each, backward))
        if turn and time.perf_counter() - began > ENOUGH:
            break
    ours, others = (median(times[1:]) for times in took.values())
    logger.info("an update takes %.1f ms with %s, %.1f ms with %s", 1e3 * ours, pace, 1e3 * others, other)
    return other if others < WORTH_IT * ours else pace


def _seconds(pace: Pace, backward: Callable[[], None]) -> float:
    torch.set_num_threads(pace.threads)
    began = time.perf_counter()
    with recurrent_dtype(pace.dtype):
        backward()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - began
