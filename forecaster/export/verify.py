"""Parity or no bundle: the graphs, run by deploy.Predictor, compared with torch in float64."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from deploy.bundle.bundle import Manifest
from deploy.errors import BundleError
from deploy.predictor import Method, Predictor
from deploy.request.covariates import Covariates
from deploy.request.inputs import Request, check_request
from forecaster.export.samples import make_sample
from forecaster.model.ensemble import mean_forecast
from forecaster.model.network import Network
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
    def of(cls, networks: Sequence[Network], exact: Sequence[Network], window: Window) -> Reference:
        """Compute the mean forecast of some members. exact: the same in float64."""
        with torch.inference_mode():
            double, single = mean_forecast(exact, window.double()), mean_forecast(networks, window)
        return cls(double.numpy(), single.numpy())


def verify_bundle(networks: Sequence[Network], predictor: Predictor) -> dict[str, float]:
    """Return the largest errors over several batches, lengths and horizons. Raises BundleError if too large.

    networks: the members. The graph is the mean of all, the step loop the first.
    """
    exact = [copy.deepcopy(network).double() for network in networks]
    members = {"graph": len(networks), "step_loop": 1}
    worst = {"graph": 0.0, "step_loop": 0.0, "float32_torch": 0.0}
    for lengths, horizon in _sizes(predictor.manifest):
        sample = make_sample(networks[0], predictor.manifest, lengths, horizon)
        request = check_request(predictor.manifest, sample.history, horizon, Covariates(**sample.arguments))
        window = to_window(request)
        references = {n: Reference.of(networks[:n], exact[:n], window) for n in set(members.values())}
        found = {
            way: predictor.forecast(sample.history, horizon, method=method, **sample.arguments).quantiles
            for way, method in METHODS.items()
        }
        for way, count in members.items():
            reference = references[count]
            error = relative_error(found[way], reference.exact)
            float32 = relative_error(reference.float32, reference.exact)
            _refuse(way, error, float32, f"{len(lengths)} series, horizon {horizon}")
            worst[way] = max(worst[way], error)
            worst["float32_torch"] = max(worst["float32_torch"], float32)
        apart, largest = np.abs(found["graph"] - found["step_loop"]).max(), np.abs(references[1].exact).max()
        if len(networks) == 1 and apart > METHOD_TOLERANCE * largest:
            raise BundleError("the step loop and forecast.onnx disagree; the bundle was not written")
    return worst


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
    """Return the tensors of a checked request, for torch."""
    tensors = {**request.history, **request.future}
    named = {name: torch.from_numpy(tensor) for name, tensor in tensors.items()}
    return Window(horizon=request.horizon, **named)


def _refuse(way: str, error: float, float32: float, case: str) -> None:
    """Raise BundleError for an error that float32 does not explain."""
    allowed = max(TIMES_FLOAT32 * float32, TOLERANCE)
    if not error <= allowed:
        raise BundleError(
            f"{way} differs from torch by {error:.2g} of the forecast's range ({case}), allowed is "
            f"{allowed:.2g}; the bundle was not written"
        )
