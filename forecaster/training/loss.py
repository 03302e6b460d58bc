"""The quantile loss on raw rows: sorted ones would leave nothing that ties row 0.5 to the median."""

from __future__ import annotations

import torch
from torch import Tensor


def pinball(rows: Tensor, truth: Tensor, levels: Tensor) -> Tensor:
    """Mean quantile loss over what was observed (Koenker and Bassett, 1978).

    rows: (batch, steps, patch, quantile); truth: (batch, steps, patch), NaN = missing, never counted;
    levels: (quantile,). Returns a scalar, 0 if nothing counts.
    """
    observed = torch.isfinite(truth)
    counted = observed.to(rows.dtype)  # (batch, steps, patch)
    error = torch.where(observed, truth, 0.0).unsqueeze(-1) - rows
    loss = torch.maximum(levels * error, (levels - 1) * error).mean(-1)
    return (loss * counted).sum() / counted.sum().clamp(min=1)
