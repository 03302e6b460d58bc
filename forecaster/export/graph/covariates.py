"""Covariates in a graph, as in model/covariates.py: standardised, with masks of what was observed."""

from forecaster.export.nodes.functions import concat, where
from forecaster.export.nodes.value import Value
from forecaster.weights.weights import Standard


def standardize(standard: Standard, values: Value, kind: str = "") -> list[Value]:
    """Return standardised values, 0 where missing, and masks. values and each result: (..., covariate).

    kind: a name for the values before that, from which a runtime reads by what they are divided.
    """
    observed = values.isfinite()
    scaled = (values - standard.location) / standard.scale
    if kind:
        scaled.call(kind)
    return [where(observed, scaled, 0.0), observed.to_float()]


def patches(standard: Standard, values: Value, patch_length: int, kind: str = "") -> Value:
    """Standardise patches: (batch, steps × patch, covariate) -> (batch, steps, 2 × patch × covariate).

    Values come before masks. kind: as of standardize.
    """
    width = patch_length * len(standard.location)
    return concat([part.reshape(0, -1, width) for part in standardize(standard, values, kind)], axis=2)
