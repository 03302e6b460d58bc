"""The quantile loss on raw rows: sorted ones would leave nothing that ties row 0.5 to the median."""

from __future__ import annotations

import torch
from torch import Tensor


def pinball(rows: Tensor, truth: Tensor, levels: Tensor, weight: Tensor) -> Tensor:
    """Mean quantile loss over what was observed (Koenker and Bassett, 1978).

    rows: (batch, steps, patch, quantile); truth: (batch, steps, patch), NaN = missing, never counted;
    levels: (quantile,); weight: (batch,), 0 leaves a window out. Returns a scalar, 0 if nothing counts.
    """
    loss, count = pinball_by_step(rows, truth, levels, weight)
    return loss.sum() / count.sum().clamp(min=1)


def pinball_by_step(rows: Tensor, truth: Tensor, levels: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """The sum of the loss in each decoder step and how many values it is of, both (steps,)."""
    counted = torch.isfinite(truth) * weight.view(-1, 1, 1)  # (batch, steps, patch)
    error = torch.where(torch.isfinite(truth), truth, 0.0).unsqueeze(-1) - rows
    loss = torch.maximum(levels * error, (levels - 1) * error).mean(-1)
    return (loss * counted).sum((0, 2)), counted.sum((0, 2))
