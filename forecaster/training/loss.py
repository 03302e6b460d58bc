"""The quantile loss of raw rows: if they were sorted, nothing would tie row 0.5 to the median."""

import torch
from torch import Tensor


def pinball(rows: Tensor, truth: Tensor, levels: Tensor) -> Tensor:
    """Return the mean quantile loss over observed values (Koenker and Bassett, 1978).

    rows: (batch, steps, patch, quantile); truth: (batch, steps, patch), NaN = missing, never counted;
    levels: (quantile,). Returns a scalar, 0 if nothing counts.
    """
    loss, count = pinball_by_step(rows, truth, levels)
    return loss.sum() / count.sum().clamp(min=1)


def pinball_by_step(rows: Tensor, truth: Tensor, levels: Tensor) -> tuple[Tensor, Tensor]:
    """Return the sum of the loss in each decoder step and the number of its values, both (steps,)."""
    observed = torch.isfinite(truth)
    counted = observed.to(rows.dtype)  # (batch, steps, patch)
    error = torch.where(observed, truth, 0.0).unsqueeze(-1) - rows
    loss = torch.maximum(levels * error, (levels - 1) * error).mean(-1)
    return (loss * counted).sum((0, 2)), counted.sum((0, 2))
