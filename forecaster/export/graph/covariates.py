"""Covariates in a graph, as in model/covariates.py: standardised, with masks of what was observed."""

from __future__ import annotations

from forecaster.export.nodes.functions import concat, where
from forecaster.export.nodes.value import Value
from forecaster.model.covariates import Standardizer


def standardize(values: Value, standardizer: Standardizer) -> list[Value]:
    """Return standardised values, 0 where missing, and masks. values and each result: (..., covariate)."""
    observed = values.isfinite()
    scaled = where(observed, (values - standardizer.location) / standardizer.scale, 0.0)
    return [scaled, observed.to_float()]


def patches(values: Value, standardizer: Standardizer, patch_length: int) -> Value:
    """(batch, steps × patch, covariate) -> values, then masks: (batch, steps, 2 × patch × covariate)."""
    width = patch_length * len(standardizer.location)
    return concat([part.reshape(0, -1, width) for part in standardize(values, standardizer)], axis=2)
