"""Covariates in a graph, as in model/covariates.py: standardised, with masks of what was observed."""

from forecaster.export.nodes.functions import concat, where
from forecaster.export.nodes.value import Value
from forecaster.weights.weights import Standard


def standardize(standard: Standard, values: Value) -> list[Value]:
    """Return standardised values, 0 where missing, and masks. values and each result: (..., covariate)."""
    observed = values.isfinite()
    scaled = where(observed, (values - standard.location) / standard.scale, 0.0)
    return [scaled, observed.to_float()]


def patches(standard: Standard, values: Value, patch_length: int) -> Value:
    """Standardise patches: (batch, steps × patch, covariate) -> (batch, steps, 2 × patch × covariate).

    Values come before masks.
    """
    width = patch_length * len(standard.location)
    return concat([part.reshape(0, -1, width) for part in standardize(standard, values)], axis=2)
