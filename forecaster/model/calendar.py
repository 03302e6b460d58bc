"""Calendar features of timestamps. Inside the network, so that no second implementation can drift from it."""

from functools import lru_cache

import torch
from torch import Tensor

from deploy.time.timestep import MISSING_TIME
from forecaster.weights.constants import angular_frequencies


def calendar_features(
    timestamps: Tensor, periods: tuple[int, ...], step_seconds: float, dtype: torch.dtype
) -> Tensor:
    """Return sines and cosines of the time within each period.

    timestamps: int64 (...) seconds of local wall-clock time, MISSING_TIME where unknown: its features are 0,
    a point that no real time maps to.
    Returns (..., calendar_width) of `dtype`.
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
