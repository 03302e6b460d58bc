"""Interventions: values of a caller in the place of those that sample paths draw."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..bundle.bundle import Manifest
from ..errors import InputError
from ..request.inputs import Request
from ..request.misfits import allowed, is_below

Array = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Draw:
    """The draw of some paths for one step of the horizon, as Predictor.sample_paths hands it to `intervene`.

    Attributes:
        step: Of the horizon, from 0.
        series: (rows,) which series each path is of.
        path: (rows,) its number within the series.
        quantiles: (rows, quantile), of a joint model (rows, D, quantile): of the step, given the patches
            drawn before it, in the data's units.
        values: (rows,), of a joint model (rows, D): those that the paths have if nothing is imposed here.

    Examples:
        >>> at_most = lambda draw: np.minimum(draw.values, 120.0)
        >>> bool((predictor.sample_paths([112.0, 118.0, 132.0], intervene=at_most) <= 120).all())
        True
    """

    step: int  # of the horizon, from 0
    series: NDArray[np.int64]  # (rows,) which series each path is of
    path: NDArray[np.int64]  # (rows,) its number within the series
    quantiles: Array  # (rows, [D,] quantile) of the step given the patches drawn before it, in data units
    values: Array  # (rows[, D]) that the paths have if nothing is imposed here

    def __repr__(self) -> str:
        return f"Draw(step {self.step}, {len(self.path)} paths of {len(set(self.series.tolist()))} series)"


Intervention = Callable[[Draw], NDArray[Any]]


class Fixed:
    """An intervention that imposes given values at given steps."""

    def __init__(self, manifest: Manifest, fixed: Mapping[int, Any], batch: int, horizon: int) -> None:
        """Read fixed: step of the horizon, from 0 -> a number or (batch,); joint (D,) or (batch, D).

        Raises InputError.
        """
        channels = (len(manifest.channels),) if manifest.channels else ()
        self._values: dict[int, Array] = {}
        for step, given in fixed.items():
            if isinstance(step, bool) or not isinstance(step, int | np.integer) or not 0 <= step < horizon:
                raise InputError(f"fixed: steps are whole numbers from 0 to {horizon - 1}, found {step!r}")
            values = np.asarray(given)
            if values.dtype.kind not in "iuf" or values.shape not in {channels, (batch, *channels)}:
                raise InputError(
                    f"fixed, step {step}: expected numbers of shape {channels} or {(batch, *channels)}, "
                    f"found shape {values.shape} of {values.dtype}"
                )
            _refuse(values, manifest, f"fixed, step {step}")
            self._values[int(step)] = np.broadcast_to(values, (batch, *channels)).astype(np.float64)

    def __call__(self, draw: Draw) -> Array:
        """Return the given values at their steps, and those of the draw elsewhere: an Intervention."""
        given = self._values.get(draw.step)
        return draw.values if given is None else given[draw.series]


def impose(
    manifest: Manifest, request: Request, fixed: Mapping[int, Any] | None, intervene: Intervention | None
) -> Intervention | None:
    """Return one intervention that imposes the fixed values, then those of a function; None for neither.

    Raises InputError; what it returns does, too.
    """
    what_if = Fixed(manifest, fixed, len(request), request.horizon) if fixed else None
    present = [intervention for intervention in (what_if, intervene) if intervention is not None]
    if not present:
        return None

    def impose_all(draw: Draw) -> Array:
        for intervention in present:
            values = _checked(intervention(draw), draw, manifest)
            draw = replace(draw, values=values)
        return draw.values

    return impose_all


def _checked(values: Any, draw: Draw, manifest: Manifest) -> Array:
    """Return the values. Raises InputError unless they can take the place of what was drawn."""
    array, expected = np.asarray(values), draw.values.shape
    if array.shape != expected or array.dtype.kind not in "iuf":
        found = f"shape {array.shape} of {array.dtype}"
        raise InputError(f"an intervention must return numbers of shape {expected}, found {found}")
    _refuse(array, manifest, "what an intervention returned")
    return array.astype(np.float64)


def _refuse(values: NDArray[Any], manifest: Manifest, what: str) -> None:
    """Raise InputError for the first value that no series of the model can have."""
    with np.errstate(invalid="ignore"):
        is_finite = np.abs(values) <= np.finfo(np.float32).max
        bad = ~is_finite | is_below(manifest, values)
    if bad.any():
        bounded = manifest.positive or manifest.lower is not None
        kind = f"finite{f' and {allowed(manifest)}' if bounded else ''}"
        raise InputError(f"{what}: expected numbers {kind}, found {float(values[bad].flat[0]):g}")
