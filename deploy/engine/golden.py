"""Golden cases: forecasts that were made when the bundle was written, to be replayed on any machine."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..bundle.bundle import GOLDEN, Bundle, Manifest
from ..bundle.contract import FORECAST
from ..bundle.strict_json import parse
from ..errors import BundleError
from ..request.inputs import Request
from ..request.levels import no_levels

# An exporter allows 1e-4; a bundle that allows itself more proves nothing.
MAX_TOLERANCE = 1e-3
MAX_CASES = 64  # each takes a run; an exporter writes two
MAX_SERIES = 64

Quantiles = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """A request as the graphs take it, and the forecast of it."""

    request: Request
    expected: NDArray[
        np.float32
    ]  # (batch, horizon, quantile), of a joint model (batch, horizon, D, quantile)


@dataclass(frozen=True)
class Replay:
    """The result of a replay: all cases were within the tolerance."""

    cases: int
    difference: float  # the largest, of a series' largest value
    tolerance: float


def quantile_shape(manifest: Manifest, batch: int, horizon: int) -> tuple[int, ...]:
    """Return the shape of the quantiles of a forecast."""
    size = len(manifest.channels)
    return (batch, horizon, *([size] if size else []), len(manifest.quantile_levels))


def read_golden(bundle: Bundle, *, by_loop: bool) -> tuple[list[Case], float]:
    """Return the cases and their tolerance. by_loop: expect what the loop gives, the first member's.

    Raises BundleError for what no exporter writes.
    """
    output = "step_quantiles" if by_loop and bundle.manifest.members > 1 else "quantiles"
    try:
        content = parse(bundle.files[GOLDEN])
        if not isinstance(content, dict) or set(content) != {"tolerance", "cases"}:
            raise ValueError("expected cases and a tolerance")
        tolerance, cases = content["tolerance"], content["cases"]
        if type(tolerance) is not float or not 0 < tolerance <= MAX_TOLERANCE:
            raise ValueError(f"its tolerance is {tolerance!r}, expected a number up to {MAX_TOLERANCE}")
        if not isinstance(cases, list) or not 1 <= len(cases) <= MAX_CASES:
            raise ValueError(f"expected 1 to {MAX_CASES} cases")
        return [_read_case(bundle.manifest, case, output) for case in cases], tolerance
    except ValueError as error:
        raise BundleError(f"{bundle.path / GOLDEN} holds no golden cases: {error}") from None


def replay(bundle: Bundle, forecast: Callable[[Request], Quantiles], *, by_loop: bool) -> Replay:
    """Compare what `forecast` gives with what was stored, over time and quantiles.

    by_loop: as for read_golden. Raises BundleError with the first case that differs by more than allowed.
    """
    cases, tolerance = read_golden(bundle, by_loop=by_loop)
    worst = 0.0
    for number, case in enumerate(cases):
        with np.errstate(all="ignore"):
            # A series may forecast nothing but a bound of 0.
            largest = np.abs(case.expected).max(axis=(1, -1)).clip(min=np.finfo(np.float32).tiny)
            apart = np.abs(forecast(case.request) - case.expected).max(axis=(1, -1))
            difference = float((apart / largest).max())
        if not difference <= tolerance:
            raise BundleError(
                f"{bundle.path}: golden case {number} differs by {difference:.2g} "
                f"of a series' largest value, allowed is {tolerance:.2g}"
            )
        worst = max(worst, difference)
    return Replay(len(cases), worst, tolerance)


def _read_case(manifest: Manifest, case: Any, output: str) -> Case:
    """Return one case. output: which of its outputs is expected.

    Raises ValueError unless the case has the tensors of the graph, in shapes that fit each other.
    """
    declared = manifest.graphs[FORECAST]["inputs"]
    inputs, outputs = (case.get(side) if isinstance(case, dict) else None for side in ("inputs", "outputs"))
    if not isinstance(inputs, dict) or not isinstance(outputs, dict) or set(inputs) != set(declared):
        raise ValueError(f"a case does not have the inputs {', '.join(declared)}")
    tensors = {name: _tensor(name, inputs[name], declared[name]["dtype"]) for name in declared}
    steps = tensors.pop("horizon")
    if steps.shape != (1,) or not 1 <= steps[0] <= manifest.max_horizon:
        raise ValueError(
            f"a case has the horizon {inputs['horizon']!r}, expected at most {manifest.max_horizon}"
        )
    time, batch, horizon = manifest.context_length, len(np.atleast_1d(tensors["lengths"])), int(steps[0])
    sizes = {"batch": batch, "time": time, "horizon": horizon}
    for name, tensor in tensors.items():
        shape = tuple(sizes.get(size, size) for size in declared[name]["shape"])
        if tensor.shape != shape:
            raise ValueError(f"{name} of a case has shape {tensor.shape}, expected {shape}")
    lengths = tensors["lengths"]
    if not 1 <= batch <= MAX_SERIES or lengths.min() < 1 or lengths.max() > time:
        raise ValueError(f"a case has the lengths {inputs['lengths']!r}, expected 1 to {time}")
    expected = _tensor(output, outputs.get(output), "float32")
    if expected.shape != quantile_shape(manifest, batch, horizon) or not np.isfinite(expected).all():
        raise ValueError(f"a case has {output} of shape {expected.shape}, or some that are not finite")
    past = {name: tensor for name, tensor in tensors.items() if not name.startswith("future_")}
    future = {name: tensor for name, tensor in tensors.items() if name.startswith("future_")}
    return Case(Request(horizon, past, future, None, no_levels(manifest, batch)), expected)


def _tensor(name: str, values: Any, dtype: str) -> NDArray[Any]:
    """Return an array of nested lists, null is NaN. Raises ValueError for what is no array of numbers."""
    try:
        with np.errstate(all="ignore"):
            return np.array(values, dtype=dtype)
    except (TypeError, OverflowError) as error:
        raise ValueError(f"{name} of a case: {error}") from None
