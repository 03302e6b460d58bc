"""Per-window normalisation: statistics of the observed context, inside the network and its graphs.

Values come in float64, so that no level is too far from 0; what is normalised fits the network's float32. A
graph is shown values less their level instead (deploy/request/levels.py), which comes to the same.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from forecaster.weights.constants import ABSOLUTE_FLOOR, DEVIATION_FLOOR, EXPONENT_LIMIT

# What lies so many scales away is out of all proportion to its context, as when noise is the scale.
FARTHEST = 1e4
# float64 leaves such a share of a level where sums of equal numbers are rounded.
ROUNDING = 1e-13


@dataclass(frozen=True)
class Statistics:
    """Location and scale of each channel of each window, (batch × D, 1); scale 0 marks a constant context."""

    location: Tensor
    scale: Tensor


def observe(values: Tensor, normalization: str) -> tuple[Tensor, Tensor]:
    """Return values with gaps as 0, and the mask of what was observed; logarithms where they are asked for.

    values: (batch, time), NaN = missing. Returns two (batch, time).
    """
    if normalization == "log-last-difference":
        values = torch.where(values > 0, values, torch.nan).log()
    observed = torch.isfinite(values)
    return torch.where(observed, values, 0.0), observed


def statistics(values: Tensor, observed: Tensor, normalization: str, season: int) -> Statistics:
    """Describe each row. values, observed: (batch, time), from `observe`; at least one value observed."""
    mask = observed.to(values.dtype)
    count = mask.sum(1, keepdim=True).clamp(min=1)
    mean = values.sum(1, keepdim=True) / count
    deviation = ((values - mean).square() * mask).sum(1, keepdim=True).div(count).sqrt()
    if normalization == "none":
        location, spread = torch.zeros_like(mean), torch.ones_like(mean)
    elif normalization == "mean-std":
        location, spread = mean, deviation
    else:
        location = _last(values, observed)
        spread = _seasonal_difference(values, mask, season).maximum(DEVIATION_FLOOR * deviation)
    scale = spread.clamp(min=ABSOLUTE_FLOOR)
    highest = torch.where(observed, values, -torch.inf).amax(1, keepdim=True)
    lowest = torch.where(observed, values, torch.inf).amin(1, keepdim=True)
    constant = highest - lowest <= ROUNDING * highest.abs()
    # The level itself, not its rounded mean, is what a constant window forecasts.
    return Statistics(torch.where(constant, highest, location), torch.where(constant, 0.0, scale))


def _last(values: Tensor, observed: Tensor) -> Tensor:
    position = torch.arange(values.shape[1], device=values.device)
    last = torch.where(observed, position, 0).amax(1, keepdim=True)
    return values.gather(1, last)


def _seasonal_difference(values: Tensor, mask: Tensor, season: int) -> Tensor:
    """Return the mean |x_t − x_{t−m}| over the pairs that were both observed; 0 without any. (batch, 1)"""
    if season >= values.shape[1]:
        return torch.zeros_like(values[:, :1])
    both = mask[:, season:] * mask[:, :-season]
    difference = (values[:, season:] - values[:, :-season]).abs() * both
    return difference.sum(1, keepdim=True) / both.sum(1, keepdim=True).clamp(min=1)


def normalize(values: Tensor, observed: Tensor, stats: Statistics) -> Tensor:
    """Return (values − location) / scale where observed, else 0; all 0 in a constant window."""
    divisor = torch.where(stats.scale > 0, stats.scale, 1.0)
    return torch.where(observed, (values - stats.location) / divisor, 0.0)


def normalize_targets(future: Tensor, stats: Statistics, normalization: str) -> Tensor:
    """Return normalised actual values, NaN where they are missing or teach nothing.

    They have no unit after a constant context. future: (batch × D, time), NaN = missing.
    """
    values, observed = observe(future, normalization)
    scaled = normalize(values, observed, stats)
    return torch.where(observed & (stats.scale > 0) & (scaled.abs() <= FARTHEST), scaled, torch.nan)


def denormalize(rows: Tensor, stats: Statistics, normalization: str) -> Tensor:
    """Return normalised rows in data units. rows: (batch, time, quantile)."""
    values = stats.location.unsqueeze(2) + stats.scale.unsqueeze(2) * rows
    if normalization == "log-last-difference":
        return values.clamp(max=EXPONENT_LIMIT).exp()
    return values
