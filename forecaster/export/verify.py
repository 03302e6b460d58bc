"""Parity or no bundle: the graphs, run by deploy.Predictor, against torch in float64."""

from __future__ import annotations

import copy

import numpy as np
import torch
from numpy.typing import NDArray

from deploy.covariates import Covariates
from deploy.errors import BundleError
from deploy.inputs import Request, check_request
from deploy.predictor import Predictor
from forecaster.export.samples import make_sample
from forecaster.model.network import Network
from forecaster.model.window import Window

# A graph may err as much as float32 torch, or a little in units of the forecast's own range.
TIMES_FLOAT32 = 4.0
TOLERANCE = 1e-4
# Of the level; the tolerance times this is 10 × what float32 resolves.
SMALLEST_RANGE = 1e-2
# The two ways through the bundle compute the same.
METHOD_TOLERANCE = 1e-5

Quantiles = NDArray[np.floating]


def verify_bundle(network: Network, predictor: Predictor) -> dict[str, float]:
    """The largest errors over several batches, lengths and horizons. Raises BundleError if too large."""
    exact = copy.deepcopy(network).double()
    manifest = predictor.manifest
    context, patch = manifest.context_length, manifest.patch_length
    worst = {"graph": 0.0, "step_loop": 0.0, "float32_torch": 0.0}
    for lengths in ([context], [1, 2 * context, 3, patch, context + 1], [context - 1] * 70):
        lengths = [max(1, length) for length in lengths]
        for horizon in sorted(
            {1, patch + 1, manifest.horizon, manifest.max_horizon} - {manifest.max_horizon + 1}
        ):
            sample = make_sample(network, manifest, lengths, horizon)
            graph, loop = (
                predictor.forecast(sample.history, horizon, method=method, **sample.arguments).quantiles
                for method in ("graph", "step")
            )
            request = check_request(manifest, sample.history, horizon, Covariates(**sample.arguments))
            window = to_window(request)
            with torch.inference_mode():
                reference = exact.forecast(window.double()).numpy()
                float32 = network.forecast(window).numpy()
            errors = {
                "graph": relative_error(graph, reference),
                "step_loop": relative_error(loop, reference),
                "float32_torch": relative_error(float32, reference),
            }
            worst = {name: max(worst[name], error) for name, error in errors.items()}
            _refuse(errors, f"{len(lengths)} series, horizon {horizon}")
            if np.abs(graph - loop).max() > METHOD_TOLERANCE * np.abs(reference).max():
                raise BundleError("the step loop and forecast.onnx disagree; the bundle was not written")
    return worst


def relative_error(found: Quantiles, reference: Quantiles) -> float:
    """Largest difference in units of each series' own forecast range, of each channel where it is joint.

    Both (batch, horizon, quantile) or (batch, horizon, D, quantile).
    """
    own = (1, -1)
    span = reference.max(axis=own) - reference.min(axis=own)
    level = np.abs(reference).max(axis=own)
    # A range far below the level is unfair to float32, which resolves 1e-7 of the level.
    unit = np.maximum(np.maximum(span, SMALLEST_RANGE * level), np.finfo(np.float32).tiny)
    return float((np.abs(found - reference).max(axis=own) / unit).max())


def to_window(request: Request) -> Window:
    """The tensors of a checked request, for torch."""
    tensors = {**request.history, **request.future}
    named = {name: torch.from_numpy(tensor) for name, tensor in tensors.items()}
    return Window(horizon=request.horizon, **named)


def _refuse(errors: dict[str, float], case: str) -> None:
    allowed = max(TIMES_FLOAT32 * errors["float32_torch"], TOLERANCE)
    for name in ("graph", "step_loop"):
        if not errors[name] <= allowed:
            raise BundleError(
                f"{name} differs from torch by {errors[name]:.2g} of the forecast's range ({case}), allowed "
                f"is {allowed:.2g}; the bundle was not written"
            )
