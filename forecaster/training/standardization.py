"""How covariates are standardised: statistics of what trains, kept in the network as constants."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from forecaster.model.covariates import Standardizer
from forecaster.model.network import Network
from forecaster.windows.split import Split


def standardize_covariates(network: Network, parts: Split) -> None:
    """Give the network the statistics of its covariates: over the training rows, or the series that train."""
    panel = parts.train.panel
    row = np.arange(len(panel.values))
    series = np.searchsorted(panel.offsets, row, side="right") - 1
    trains = row < parts.train_ends[series]
    fit_standardizer(network.known, panel.known[trains])
    fit_standardizer(network.past, panel.past[trains])
    fit_standardizer(network.static, panel.static[np.unique(parts.train.series)])


def fit_standardizer(standardizer: Standardizer, values: NDArray[np.float32]) -> None:
    """Mean and deviation of each column, 1 where it is 0. values: (rows, covariate), NaN = missing."""
    values = values.astype(np.float64)
    observed = np.isfinite(values)
    count = np.maximum(observed.sum(0), 1)  # a covariate may be missing throughout
    location = np.where(observed, values, 0.0).sum(0) / count
    scale = np.sqrt((np.where(observed, values - location, 0.0) ** 2).sum(0) / count)
    standardizer.location.copy_(torch.from_numpy(location))
    standardizer.scale.copy_(torch.from_numpy(np.where(scale > 0, scale, 1.0)))
