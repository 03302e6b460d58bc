"""Calendar features of timestamps. Inside the network, so that no second implementation can drift from it."""

import math
from functools import lru_cache

import torch
from torch import Tensor

# A timestamp that is not known: its features are 0, a point that no real time maps to.
MISSING_TIME = -(2**63)
HARMONICS = 4  # sharper shapes than this come from the history itself


def angular_frequencies(period: int, step_seconds: float) -> list[float]:
    """Return 2πk for each wave k of a period that a step can resolve (Nyquist), at most HARMONICS."""
    waves = max(1, min(HARMONICS, int(period / (2 * step_seconds))))
    return [2 * math.pi * k for k in range(1, waves + 1)]


def calendar_width(periods: tuple[int, ...], step_seconds: float) -> int:
    """Count the features of a timestamp: a sine and a cosine for each harmonic."""
    return sum(2 * len(angular_frequencies(period, step_seconds)) for period in periods)


def calendar_features(
    timestamps: Tensor, periods: tuple[int, ...], step_seconds: float, dtype: torch.dtype
) -> Tensor:
    """Return sines and cosines of the time within each period.

    timestamps: int64 (...) seconds of local wall-clock time, MISSING_TIME where unknown.
    Returns (..., calendar_width) of `dtype`, 0 where the time is missing.
    """
    known = (timestamps != MISSING_TIME).to(dtype)
    columns = []
    for period in periods:
        # Integers first: float32 cannot hold seconds since 1970.
        within = torch.remainder(timestamps, period).to(dtype) / period
        waves = _waves(period, step_seconds, dtype, timestamps.device)
        angle = within.unsqueeze(-1) * waves
        columns += [angle.sin(), angle.cos()]
    return torch.cat(columns, dim=-1) * known.unsqueeze(-1)


@lru_cache(maxsize=64)  # else every update would copy them to the device
def _waves(period: int, step_seconds: float, dtype: torch.dtype, device: torch.device) -> Tensor:
    return torch.tensor(angular_frequencies(period, step_seconds), dtype=dtype, device=device)
