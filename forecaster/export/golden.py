"""Golden cases: forecasts of made-up series that a bundle holds, to be replayed on any machine."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deploy import BundleError, Manifest
from deploy.request.covariates import Covariates
from deploy.request.inputs import Request, check_request
from forecaster.export.samples import make_sample
from forecaster.weights.weights import Weights

# Other builds and processors round differently; max|Δ| / max|expected| of each series.
GOLDEN_TOLERANCE = 1e-4

# Quantiles of a request as the graphs take it, without levels: (batch, horizon, [D,] quantile), by the name
# of what gives them: "quantiles", and of several members "step_quantiles", what the loop gives, the first's.
Forecasts = Callable[[Request], dict[str, NDArray[np.float32]]]


def golden_cases(weights: Weights, manifest: Manifest, forecasts: Forecasts) -> dict[str, Any]:
    """Return inputs of forecast.onnx and what is forecast from them, as golden.json holds them.

    With a calendar the last case has no times, unless holidays need them: the int64 that says so must get
    through, too. Raises BundleError for forecasts that are not finite.
    """
    cases = []
    context, patch = manifest.context_length, manifest.patch_length
    for lengths, horizon, left_out in (
        ([context, max(1, context // 2), patch], manifest.horizon, ""),
        ([context], patch + 1, "" if manifest.holidays else "last_timestamp"),
    ):
        sample = make_sample(weights, manifest, lengths, min(horizon, manifest.max_horizon))
        arguments = {name: given for name, given in sample.arguments.items() if name != left_out}
        request = check_request(manifest, sample.history, sample.horizon, Covariates(**arguments))
        made = forecasts(request)
        if not all(np.isfinite(quantiles).all() for quantiles in made.values()):
            raise BundleError("the network forecasts no finite numbers; the bundle was not written")
        inputs, outputs = (
            {name: nested(tensor) for name, tensor in tensors.items()}
            for tensors in (request.tensors(), made)
        )
        cases.append({"inputs": inputs, "outputs": outputs})
    return {"tolerance": GOLDEN_TOLERANCE, "cases": cases}


def nested(array: NDArray[Any]) -> Any:
    """Return nested lists, null where missing; float32 in the fewest digits that give it back."""
    if array.ndim == 0:
        value = array.item()
        if isinstance(value, int):
            return value
        return None if np.isnan(value) else float(str(np.float32(value)))
    return [nested(part) for part in array]
