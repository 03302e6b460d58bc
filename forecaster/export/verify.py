"""Parity or no bundle: the graphs, run by deploy.Predictor, compared with torch in float64."""

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import onnx
import torch
from numpy.typing import NDArray

from deploy import BundleError, Manifest, Predictor
from deploy.bundle.bundle import GRAPHS, Bundle
from deploy.engine.engine import Method
from deploy.request.covariates import Covariates
from deploy.request.inputs import Request, check_request
from forecaster.export.samples import make_sample
from forecaster.model.ensemble import Ensemble
from forecaster.windows.window import Window

# A graph may err as much as float32 torch, or a little in units of the forecast's own range.
TIMES_FLOAT32 = 4.0
TOLERANCE = 1e-4
# Of the level; the tolerance times this is 10 × what float32 resolves.
SMALLEST_RANGE = 1e-2
# The two ways through the bundle compute the same where there is one member.
METHOD_TOLERANCE = 1e-5
METHODS: dict[str, Method] = {"graph": "graph", "step_loop": "step"}

Quantiles = NDArray[np.floating]


@dataclass(frozen=True)
class Reference:
    """The forecast of a sample by torch: (batch, horizon, quantile), or with D before the last axis."""

    exact: NDArray[np.float64]
    float32: NDArray[np.float32]

    @classmethod
    def of(cls, ensemble: Ensemble, exact: Ensemble, window: Window) -> "Reference":
        """Compute the forecast of an ensemble. exact: the same in float64."""
        with torch.inference_mode():
            double, single = exact.forecast(window.double()), ensemble.forecast(window)
        return cls(double.numpy(), single.numpy())


def verify_bundle(ensemble: Ensemble, predictor: Predictor) -> dict[str, float]:
    """Return the largest errors over several batches, lengths and horizons. Raises BundleError if too large.

    The graph is the mean of all members, the step loop the first alone.
    """
    has_members = len(ensemble.networks) > 1
    served = {"graph": ensemble, "step_loop": ensemble.first_alone if has_members else ensemble}
    exact = {way: copy.deepcopy(one).double() for way, one in served.items()}
    worst = {"graph": 0.0, "step_loop": 0.0, "float32_torch": 0.0}
    weights = ensemble.first.weights()
    for lengths, horizon in _sizes(predictor.manifest):
        sample = make_sample(weights, predictor.manifest, lengths, horizon)
        request = check_request(predictor.manifest, sample.history, horizon, Covariates(**sample.arguments))
        window = with_whole_history(predictor.manifest, request)
        references = {way: Reference.of(served[way], exact[way], window) for way in METHODS}
        found = {
            way: predictor.forecast(sample.history, horizon, method=method, **sample.arguments).quantiles
            for way, method in METHODS.items()
        }
        for way, reference in references.items():
            error = relative_error(found[way], reference.exact)
            float32 = relative_error(reference.float32, reference.exact)
            _refuse(way, error, float32, f"{len(lengths)} series, horizon {horizon}")
            worst[way] = max(worst[way], error)
            worst["float32_torch"] = max(worst["float32_torch"], float32)
        apart, largest = (
            np.abs(found["graph"] - found["step_loop"]).max(),
            np.abs(references["step_loop"].exact).max(),
        )
        if not has_members and apart > METHOD_TOLERANCE * largest:
            raise BundleError("the step loop and forecast.onnx disagree; the bundle was not written")
    return worst


def check_models(bundle: Bundle) -> None:
    """Let onnx check the graphs of a bundle, with all their shapes. Raises onnx.checker.ValidationError."""
    for name in GRAPHS:
        onnx.checker.check_model(bundle.files[name], full_check=True)


def _sizes(manifest: Manifest) -> Iterator[tuple[list[int], int]]:
    """Yield lengths of the series, and a horizon."""
    context, patch = manifest.context_length, manifest.patch_length
    horizons = {1, patch + 1, manifest.horizon, manifest.max_horizon} - {manifest.max_horizon + 1}
    for lengths in ([context], [1, 2 * context, 3, patch, context + 1], [context - 1] * 70):
        for horizon in sorted(horizons):
            yield [max(1, length) for length in lengths], horizon


def relative_error(found: Quantiles, reference: Quantiles) -> float:
    """Return the largest difference in units of the range of a series' forecast, channel by channel.

    Both (batch, horizon, quantile) or (batch, horizon, D, quantile).
    """
    own = (1, -1)
    span = reference.max(axis=own) - reference.min(axis=own)
    level = np.abs(reference).max(axis=own)
    # A range far below the level is unfair to float32, which resolves 1e-7 of the level.
    unit = np.maximum(np.maximum(span, SMALLEST_RANGE * level), np.finfo(np.float32).tiny)
    return float((np.abs(found - reference).max(axis=own) / unit).max())


def to_window(request: Request) -> Window:
    """Return the tensors of a checked request, for torch: as a graph sees them, without levels."""
    tensors = {**request.history, **request.future}
    named = {name: torch.from_numpy(tensor) for name, tensor in tensors.items()}
    return Window(horizon=request.horizon, **named)


def with_whole_history(manifest: Manifest, request: Request) -> Window:
    """Return the tensors of a checked request, for torch: histories in data units, float64."""
    left, levels = request.history["history"].astype(np.float64), request.levels[:, None]
    whole = left * levels if manifest.positive else left + levels
    return replace(to_window(request), history=torch.from_numpy(whole))


def _refuse(way: str, error: float, float32: float, case: str) -> None:
    """Raise BundleError for an error that float32 does not explain."""
    allowed = max(TIMES_FLOAT32 * float32, TOLERANCE)
    if not error <= allowed or not math.isfinite(error):
        raise BundleError(
            f"{way} differs from torch by {error:.2g} of the forecast's range ({case}), allowed is "
            f"{allowed:.2g}; the bundle was not written"
        )
