"""Covariates as the LSTMs see them: standardised, with masks of what was observed."""

import torch
from torch import Tensor, nn


class Standardizer(nn.Module):
    """Mean and deviation of the covariates of one kind in the training rows, kept as constants."""

    location: Tensor  # (covariate,)
    scale: Tensor  # (covariate,) above 0

    def __init__(self, size: int) -> None:
        super().__init__()
        self.register_buffer("location", torch.zeros(size))
        self.register_buffer("scale", torch.ones(size))

    def forward(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Return standardised values, 0 where missing, and masks; each (..., covariate), as the values."""
        observed = torch.isfinite(values)
        scaled = torch.where(observed, (values - self.location) / self.scale, 0.0)
        return scaled, observed.to(scaled.dtype)

    def patches(self, values: Tensor, patch_length: int) -> Tensor:
        """Standardise patches: (batch, steps × patch, covariate) -> (batch, steps, 2 × patch × covariate).

        Values come before masks.
        """
        both = self(values)
        return torch.cat([part.unflatten(1, (-1, patch_length)).flatten(2) for part in both], dim=2)

    def row(self, values: Tensor) -> Tensor:
        """Standardise static numbers: (batch, covariate) -> values, then masks: (batch, 2 × covariate)."""
        return torch.cat(self(values), dim=1)
